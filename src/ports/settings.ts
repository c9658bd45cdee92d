/** The table of system settings, and the revision of all settings. */
import type { Outcome } from '../refusal.ts'
import type { CatalogueVersion } from '../vocabulary/catalogue.ts'
import type { AuditEntry } from './audit.ts'

export interface SettingTable {
  /** The version of settings, policies, realms, service keys and administrators together, in D1's primary: which snapshot is
   *  current. */
  version(): Promise<Outcome<CatalogueVersion>>
  /** Stores the entries, and tells for each whether it was new. */
  save(
    entries: Readonly<Record<string, string>>,
    entry: AuditEntry,
  ): Promise<Outcome<Readonly<Record<string, 'insert' | 'update'>>>>
  /** False when there is no such setting. */
  delete(key: string, entry: AuditEntry): Promise<Outcome<boolean>>
}
