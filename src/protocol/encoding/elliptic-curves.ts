import type { Bytes } from '../../vocabulary.ts'
import { readElement, INTEGER, isPositiveInteger, soleElement, SEQUENCE } from './der.ts'

// Keys and signatures of eduMFA's app on elliptic curves: SubjectPublicKeyInfo (RFC 5480), and ECDSA in DER (RFC 3279),
// of which Web Crypto takes r and s side by side. Source: docs/protocol.md, "eduMFA".

export interface Curve {
  readonly name: 'P-256' | 'P-384'
  /** Bytes of a coordinate, and of r and of s. */
  readonly coordinateBytes: number
  /** A key's SubjectPublicKeyInfo up to its point: algorithm, curve, and the lengths that follow from them. */
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

/** Marks a point with both coordinates, the only form that phones send. */
const UNCOMPRESSED = 4

/** The curve of a public key in SubjectPublicKeyInfo form, or undefined if it is not one that phones may use. Web
 *  Crypto checks that the point is on the curve. */
export const curveOf = (spki: Bytes): Curve | undefined =>
  CURVES.find(
    ({ spkiPrefix: head, coordinateBytes: bytes }) =>
      spki.length === head.length + 1 + 2 * bytes &&
      head.every((byte, at) => spki[at] === byte) &&
      spki[head.length] === UNCOMPRESSED,
  )

/** Converts an ECDSA signature from DER to the form of Web Crypto: r and s, each padded to the curve's size. Undefined
 *  for anything but the one DER encoding of two positive numbers of at most that size. If other encodings were
 *  accepted, anyone could make a second signature from a first one. */
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
