import { createPublicKey, createSign, generateKeyPairSync, sign } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBase64 } from '../../../src/bytes.ts'
import { DIALECTS } from '../../../src/protocol/phone/dialect.ts'
import { curveOf, rawEcdsaSignature } from '../../../src/protocol/encoding/elliptic-curves.ts'
import { verifySignature, parsePhoneKey } from '../../../src/protocol/encoding/phone-keys.ts'
import type { Bytes } from '../../../src/vocabulary.ts'

const { keyKinds: kinds } = DIALECTS.edupush

const pairOn = (namedCurve: string) => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve })
  return { privateKey, publicKey, spki: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })) }
}
const CURVES = ['P-256', 'P-384'] as const
const pairs = { 'P-256': pairOn('P-256'), 'P-384': pairOn('P-384') }

/** Signs with Node's crypto, in this encoding. */
const signedOn = (curve: (typeof CURVES)[number], text: string, dsaEncoding: 'der' | 'ieee-p1363' = 'der'): Bytes =>
  new Uint8Array(sign('sha256', Buffer.from(text), { key: pairs[curve].privateKey, dsaEncoding }))

const whyNot = async (spki: Bytes) => {
  const read = await parsePhoneKey(encodeBase64(spki), kinds)
  return read.ok ? undefined : read.refusal
}

describe('a key on an elliptic curve', () => {
  it.each(CURVES)('is accepted on %s', async (curve) => {
    const { spki } = pairs[curve]
    expect(curveOf(spki)?.name).toBe(curve)
    expect(await parsePhoneKey(encodeBase64(spki), kinds)).toEqual({ ok: true, value: { spki } })
  })

  it.each(CURVES)('verifies the signatures of its phone on %s, and no others', async (curve) => {
    const key = encodeBase64(pairs[curve].spki)
    const signature = signedOn(curve, 'N|S')
    expect(await verifySignature(key, 'N|S', signature)).toBe(true)
    expect(await verifySignature(key, 'N|S|decline', signature)).toBe(false)
    expect(await verifySignature(encodeBase64(pairOn(curve).spki), 'N|S', signature)).toBe(false)
    expect(await verifySignature(key, 'N|S', signedOn(curve, 'N|S', 'ieee-p1363'))).toBe(false)
  })

  it('is refused for the app of privacyIDEA', async () => {
    expect((await parsePhoneKey(encodeBase64(pairs['P-256'].spki), DIALECTS.push.keyKinds)).ok).toBe(false)
  })

  it.each(['secp256k1', 'P-521', 'P-224', 'brainpoolP256r1'])('is refused on %s', async (curve) => {
    expect(await whyNot(pairOn(curve).spki)).toEqual({
      reason: 'phone_key_invalid',
      why: 'not an RSA key or a key on P-256 or P-384 in SubjectPublicKeyInfo form',
    })
  })

  it('is refused if its point is not on its curve', async () => {
    const { spki } = pairs['P-256']
    const off = spki.slice()
    off[off.length - 1] = (off.at(-1) ?? 0) ^ 1
    const zero = spki.slice().fill(0, 27)
    for (const bytes of [off, zero]) {
      expect(await whyNot(bytes)).toEqual({ reason: 'phone_key_invalid', why: 'refused by the cryptography here' })
    }
  })

  it('is refused in any other encoding', async () => {
    const { spki, publicKey } = pairs['P-256']
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    const point = Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
    const odd = ((point.at(-1) ?? 0) & 1) === 1
    const compressed = new Uint8Array([...spki.slice(0, 26), odd ? 3 : 2, ...point.subarray(0, 32)])
    for (const bytes of [compressed, new Uint8Array([...spki, 0]), spki.slice(0, -1), spki.slice(26)]) {
      expect((await whyNot(bytes))?.reason).toBe('phone_key_invalid')
    }
    expect(createPublicKey({ key: Buffer.from(spki), type: 'spki', format: 'der' }).asymmetricKeyType).toBe('ec')
  })
})

