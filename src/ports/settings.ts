/** The table of system settings, and the revision of all settings. */
import type { Outcome } from '../refusal.ts'
import type { Revision } from '../vocabulary.ts'
import type { AuditEntry } from './audit.ts'

export interface SettingTable {
  /** The revision of settings, policies, realms, service keys and administrators together: which snapshot is current. */
  revision(): Promise<Outcome<Revision>>
  /** Stores the entries, and tells for each whether it was new. */
  save(
    entries: Readonly<Record<string, string>>,
    entry: AuditEntry,
  ): Promise<Outcome<Readonly<Record<string, 'insert' | 'update'>>>>
  /** False when there is no such setting. */
  delete(key: string, entry: AuditEntry): Promise<Outcome<boolean>>
}
