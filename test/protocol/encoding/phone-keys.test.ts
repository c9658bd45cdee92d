import { generateKeyPairSync } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBase64 } from '../../../src/bytes.ts'
import { DIALECTS } from '../../../src/protocol/phone/dialect.ts'
import {
  verifySignature,
  pkcs1FromSpki,
  parsePhoneKey,
  spkiFromPkcs1,
} from '../../../src/protocol/encoding/phone-keys.ts'
import type { Bytes } from '../../../src/vocabulary.ts'
import { exchange, fromBase64, publicHalf, recording, signedBy } from '../recordings.ts'

const pem = recording('03-enroll-step2').keys['phone1'] ?? ''
const spki = publicHalf(pem)

const made = (bits: number, exponent = 65537): Bytes => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: bits, publicExponent: exponent })
  return new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
}

/** The key with another exponent: the last bytes of the key. */
const withExponent = (...exponent: number[]): Bytes => {
  const changed = spki.slice()
  changed.set(exponent, changed.length - exponent.length)
  return changed
}

const { keyKinds: kinds } = DIALECTS.push

const why = async (bytes: Bytes) => {
  const read = await parsePhoneKey(encodeBase64(bytes), kinds)
  return read.ok ? undefined : read.refusal
}
const malformed = { reason: 'phone_key_invalid', why: 'not an RSA key in SubjectPublicKeyInfo form' }

/** An element of DER: its tag, the length of its content, its content. */
function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts)
  const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 255]
  return Buffer.concat([Uint8Array.of(tag, ...length), content])
}
const positive = (digits: Uint8Array) =>
  der(2, (digits[0] ?? 0) < 128 ? digits : Buffer.concat([Uint8Array.of(0), digits]))

/** A public key that nobody has the private key of. */
const madeUp = (modulus: Uint8Array, exponent: Uint8Array) =>
  spkiFromPkcs1(new Uint8Array(der(0x30, positive(modulus), positive(exponent))))

describe("a phone's key", () => {
  it('is read as the app sends it, in the URL-safe alphabet, and with spaces', async () => {
    const sent = exchange('03-enroll-step2', 'ok').request.body?.['pubkey'] ?? ''
    const standard = encodeBase64(spki)
    for (const text of [sent, standard, standard.replaceAll('+', ' '), standard.replace(/=+$/, '')]) {
      expect(await parsePhoneKey(text, kinds)).toEqual({ ok: true, value: { spki } })
    }
  })

  it('verifies the signatures of its phone', async () => {
    const key = encodeBase64(spki)
    expect(await verifySignature(key, 'N|S', signedBy(pem, 'N|S'))).toBe(true)
    expect(await verifySignature(key, 'N|T', signedBy(pem, 'N|S'))).toBe(false)
    expect(await verifySignature('no key!', 'N|S', signedBy(pem, 'N|S'))).toBe(false)
  })

  it('may have the exponent 3, and 3072 bits', async () => {
    const key = made(3072, 3)
    expect(await parsePhoneKey(encodeBase64(key), kinds)).toEqual({ ok: true, value: { spki: key } })
  })

  it.each(['not a key!', '', 'A', '====', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'])(
    'is not %j',
    async (text) => {
      expect(await parsePhoneKey(text, kinds)).toEqual({
        ok: false,
        refusal: { reason: 'phone_key_invalid', why: 'not base64' },
      })
    },
  )

  it('is refused if it is too short', async () => {
    expect(await why(made(1024))).toEqual({ reason: 'phone_key_invalid', why: '1024 bits, expected 2048 to 4096' })
  })

  it('is refused if it is too long', async () => {
    const refusal = (bytes: number) => why(madeUp(new Uint8Array(bytes).fill(255), Uint8Array.of(1, 0, 1)))
    expect(await refusal(513)).toEqual({ reason: 'phone_key_invalid', why: '4104 bits, expected 2048 to 4096' })
    expect(await refusal(512)).toBeUndefined()
    expect(await refusal(255)).toEqual({ reason: 'phone_key_invalid', why: '2040 bits, expected 2048 to 4096' })
  })

  it.each([
    ['1', [1], false],
    ['even', [2], false],
    ['3', [3], true],
    ['of 32 bits', [255, 255, 255, 255], true],
    ['of 33 bits', [1, 0, 0, 0, 1], false],
  ])('with an exponent that is %s is read: %s', async (_, exponent, isFit) => {
    const refusal = await why(madeUp(new Uint8Array(256).fill(255), Uint8Array.from(exponent)))
    expect(refusal === undefined).toBe(isFit)
  })

  it('is refused if modulus or exponent is insecure', async () => {
    expect(await why(withExponent(2, 3, 1, 0, 0))).toEqual({ reason: 'phone_key_invalid', why: 'unusable exponent' })
    const even = spki.slice()
    const last = even.length - 6
    even[last] = (even[last] ?? 0) & 0xfe
    expect(await why(even)).toEqual({ reason: 'phone_key_invalid', why: 'even modulus' })
  })

  it('is refused in any other encoding', async () => {
    const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
      type: 'spki',
      format: 'der',
    })
    const longer = new Uint8Array([...spki, 0])
    for (const bytes of [
      new Uint8Array(elliptic),
      pkcs1FromSpki(spki),
      longer,
      spki.slice(0, -1),
      withExponent(0x80, 0, 1),
    ]) {
      expect(await why(bytes)).toEqual(malformed)
    }
  })

  it('never makes the parser throw', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(spki.length - 1), fc.nat(255), async (at, byte) => {
        const changed = spki.slice()
        changed[at] = byte
        const read = await parsePhoneKey(encodeBase64(changed), kinds)
        expect(read.ok || read.refusal.reason === 'phone_key_invalid').toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

describe('the two encodings of a public key', () => {
  it('convert into each other', () => {
    for (const key of [spki, made(2048, 3)]) expect(spkiFromPkcs1(pkcs1FromSpki(key))).toEqual(key)
    expect(() => pkcs1FromSpki(Uint8Array.of(1, 2))).toThrow(TypeError)
  })

  it('are those of Node and privacyIDEA', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const wrapped = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
    expect(pkcs1FromSpki(wrapped)).toEqual(new Uint8Array(publicKey.export({ type: 'pkcs1', format: 'der' })))
    const recorded = exchange('03-enroll-step2', 'ok').response.json?.detail?.['public_key']
    expect(await parsePhoneKey(encodeBase64(spkiFromPkcs1(fromBase64(String(recorded)))), kinds)).toMatchObject({
      ok: true,
    })
  })
})
