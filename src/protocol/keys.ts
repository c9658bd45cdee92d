import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import type { Bytes } from '../vocabulary.ts'
import { decodeBase64 } from './base64.ts'
import { BIT_STRING, elementAt, elementOf, INTEGER, only, SEQUENCE } from './der.ts'

// The two spellings of an RSA public key on this wire: a phone sends SubjectPublicKeyInfo (RFC 5280), and reads PKCS#1
// (RFC 8017), which is what the first wraps. Source: contract 2.5.

/** `AlgorithmIdentifier` of rsaEncryption with its NULL: every SPKI of an RSA key has these bytes in it. */
const RSA_ENCRYPTION = Uint8Array.of(48, 13, 6, 9, 42, 134, 72, 134, 247, 13, 1, 1, 1, 5, 0)
const SMALLEST = 2048
const LARGEST = 4096

/** A phone's public key, if it is one that may sign logins: RSA of 2048 to 4096 bits with an odd exponent from 3.
 *  Refuses: `phone_key_unfit`, with what is wrong; never throws. privacyIDEA takes any text and fails at the first
 *  answer. Source: contract 2.5, 16 #23. */
export async function readPhoneKey(text: string): Promise<Outcome<{ readonly spki: Bytes; readonly bits: number }>> {
  const spki = decodeBase64(text)
  if (spki === undefined || spki.length === 0) return unfit('not base64')
  const key = rsaKeyIn(unwrapped(spki))
  if (key === undefined) return unfit('not an RSA key in SubjectPublicKeyInfo form')
  const bits = bitsOf(key.modulus)
  if (bits < SMALLEST || bits > LARGEST) return unfit(`${bits} bits, expected ${SMALLEST} to ${LARGEST}`)
  if (!isOdd(key.modulus)) return unfit('even modulus')
  // more than 32 bits no implementation asks for, and some refuse; 1 would make every signature its own message
  const exponentBits = bitsOf(key.exponent)
  if (!isOdd(key.exponent) || exponentBits < 2 || exponentBits > 32) return unfit('unusable exponent')
  try {
    await importPhoneKey(spki)
  } catch {
    return unfit('refused by the cryptography here')
  }
  return done({ spki, bits })
}

/** The key as Web Crypto verifies a phone's signatures with it: RSASSA-PKCS1-v1_5, SHA-256. */
export const importPhoneKey = (spki: Bytes): Promise<CryptoKey> =>
  crypto.subtle.importKey('spki', spki, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['verify'])

/** The PKCS#1 key inside a SubjectPublicKeyInfo, as the phone wants ours. Throws if there is none: only keys that
 *  were made or checked here come this way. */
export function pkcs1FromSpki(spki: Bytes): Bytes {
  const pkcs1 = unwrapped(spki)
  if (pkcs1 === undefined) throw new TypeError('not an RSA key in SubjectPublicKeyInfo form')
  return pkcs1
}

/** The SubjectPublicKeyInfo around a PKCS#1 key, as Web Crypto imports it. */
export const spkiFromPkcs1 = (pkcs1: Bytes): Bytes =>
  elementOf(SEQUENCE, RSA_ENCRYPTION, elementOf(BIT_STRING, Uint8Array.of(0), pkcs1))

const unfit = (why: string) => refuse({ reason: 'phone_key_unfit', why })

function unwrapped(spki: Bytes): Bytes | undefined {
  const info = only(spki, SEQUENCE)
  if (info === undefined || !RSA_ENCRYPTION.every((byte, at) => info[at] === byte)) return undefined
  const bits = only(info.slice(RSA_ENCRYPTION.length), BIT_STRING)
  // the first byte counts unused bits at the end: a key has none
  return bits?.[0] === 0 ? bits.slice(1) : undefined
}

function rsaKeyIn(pkcs1: Bytes | undefined): { readonly modulus: Bytes; readonly exponent: Bytes } | undefined {
  const numbers = pkcs1 && only(pkcs1, SEQUENCE)
  if (numbers === undefined) return undefined
  const modulus = elementAt(numbers, 0, INTEGER)
  if (modulus === undefined) return undefined
  const exponent = only(numbers.slice(modulus.end), INTEGER)
  if (exponent === undefined || !isPositive(modulus.content) || !isPositive(exponent)) return undefined
  return { modulus: modulus.content, exponent }
}

/** Whether an INTEGER's content is greater than zero and in shortest form: a zero byte leads only to keep it positive. */
function isPositive(content: Bytes): boolean {
  const [first, second] = content
  if (first === undefined || first >= 0x80) return false
  return first > 0 || (second !== undefined && second >= 0x80)
}

const isOdd = (content: Bytes): boolean => ((content.at(-1) ?? 0) & 1) === 1

function bitsOf(content: Bytes): number {
  const digits = content[0] === 0 ? content.slice(1) : content
  return digits.length * 8 - Math.clz32(digits[0] ?? 0) + 24
}
