/** The table of API tokens that were logged out. The snapshot has their ids. */
import type { Outcome } from '../refusal.ts'
import type { Instant } from '../vocabulary.ts'
import type { AuditEntry } from './audit.ts'

/** One API token: its id, and when it expires by itself. */
export interface ApiTokenSession {
  readonly id: string
  readonly expiresAt: Instant
}

export interface VoidSessionTable {
  /** Voids the API token in every isolate that reads the catalogue from now on. */
  add(session: ApiTokenSession, entry: AuditEntry): Promise<Outcome<void>>
}
