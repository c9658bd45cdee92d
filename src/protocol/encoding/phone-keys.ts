import { done, type Outcome, refuse } from '../../refusal.ts'
import type { Bytes } from '../../vocabulary.ts'
import { decodeBase64, utf8 } from '../../bytes.ts'
import { BIT_STRING, readElement, encodeElement, INTEGER, isPositiveInteger, soleElement, SEQUENCE } from './der.ts'
import type { KeyKind } from '../phone/dialect.ts'
import { curveOf, rawEcdsaSignature } from './elliptic-curves.ts'

// A phone sends its public key as SubjectPublicKeyInfo (RFC 5280): an RSA key, or for eduMFA also a point on a curve.
// It reads the server's key as PKCS#1 (RFC 8017), which is the content of an RSA SubjectPublicKeyInfo. Source:
// docs/protocol.md, "Key encodings" and "eduMFA".

/** The `AlgorithmIdentifier` of rsaEncryption with its NULL, which every RSA SubjectPublicKeyInfo has. */
const RSA_ENCRYPTION = Uint8Array.of(48, 13, 6, 9, 42, 134, 72, 134, 247, 13, 1, 1, 1, 5, 0)
const MIN_BITS = 2048
const MAX_BITS = 4096

/** Parses a phone's public key. Accepts the kinds that its app has: RSA of 2048 to 4096 bits with an exponent that the
 *  platform verifies with (Workers: 65537, 3 or 17, but not 5), or a point on P-256 or P-384. privacyIDEA accepts any
 *  text and fails at the first answer.
 *  Refuses: `phone_key_invalid`. Source: docs/protocol.md, "Key encodings", "eduMFA" and "Hardenings". */
export async function parsePhoneKey(
  text: string,
  kinds: readonly KeyKind[],
): Promise<Outcome<{ readonly spki: Bytes }>> {
  const spki = decodeBase64(text)
  if (spki === undefined || spki.length === 0) return unfit('not base64')
  const isOnCurve = kinds.includes('ec') && curveOf(spki) !== undefined
  const fault = isOnCurve ? undefined : rsaFault(spki, kinds)
  if (fault !== undefined) return unfit(fault)
  try {
    await importPhoneKey(spki)
  } catch {
    return unfit('refused by the cryptography here')
  }
  return done({ spki })
}

/** The reason why these bytes are not an acceptable RSA key, or undefined. */
function rsaFault(spki: Bytes, kinds: readonly KeyKind[]): string | undefined {
  const key = rsaKeyIn(unwrapped(spki))
  if (key === undefined) return `not ${kinds.map((kind) => KIND_NAMES[kind]).join(' or ')} in SubjectPublicKeyInfo form`
  const bits = bitsOf(key.modulus)
  if (bits < MIN_BITS || bits > MAX_BITS) return `${bits} bits, expected ${MIN_BITS} to ${MAX_BITS}`
  if (!isOdd(key.modulus)) return 'even modulus'
  // No implementation uses exponents above 32 bits, and some refuse them. With exponent 1 every signature is its own
  // message.
  const exponentBits = bitsOf(key.exponent)
  return !isOdd(key.exponent) || exponentBits < 2 || exponentBits > 32 ? 'unusable exponent' : undefined
}
const KIND_NAMES: Readonly<Record<KeyKind, string>> = { rsa: 'an RSA key', ec: 'a key on P-256 or P-384' }

/** A key that verifies signatures, and the curve that it is on; an RSA key is on none. */
interface PhoneKey {
  readonly key: CryptoKey
  readonly curve: ReturnType<typeof curveOf>
}

/** Keys that an isolate keeps imported, by the text they were read from; the one imported first leaves first. */
const IMPORTED_KEYS = 1000
const imported = new Map<string, PhoneKey>()

/** Verifies a signature over this text with SHA-256: RSASSA-PKCS1-v1_5, or ECDSA in DER for a key on a curve.
 *  @param phoneKey SubjectPublicKeyInfo in base64, of a key that `parsePhoneKey` accepted. */
export async function verifySignature(phoneKey: string, text: string, signature: Bytes): Promise<boolean> {
  const found = imported.get(phoneKey) ?? (await importedKey(phoneKey))
  if (found === undefined) return false
  const { key, curve } = found
  const bytes = curve === undefined ? signature : rawEcdsaSignature(signature, curve)
  if (bytes === undefined) return false
  return crypto.subtle.verify(curve === undefined ? RSA : ECDSA, key, bytes, utf8(text))
}

async function importedKey(phoneKey: string): Promise<PhoneKey | undefined> {
  const spki = decodeBase64(phoneKey)
  if (spki === undefined) return undefined
  const found = { key: await importPhoneKey(spki), curve: curveOf(spki) }
  imported.set(phoneKey, found)
  for (const oldest of imported.keys()) {
    if (imported.size <= IMPORTED_KEYS) break
    imported.delete(oldest)
  }
  return found
}

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const
const ECDSA = { name: 'ECDSA', hash: 'SHA-256' } as const

function importPhoneKey(spki: Bytes): Promise<CryptoKey> {
  const curve = curveOf(spki)
  const algorithm = curve === undefined ? RSA : { name: ECDSA.name, namedCurve: curve.name }
  return crypto.subtle.importKey('spki', spki, algorithm, false, ['verify'])
}

/** Unwraps the PKCS#1 key of an RSA SubjectPublicKeyInfo, the form in which the app reads the server's key. Throws for
 *  anything else: only generated or checked keys get here. */
export function pkcs1FromSpki(spki: Bytes): Bytes {
  const pkcs1 = unwrapped(spki)
  if (pkcs1 === undefined) throw new TypeError('not an RSA key in SubjectPublicKeyInfo form')
  return pkcs1
}

/** Wraps a PKCS#1 key as SubjectPublicKeyInfo, which Web Crypto imports. */
export const spkiFromPkcs1 = (pkcs1: Bytes): Bytes =>
  encodeElement(SEQUENCE, RSA_ENCRYPTION, encodeElement(BIT_STRING, Uint8Array.of(0), pkcs1))

const unfit = (why: string) => refuse({ reason: 'phone_key_invalid', why })

function unwrapped(spki: Bytes): Bytes | undefined {
  const info = soleElement(spki, SEQUENCE)
  if (info === undefined || !RSA_ENCRYPTION.every((byte, at) => info[at] === byte)) return undefined
  const bits = soleElement(info.slice(RSA_ENCRYPTION.length), BIT_STRING)
  // The first byte counts unused bits at the end; a key has none.
  return bits?.[0] === 0 ? bits.slice(1) : undefined
}

function rsaKeyIn(pkcs1: Bytes | undefined): { readonly modulus: Bytes; readonly exponent: Bytes } | undefined {
  const numbers = pkcs1 && soleElement(pkcs1, SEQUENCE)
  if (numbers === undefined) return undefined
  const modulus = readElement(numbers, 0, INTEGER)
  if (modulus === undefined) return undefined
  const exponent = soleElement(numbers.slice(modulus.end), INTEGER)
  if (exponent === undefined || !isPositiveInteger(modulus.content) || !isPositiveInteger(exponent)) return undefined
  return { modulus: modulus.content, exponent }
}

const isOdd = (content: Bytes): boolean => ((content.at(-1) ?? 0) & 1) === 1

function bitsOf(content: Bytes): number {
  const digits = content[0] === 0 ? content.slice(1) : content
  return digits.length * 8 - Math.clz32(digits[0] ?? 0) + 24
}
