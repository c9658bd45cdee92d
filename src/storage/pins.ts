/** PINs: stretched, salted, and the result sealed, so that a copy of D1 alone gives nothing to guess against. */
import type { Pins } from '../ports/ports.ts'
import type { Bytes, Random } from '../vocabulary.ts'
import { fromBase64url, toBase64url, utf8 } from './bytes.ts'
import type { Sealer } from './seal.ts'

/** The most that the platform allows. */
const ROUNDS = 100_000
const SALT_BYTES = 16
const HASH_BITS = 256

/** What is sealed; it names its own rounds, so that they may change for PINs set later. */
interface Stretched {
  readonly version: 1
  readonly rounds: number
  readonly salt: string
  readonly hash: string
}

const identity = (serial: string): string => `pin:${serial}`

async function stretch(pin: string, salt: Bytes, rounds: number): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', utf8(pin), 'PBKDF2', false, ['deriveBits'])
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds },
    key,
    HASH_BITS,
  )
  return new Uint8Array(bits)
}

/** PBKDF2-SHA-256. A sealed PIN that does not open, or is not ours, matches nothing. */
export const pins = (sealer: Sealer, random: Random): Pins => ({
  async seal(serial, pin) {
    const salt = random(SALT_BYTES)
    const hash = await stretch(pin, salt, ROUNDS)
    const stretched: Stretched = { version: 1, rounds: ROUNDS, salt: toBase64url(salt), hash: toBase64url(hash) }
    return sealer.seal(identity(serial), utf8(JSON.stringify(stretched)))
  },

  async matches(serial, sealed, pin) {
    const opened = await sealer.open(identity(serial), sealed)
    if (opened === undefined) return false
    const stored = JSON.parse(new TextDecoder().decode(opened)) as Stretched
    const salt = fromBase64url(stored.salt)
    const hash = fromBase64url(stored.hash)
    if (salt === undefined || hash === undefined) return false
    const given = await stretch(pin, salt, stored.rounds)
    return given.length === hash.length && crypto.subtle.timingSafeEqual(given, hash)
  },
})
