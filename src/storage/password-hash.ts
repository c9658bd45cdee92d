/** Hashes of PINs and passwords. A hash is salted and sealed, so a copy of D1 alone gives an attacker nothing to guess against. */
import type { OpenedHash, PinDigest, ReadAgain } from '../ports/pins.ts'
import { present } from '../present.ts'
import { done, type Outcome } from '../refusal.ts'
import type { Bytes, Random } from '../vocabulary.ts'
import type { PinState } from '../vocabulary/tokens.ts'
import { decodeBase64, encodeBase64Url, utf8 } from '../bytes.ts'
import { type Log, storageUnavailable } from './run-query.ts'
import type { Sealer } from './seal.ts'

/** The most that Workers allow. */
const ROUNDS = 100_000
const SALT_BYTES = 16
const HASH_BITS = 256

/** The sealed value. It holds its own number of rounds, so that new secrets may use another. */
interface StoredHash {
  readonly version: 1
  readonly rounds: number
  readonly salt: string
  readonly hash: string
  /** Of an imported PIN; absent: SHA-256. */
  readonly digest?: PinDigest
  /** `OpenedHash.pending`; the hash is then that of a secret nobody knows. */
  readonly state?: PinState
}

/** A hash that another server has made, by PBKDF2 with at most as many rounds. */
interface ForeignHash extends Pick<OpenedHash, 'rounds' | 'salt' | 'hash'> {
  readonly digest: PinDigest
}

/** Hashes by PBKDF2-SHA-256, with about 20 ms of CPU for the default number of rounds. */
export async function pbkdf2(
  secret: string,
  salt: Bytes,
  rounds = ROUNDS,
  digest: PinDigest = 'SHA-256',
  length = HASH_BITS,
): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', utf8(secret), 'PBKDF2', false, ['deriveBits'])
  const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: digest, salt, iterations: rounds }, key, length)
  return new Uint8Array(bits)
}

export interface PasswordHash {
  seal(identity: string, secret: string): Promise<string>
  /** Seals a hash that another server has made. */
  sealForeign(identity: string, hash: ForeignHash): Promise<string>
  /** Seals, in place of a hash that cannot be compared, one that matches nothing: also for a version that does not know of this. */
  sealPending(identity: string, state: PinState): Promise<string>
  /** If the value does not open, reads it again; if it still does not, which is no wrong secret, logs `event` with these fields and
   *  the key that it names. Refuses: `storage_unavailable`. */
  open(identity: string, sealed: string, readAgain: ReadAgain, line: LogLine): Promise<Outcome<OpenedHash>>
  /** Compares in constant time, with about 20 ms of CPU. */
  matches(opened: OpenedHash, secret: string): Promise<boolean>
  /** Seals the same hash for another identity; undefined when it does not open. */
  copy(from: string, to: string, sealed: string): Promise<string | undefined>
  /** Takes as long as `matches`, for a name that has no secret: the time must not tell which names exist. */
  simulateMatch(secret: string): Promise<void>
}

/** What the log says of a value that does not open. */
interface LogLine {
  readonly event: string
  readonly fields: Readonly<Record<string, string>>
}

async function openHash(sealer: Sealer, identity: string, sealed: string): Promise<OpenedHash | undefined> {
  const opened = await sealer.open(identity, sealed)
  if (opened === undefined) return undefined
  const { rounds, digest = 'SHA-256', state, ...stored } = JSON.parse(new TextDecoder().decode(opened)) as StoredHash
  const salt = decodeBase64(stored.salt)
  const hash = decodeBase64(stored.hash)
  return salt && hash && { rounds, digest, salt, hash, ...present({ pending: state }) }
}

/** Hashes by PBKDF2-SHA-256. */
export const passwordHash = (sealer: Sealer, random: Random, log: Log): PasswordHash => {
  const sealHash = (
    identity: string,
    { rounds, salt, hash }: Pick<OpenedHash, 'rounds' | 'salt' | 'hash'>,
    others: Pick<StoredHash, 'digest' | 'state'> = {},
  ): Promise<string> => {
    const stored: StoredHash = {
      version: 1,
      rounds,
      salt: encodeBase64Url(salt),
      hash: encodeBase64Url(hash),
      ...others,
    }
    return sealer.seal(identity, utf8(JSON.stringify(stored)))
  }
  return {
    async seal(identity, secret) {
      const salt = random(SALT_BYTES)
      const hash = await pbkdf2(secret, salt, ROUNDS)
      return sealHash(identity, { rounds: ROUNDS, salt, hash })
    },

    sealForeign: (identity, { rounds, digest, salt, hash }) => sealHash(identity, { rounds, salt, hash }, { digest }),

    sealPending: (identity, state) =>
      sealHash(identity, { rounds: ROUNDS, salt: random(SALT_BYTES), hash: random(HASH_BITS / 8) }, { state }),

    async open(identity, sealed, readAgain, { event, fields }) {
      const opened = await openHash(sealer, identity, sealed)
      if (opened !== undefined) return done(opened)
      const read = await readAgain()
      if (!read.ok) return read
      const latest = read.value ?? sealed
      const openedNow = latest === sealed ? undefined : await openHash(sealer, identity, latest)
      if (openedNow !== undefined) return done(openedNow)
      log(event, { ...fields, ...sealer.faultOf(latest) })
      return storageUnavailable()
    },

    async matches({ rounds, digest, salt, hash, pending }, secret) {
      const computed = await pbkdf2(secret, salt, rounds, digest, hash.length * 8)
      if (pending !== undefined) return false
      return computed.length === hash.length && crypto.subtle.timingSafeEqual(computed, hash)
    },

    async copy(from, to, sealed) {
      const opened = await sealer.open(from, sealed)
      return opened && sealer.seal(to, opened)
    },

    async simulateMatch(secret) {
      await pbkdf2(secret, random(SALT_BYTES), ROUNDS)
    },
  }
}
