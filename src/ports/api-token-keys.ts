/** The table of the keys that sign API tokens. The snapshot has them opened. */
import type { Outcome } from '../refusal.ts'
import type { Instant } from '../vocabulary.ts'
import type { AuditEntry } from './audit.ts'

/** A key that signs API tokens, or signed some that are still valid. */
export interface ApiTokenKey {
  /** The `kid` of its API tokens. */
  readonly id: string
  readonly createdAt: Instant
  /** No API token that it signed is valid later; only for a retired key this is final. */
  readonly tokensValidUntil: Instant
  /** Since when it signs none any more; undefined for the current key. */
  readonly retiredAt?: Instant
  /** Undefined if the key does not open with this isolate's master keys. */
  readonly opened?: OpenedApiTokenKey
}

export interface OpenedApiTokenKey {
  readonly key: CryptoKey
  /** The generation of the configured administrator in API tokens of this key: another password gives another one. */
  readonly bootstrapGeneration: string
}

export interface SealedApiTokenKey {
  readonly id: string
  /** Sealed. */
  readonly secret: string
  readonly createdAt: Instant
}

export interface ApiTokenKeyTable {
  /** Stores the deployment's first key, unless there is a current one. */
  addFirst(key: SealedApiTokenKey): Promise<Outcome<void>>
  /** Stores that the current key signs API tokens that are valid until then. False if another key is current by now. */
  extend(id: string, until: Instant): Promise<Outcome<boolean>>
  /** Makes this the current key. Earlier keys verify their API tokens until these expire; if they are `compromised`, they
   *  verify none. */
  rotate(key: SealedApiTokenKey, compromised: boolean, entry: AuditEntry): Promise<Outcome<void>>
}
