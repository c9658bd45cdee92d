import type { Bytes } from '../../vocabulary.ts'
import { readElement, INTEGER, isPositiveInteger, soleElement, SEQUENCE } from './der.ts'

// Keys on elliptic curves and their signatures, as eduMFA's app has them: SubjectPublicKeyInfo (RFC 5480) and ECDSA in
// DER (RFC 3279), which Web Crypto takes as r and s side by side. Source: docs/protocol.md, "eduMFA".

export interface Curve {
  readonly name: 'P-256' | 'P-384'
  /** Of a coordinate, and of each of a signature's two numbers. */
  readonly coordinateBytes: number
  /** All of a key's SubjectPublicKeyInfo but its point: algorithm, curve, and the lengths that follow from them. */
  readonly spkiPrefix: readonly number[]
}

const EC_PUBLIC_KEY = [6, 7, 42, 134, 72, 206, 61, 2, 1]

const CURVES: readonly Curve[] = [
  {
    name: 'P-256',
    coordinateBytes: 32,
    spkiPrefix: [48, 89, 48, 19, ...EC_PUBLIC_KEY, 6, 8, 42, 134, 72, 206, 61, 3, 1, 7, 3, 66, 0],
  },
  {
    name: 'P-384',
    coordinateBytes: 48,
    spkiPrefix: [48, 118, 48, 16, ...EC_PUBLIC_KEY, 6, 5, 43, 129, 4, 0, 34, 3, 98, 0],
  },
]

/** Before a point whose two coordinates are both written out, as every phone does. */
const UNCOMPRESSED = 4

/** The curve of a public key in SubjectPublicKeyInfo form, if it is one of those a phone may use; undefined for any other
 *  bytes. Whether the point is on it is for Web Crypto to say. */
export const curveOf = (spki: Bytes): Curve | undefined =>
  CURVES.find(
    ({ spkiPrefix: head, coordinateBytes: bytes }) =>
      spki.length === head.length + 1 + 2 * bytes &&
      head.every((byte, at) => spki[at] === byte) &&
      spki[head.length] === UNCOMPRESSED,
  )

/** The signature as Web Crypto verifies it, r and s each as long as the curve's numbers are.
 *  Undefined for what is not the one DER spelling of two positive numbers of at most that length: with other spellings
 *  beside it, whoever holds a signature could make a second one of it. */
export function rawEcdsaSignature(der: Bytes, { coordinateBytes: bytes }: Curve): Bytes | undefined {
  const numbers = soleElement(der, SEQUENCE)
  const r = numbers && readElement(numbers, 0, INTEGER)
  const s = numbers && r && soleElement(numbers.slice(r.end), INTEGER)
  if (r === undefined || s === undefined || !isPositiveInteger(r.content) || !isPositiveInteger(s)) return undefined
  const raw = new Uint8Array(2 * bytes)
  for (const [half, number] of [r.content, s].entries()) {
    const digits = number[0] === 0 ? number.slice(1) : number
    if (digits.length > bytes) return undefined
    raw.set(digits, (half + 1) * bytes - digits.length)
  }
  return raw
}
