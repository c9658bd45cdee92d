/** The table of service keys: hashes only. */
import type { Outcome } from '../refusal.ts'
import type { Instant, Role } from '../vocabulary.ts'
import type { AuditEntry } from './audit.ts'

export interface ServiceKey {
  readonly name: string
  readonly hash: string
  readonly role: Role
  readonly createdAt: Instant
}

export interface ServiceKeyTable {
  /** False when the name is taken. */
  add(key: ServiceKey, entry: AuditEntry): Promise<Outcome<boolean>>
  /** Admits nobody by this key any more, and answers its hash, so that the logins it opened can be withdrawn; also for a key
   *  revoked before. Undefined when there is none. The name stays taken until `forget`. */
  revoke(name: string, entry: AuditEntry): Promise<Outcome<string | undefined>>
  /** Deletes the key if it is revoked. */
  forget(hash: string): Promise<Outcome<void>>
}
