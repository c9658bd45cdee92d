import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBase64 } from '../../../src/bytes.ts'
import { decodeBase32 } from '../../../src/protocol/encoding/base32.ts'
import { DIALECTS } from '../../../src/protocol/phone/dialect.ts'
import { verifySignature, spkiFromPkcs1 } from '../../../src/protocol/encoding/phone-keys.ts'
import { clip, clipTexts, composePrompt, messageOverhead, type Prompt } from '../../../src/protocol/phone/prompt.ts'
import { capabilitiesText, promptText } from '../../../src/protocol/phone/signed-texts.ts'
import { fromBase64, recording } from '../recordings.ts'

const partsOf = (data: Readonly<Record<string, string>>) => ({
  nonce: data['nonce'] ?? '',
  url: data['url'] ?? '',
  serial: data['serial'] ?? '',
  question: data['question'] ?? '',
  title: data['title'] ?? '',
  sslVerify: data['sslverify'] === '1',
  options: data['require_presence']?.split(','),
})

describe('a prompt', () => {
  it.each(['06-accept-finalize', '12-presence'])('is composed and signed as privacyIDEA does in %s', async (name) => {
    const { fcm, tokens } = recording(name)
    expect(fcm.length).toBeGreaterThan(0)
    for (const sent of fcm) {
      const { data } = sent.body.message
      const token = tokens.find((one) => one.serial === data['serial'])
      const key = spkiFromPkcs1(fromBase64(token?.server_public_key ?? ''))
      const recorded = new Map([
        [promptText(partsOf(data)), decodeBase32(data['signature'] ?? '')],
        [capabilitiesText(data['nonce'] ?? ''), decodeBase32(data['capabilities_signature'] ?? '')],
      ])
      for (const [text, signature] of recorded) {
        expect(await verifySignature(encodeBase64(key), text, signature ?? new Uint8Array())).toBe(true)
      }
      const composed = await composePrompt(
        DIALECTS.push,
        partsOf(data),
        async (text) => recorded.get(text) ?? new Uint8Array(),
      )
      expect(composed).toEqual(data)
    }
  })

  it('without number matching has no options and no version', async () => {
    const parts = { nonce: 'N', url: 'https://x/', serial: 'S', question: 'Q', title: 'T', sslVerify: false }
    const prompt: Prompt = await composePrompt(DIALECTS.push, parts, async () => new Uint8Array(256))
    expect(Object.keys(prompt).toSorted()).toEqual([
      'capabilities',
      'capabilities_signature',
      'nonce',
      'question',
      'serial',
      'signature',
      'sslverify',
      'title',
      'url',
    ])
  })
})

describe('a prompt for eduMFA', () => {
  it('has six fields and one signature', async () => {
    const parts = { nonce: 'N', url: 'https://x/', serial: 'S', question: 'Q', title: 'T', sslVerify: true }
    const signed: string[] = []
    const prompt = await composePrompt(DIALECTS.edupush, parts, async (text) => {
      signed.push(text)
      return new Uint8Array(5)
    })
    expect(signed).toEqual(['N|https://x/|S|Q|T|1'])
    const { sslVerify: _, ...shown } = parts
    expect(prompt).toEqual({ ...shown, sslverify: '1', signature: 'AAAAAAAA' })
  })

  it('has more room for its texts, by one signature', () => {
    expect(messageOverhead(DIALECTS.push, message) - messageOverhead(DIALECTS.edupush, message)).toBe(824)
  })
})

const message = {
  url: 'https://mfa.example.org/ttype/push',
  serial: 'PIPU0006EF85',
  keyBits: 4096,
  registrationToken: 'x'.repeat(180),
  options: ['A', 'B', 'C'],
}

/** The body of docs/protocol.md, "FCM message". */
async function bytesSent(texts: { title: string; question: string }): Promise<number> {
  const sign = async () => new Uint8Array(message.keyBits / 8)
  const data = await composePrompt(
    DIALECTS.push,
    { ...message, ...texts, nonce: 'A'.repeat(64), sslVerify: true },
    sign,
  )
  const shown = { title: texts.title, body: texts.question }
  const android = { priority: 'HIGH', ttl: '120s', fcm_options: { analytics_label: 'AndroidPushToken' } }
  const headers = {
    'apns-priority': '10',
    'apns-push-type': 'alert',
    'apns-collapse-id': 'privacyidea.pushtoken',
    'apns-expiration': '1764000000',
  }
  const aps = { alert: shown, sound: 'default', category: 'PUSH_AUTHENTICATION' }
  const apns = { headers, payload: { aps }, fcm_options: { analytics_label: 'iOSPushToken' } }
  const body = { message: { token: message.registrationToken, data, notification: shown, android, apns } }
  return new TextEncoder().encode(JSON.stringify(body)).length
}

describe('the texts of a prompt', () => {
  it('keep an FCM message within 4,096 bytes, whatever they are', async () => {
    const room = messageOverhead(DIALECTS.push, message)
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.string({ unit: fc.constantFrom('a', '"', '\\', 'é', '漢', '\u{1f469}\u200d\u{1f680}'), maxLength: 1500 }),
        async (title, question) => {
          expect(await bytesSent(clipTexts({ title, question }, room))).toBeLessThanOrEqual(4_096)
        },
      ),
      { numRuns: 30 },
    )
    const longest = clipTexts({ title: 't'.repeat(999), question: 'q'.repeat(9_999) }, room)
    expect(await bytesSent(longest)).toBeGreaterThan(3_800)
  })

  it('stay unchanged if there is room', () => {
    const texts = { title: 'Nod', question: 'Log in at "vpn" as Ada, für immer?' }
    expect(clipTexts(texts, messageOverhead(DIALECTS.push, message))).toEqual(texts)
  })

  it('lose bars, control characters and marks that change the writing direction', () => {
    const question = 'a|b\u0000c\r\nd\u202ee\u2066f\ud800'
    expect(clipTexts({ title: '|', question }, 2_000)).toEqual({ title: '¦', question: 'a¦bc def\ufffd' })
  })

  it('end with what tells them from others, of which nothing is cut', () => {
    const texts = { title: 'Nod', question: 'q'.repeat(999), distinction: '(service v|pn, at 14:05:12)' }
    const { question } = clipTexts(texts, messageOverhead(DIALECTS.push, message))
    expect(question).toMatch(/^q+… \(service v¦pn, at 14:05:12\)$/)
    const plain = clipTexts({ title: 'Nod', question: 'q'.repeat(999) }, messageOverhead(DIALECTS.push, message))
    expect(new TextEncoder().encode(question).length).toBe(new TextEncoder().encode(plain.question).length)
    expect(clipTexts({ ...texts, question: 'Log in?' }, 1000).question).toBe('Log in? (service v¦pn, at 14:05:12)')
    expect(clipTexts(texts, 5_000)).toEqual({ title: '', question: '' })
  })

  it('are cut between characters, with an ellipsis', () => {
    expect(clip('abcdef', 6)).toBe('abcdef')
    expect(clip('abcdefg', 6)).toBe('abc…')
    expect(clip('ab cdefg', 6)).toBe('ab…')
    expect(clip('"""', 5)).toBe('"…')
    expect(clip('\u{1f469}\u200d\u{1f680}x\u{1f469}\u200d\u{1f680}', 16)).toBe('\u{1f469}\u200d\u{1f680}x…')
    expect(clip('abc', 2)).toBe('')
  })

  it('become empty if there is no room for them', () => {
    expect(clipTexts({ title: 'T', question: 'Q' }, 5_000)).toEqual({ title: '', question: '' })
  })
})
