/** The table of realms. */
import type { Outcome } from '../refusal.ts'
import type { AuditEntry } from './audit.ts'

export interface RealmTable {
  /** Creates the realm, and keeps it when its last user goes. */
  add(realm: string, entry: AuditEntry): Promise<Outcome<void>>
  /** False when there is no such realm, it is the default, or a user, a token or a policy uses it. */
  delete(realm: string, entry: AuditEntry): Promise<Outcome<boolean>>
  /** Makes this realm the default, and creates it if it is new. */
  setDefault(realm: string, entry: AuditEntry): Promise<Outcome<void>>
}