describe('a signature in DER', () => {
  it.each(CURVES)('is converted to the form of Web Crypto on %s', (curve) => {
    const found = curveOf(pairs[curve].spki)
    if (found === undefined) throw new Error('no curve')
    // Among this many are short numbers, and numbers that need a leading zero.
    for (let count = 0; count < 300; count++) {
      const der = signedOn(curve, `text ${count}`)
      const raw = rawEcdsaSignature(der, found)
      expect(raw).toHaveLength(2 * found.coordinateBytes)
      const again = raw ?? new Uint8Array()
      expect(derOf(again.slice(0, found.coordinateBytes), again.slice(found.coordinateBytes))).toEqual(der)
    }
  })

  it('verifies with other libraries', () => {
    const signer = createSign('sha256').update('N|S')
    expect(rawEcdsaSignature(new Uint8Array(signer.sign(pairs['P-256'].privateKey)), P256)).toHaveLength(64)
  })

  it.each<[string, readonly number[]]>([
    ['nothing', []],
    ['r and s side by side', Array<number>(64).fill(1)],
    ['two zeros', [48, 6, 2, 1, 0, 2, 1, 0]],
    ['two numbers without digits', [48, 4, 2, 0, 2, 0]],
    ['one number', [48, 3, 2, 1, 1]],
    ['three numbers', [48, 9, 2, 1, 1, 2, 1, 1, 2, 1, 1]],
    ['a negative number', [48, 6, 2, 1, 0x80, 2, 1, 1]],
    ['a zero too many', [48, 7, 2, 2, 0, 1, 2, 1, 1]],
    ['a length in two bytes that fits one', [48, 0x81, 6, 2, 1, 1, 2, 1, 1]],
    ['a number whose length takes two bytes', [48, 7, 2, 0x81, 1, 1, 2, 1, 1]],
    ['an indefinite length', [48, 0x80, 2, 1, 1, 2, 1, 1, 0, 0]],
    ['a length of four bytes', [48, 0x84, 0xff, 0xff, 0xff, 0xff, 2, 1, 1, 2, 1, 1]],
    ['something behind it', [48, 6, 2, 1, 1, 2, 1, 1, 0]],
    ['a SET', [49, 6, 2, 1, 1, 2, 1, 1]],
    ['a number longer than the curve', [48, 38, 2, 33, 1, ...Array<number>(32).fill(0), 2, 1, 1]],
  ])('is not %s', (_, bytes) => {
    expect(rawEcdsaSignature(new Uint8Array(bytes), P256)).toBeUndefined()
  })

  it('has one encoding: no other bytes give the same numbers', () => {
    const der = signedOn('P-256', 'N|S')
    const raw = rawEcdsaSignature(der, P256)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(der.length), fc.nat(8), (bytes, at, gone) => {
        const other = new Uint8Array([...der.slice(0, at), ...bytes, ...der.slice(at + gone)])
        fc.pre(Buffer.compare(other, der) !== 0)
        expect(rawEcdsaSignature(other, P256)).not.toEqual(raw)
      }),
      { numRuns: 500 },
    )
  })
})

const P256 = (() => {
  const curve = curveOf(pairs['P-256'].spki)
  if (curve === undefined) throw new Error('no curve')
  return curve
})()

/** Encodes DER independently of src. */
function derOf(...numbers: readonly Uint8Array[]): Bytes {
  const content = numbers.flatMap((number) => {
    const hex = BigInt(`0x${Buffer.from(number).toString('hex')}`).toString(16)
    const digits = [...Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')]
    const positive = (digits[0] ?? 0) < 0x80 ? digits : [0, ...digits]
    return [2, positive.length, ...positive]
  })
  return new Uint8Array([48, ...(content.length < 0x80 ? [] : [0x81]), content.length, ...content])
}
