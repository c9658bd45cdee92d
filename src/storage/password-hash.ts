/** Secrets people remember: stretched, salted, and the result sealed, so that a copy of D1 alone gives nothing to guess against. */
import type { Bytes, Random } from '../vocabulary.ts'
import { decodeBase64, encodeBase64Url, utf8 } from '../bytes.ts'
import type { Sealer } from './seal.ts'

/** The most that the platform allows. */
const ROUNDS = 100_000
const SALT_BYTES = 16
const HASH_BITS = 256

/** What is sealed; it names its own rounds, so that they may change for those set later. */
interface StoredHash {
  readonly version: 1
  readonly rounds: number
  readonly salt: string
  readonly hash: string
}

async function stretch(secret: string, salt: Bytes, rounds: number): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', utf8(secret), 'PBKDF2', false, ['deriveBits'])
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds },
    key,
    HASH_BITS,
  )
  return new Uint8Array(bits)
}

export interface PasswordHash {
  seal(identity: string, secret: string): Promise<string>
  /** Compared in constant time; about 20 ms of CPU. What does not open, or is not ours, matches nothing. */
  matches(identity: string, sealed: string, secret: string): Promise<boolean>
  /** The same secret, sealed for another; undefined if it does not open. */
  copy(from: string, to: string, sealed: string): Promise<string | undefined>
  /** Takes as long as `matches`, for a secret that there is nothing to compare with. */
  simulateMatch(secret: string): Promise<void>
}

/** PBKDF2-SHA-256. */
export const passwordHash = (sealer: Sealer, random: Random): PasswordHash => ({
  async seal(identity, secret) {
    const salt = random(SALT_BYTES)
    const hash = await stretch(secret, salt, ROUNDS)
    const stretched: StoredHash = {
      version: 1,
      rounds: ROUNDS,
      salt: encodeBase64Url(salt),
      hash: encodeBase64Url(hash),
    }
    return sealer.seal(identity, utf8(JSON.stringify(stretched)))
  },

  async matches(identity, sealed, secret) {
    const opened = await sealer.open(identity, sealed)
    if (opened === undefined) return false
    const stored = JSON.parse(new TextDecoder().decode(opened)) as StoredHash
    const salt = decodeBase64(stored.salt)
    const hash = decodeBase64(stored.hash)
    if (salt === undefined || hash === undefined) return false
    const given = await stretch(secret, salt, stored.rounds)
    return given.length === hash.length && crypto.subtle.timingSafeEqual(given, hash)
  },

  async copy(from, to, sealed) {
    const opened = await sealer.open(from, sealed)
    return opened && sealer.seal(to, opened)
  },

  async simulateMatch(secret) {
    await stretch(secret, random(SALT_BYTES), ROUNDS)
  },
})
