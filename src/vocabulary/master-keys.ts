/** What D1 says about the deployment's master keys. No key is in it: an id is a fingerprint. */
import type { Instant } from '../vocabulary.ts'

/** 12 hexadecimal digits. */
export type MasterKeyId = string

export interface MasterKeyRecord {
  readonly id: MasterKeyId
  /** The id, sealed with the key. */
  readonly checkValue: string
  /** When an isolate first had it configured. */
  readonly firstSeen: Instant
  /** When it became current; absent: it never was. */
  readonly currentSince?: Instant
  /** Since when nothing is sealed with it; absent: something may be. */
  readonly unusedSince?: Instant
  /** When it was reported as known to somebody else. */
  readonly compromisedAt?: Instant
}

export interface MasterKeyState {
  /** The key that seals, and that makes ids; absent until the first key is taken. */
  readonly current: MasterKeyId | undefined
  readonly keys: readonly MasterKeyRecord[]
}

/** The ids of `MASTER_KEY` and `MASTER_KEY_PREVIOUS`. */
export interface ConfiguredKeyIds {
  readonly key: MasterKeyId
  readonly previous?: MasterKeyId
}
