/** The stored form of bypass codes. A code has 80 random bits, too few for a hash without a salt and many rounds. */
import { decodeBase64, encodeBase64Url, sha256, utf8 } from '../bytes.ts'
import type { Owner, Random } from '../vocabulary.ts'
import { pbkdf2 } from './password-hash.ts'

const SALTED = '2'
const SALT_BYTES = 16

/** Hashes a new code as `2.<salt>.<PBKDF2>`, both parts in base64url. */
export async function hashBypassCode(code: string, random: Random): Promise<string> {
  const salt = random(SALT_BYTES)
  return [SALTED, encodeBase64Url(salt), encodeBase64Url(await pbkdf2(code, salt))].join('.')
}

/** Whether the stored hash is that of this code of the user. Compares in constant time. */
export async function isBypassCode(stored: string, { realm, login }: Owner, code: string): Promise<boolean> {
  const [version, salt = '', hash = ''] = stored.split('.')
  // The form of version 0.1 before salts, SHA-256 in hex: a code is valid for ten days at most.
  if (version !== SALTED) return areEqual(utf8(await sha256(utf8(JSON.stringify([realm, login, code])))), utf8(stored))
  const [salted, expected] = [decodeBase64(salt), decodeBase64(hash)]
  return salted !== undefined && expected !== undefined && areEqual(await pbkdf2(code, salted), expected)
}

const areEqual = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && crypto.subtle.timingSafeEqual(one, other)
