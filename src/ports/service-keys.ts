/** The table of service keys: hashes only. */
import type { Outcome } from '../refusal.ts'
import type { Instant, Role } from '../vocabulary.ts'
import type { AuditEntry } from './audit.ts'

/** A service key by one of its secrets: rotation gives it another, and the one before may stay valid for a while. */
export interface ServiceKey {
  readonly name: string
  /** Of this secret. */
  readonly hash: string
  /** Of all its secrets, the newest first, also of those that ended a while ago: logins that they opened are the key's own. */
  readonly hashes: readonly string[]
  readonly role: Role
  /** When the key was made, whatever its secret. */
  readonly createdAt: Instant
  /** When the newest secret replaced the one before; undefined: never. */
  readonly rotatedAt?: Instant
  /** From when on this secret admits nobody; undefined: never. */
  readonly validUntil?: Instant
  /** When this secret was last used, up to an hour behind. */
  readonly lastUsedAt?: Instant
}

export type NewServiceKey = Pick<ServiceKey, 'name' | 'hash' | 'role' | 'createdAt' | 'validUntil'>

export interface Rotation {
  readonly hash: string
  /** Until when the new secret is valid; undefined: as long as the one before was to be, counted from now. */
  readonly validUntil?: Instant | undefined
  /** When the secrets so far end, if they do not end earlier. */
  readonly previousUntil: Instant
}

export interface RotatedKey {
  readonly validUntil?: Instant
  /** Hashes of the secrets that have ended by now. */
  readonly ended: readonly string[]
}

export interface ServiceKeyTable {
  /** False when the name is taken. */
  add(key: NewServiceKey, entry: AuditEntry): Promise<Outcome<boolean>>
  /** Replaces the key's secret; undefined when there is no such key. Of the secrets before, the four that end last are kept. */
  rotate(name: string, rotation: Rotation, entry: AuditEntry): Promise<Outcome<RotatedKey | undefined>>
  /** Admits nobody by this key any more, and answers the hashes of its secrets, so that the logins it opened can be withdrawn; also
   *  for a key revoked before. None when there is no such key. The name stays taken until `forget`. */
  revoke(name: string, entry: AuditEntry): Promise<Outcome<readonly string[]>>
  /** Deletes the key if it is revoked. */
  forget(name: string): Promise<Outcome<void>>
  /** Records that a secret was used. Writes at most once an hour for each secret, and asks D1 at most once an hour in each isolate. */
  recordUse(key: ServiceKey): Promise<void>
}
