import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { encodeBase32 } from '../../../src/protocol/encoding/base32.ts'
import { DIALECTS } from '../../../src/protocol/phone/dialect.ts'
import { parsePhonePoll, phonePostParser } from '../../../src/protocol/phone/phone-request.ts'
import {
  answerText,
  capabilitiesText,
  pollText,
  promptText,
  refreshText,
} from '../../../src/protocol/phone/signed-texts.ts'
import { type Exchange, recording, type Recording, signedBy } from '../recordings.ts'

const files = readdirSync(new URL('../../golden/', import.meta.url))
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''))

/** The texts that the phone may have signed in this exchange, as our code composes them. */
function texts(exchange: Exchange, nonces: readonly string[]): string[] {
  const { method, path, query, body } = exchange.request
  if (path !== '/ttype/push' || exchange.response.status !== 200) return []
  if (method === 'GET') {
    const poll = parsePhonePoll(query ?? {})
    return poll.ok ? [pollText(poll.value.serial, poll.value.timestamp)] : []
  }
  const said = phonePostParser(DIALECTS.push)(body ?? {})
  if (!said.ok || exchange.response.json?.result.value !== true || said.value.kind === 'register') return []
  const { value } = said
  if (value.kind === 'refresh') return [refreshText(value.registrationToken, value.serial, value.timestamp)]
  return nonces.map((nonce) => answerText(nonce, value.serial, value))
}

function noncesIn({ fcm, exchanges }: Recording): string[] {
  const polled = exchanges.flatMap(({ response }) => {
    const value = response.json?.result?.value
    return Array.isArray(value) ? value : []
  })
  const prompts: Readonly<Record<string, string>>[] = [...fcm.map((sent) => sent.body.message.data), ...polled]
  return prompts.flatMap((prompt) => prompt['nonce'] ?? [])
}

describe('the text that a phone signs', () => {
  it.each(files)('is the one that was signed in %s', (name) => {
    const recorded = recording(name)
    const nonces = noncesIn(recorded)
    for (const exchange of recorded.exchanges) {
      const candidates = texts(exchange, nonces)
      const signature = (exchange.request.query ?? exchange.request.body)?.['signature']
      const pems = Object.values(recorded.keys)
      const found = candidates.some((text) => pems.some((pem) => encodeBase32(signedBy(pem, text)) === signature))
      expect(candidates.length === 0 || found, exchange.label).toBe(true)
    }
  })

  it('is in enough recordings to compare', () => {
    const counted = ['06-accept-finalize', '07-decline', '09-poll', '10-fbtoken-update'].map((name) => {
      const recorded = recording(name)
      return recorded.exchanges.filter((one) => texts(one, noncesIn(recorded)).length > 0).length
    })
    expect(Math.min(...counted)).toBeGreaterThanOrEqual(3)
  })

  it('has its parts in a fixed order, and no bar for an absent part', () => {
    expect(answerText('N', 'S', { decline: false })).toBe('N|S')
    expect(answerText('N', 'S', { decline: false, presence: 'M' })).toBe('N|S|M')
    expect(answerText('N', 'S', { decline: true })).toBe('N|S|decline')
    expect(answerText('N', 'S', { decline: true, reason: 'cancelled' })).toBe('N|S|decline|cancelled')
    expect(answerText('N', 'S', { decline: true, reason: 'cancelled', presence: 'M' })).toBe('N|S|decline|cancelled|M')
    expect(answerText('N', 'S', { decline: false, reason: 'cancelled' })).toBe('N|S')
  })
})

describe('the text that the server signs', () => {
  const parts = {
    nonce: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
    url: 'https://mfa.example.org/ttype/push',
    serial: 'PIPU0006EF85',
    question: 'Do you want to confirm the login?',
    title: 'privacyIDEA',
    sslVerify: true,
  }
  const text =
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567|https://mfa.example.org/ttype/push|PIPU0006EF85|Do you want to confirm the login?|privacyIDEA|1'

  it('is the prompt, with the options if there are any', () => {
    expect(promptText(parts)).toBe(text)
    expect(promptText({ ...parts, sslVerify: false })).toBe(text.replace(/1$/, '0'))
    expect(promptText({ ...parts, options: ['C', 'X', 'M'] })).toBe(`${text}|C,X,M`)
  })

  it('is canonical JSON of the capabilities and the nonce', () => {
    expect(capabilitiesText('ABC')).toBe('{"capabilities":{"decline_reason":true},"nonce":"ABC"}')
  })
})
