/** The table of the audit. */
import type { Outcome } from '../refusal.ts'
import { type AuditFilter, type AuditLine, type AuditOrder, type AuditRecord } from '../vocabulary/audit.ts'
import type { Instant, Owner, TransactionId } from '../vocabulary.ts'

export type { AuditRecord } from '../vocabulary/audit.ts'

/** Who did what: written to the audit together with the change it records. */
export interface AuditEntry {
  readonly at: Instant
  readonly action: string
  readonly administrator: string
  readonly serial?: string
  readonly owner?: Owner
  readonly info?: string
  readonly address: string
  readonly userAgent?: string
}

/** `limit` lines after the first `offset` in this order. */
export interface AuditQuery {
  readonly filter: AuditFilter
  readonly order: AuditOrder
  readonly offset: number
  readonly limit: number
  /** Counts `offset` from behind this line instead of from the first; only in order of time. */
  readonly after?: AuditLine
  /** Records whose lines are left out. */
  readonly except?: readonly string[]
}

export interface AuditTable {
  /** Refuses: `parameter_invalid` for a pattern longer than D1 takes; `storage_unavailable` also when the filter matches so
   *  little that the search takes too long. */
  lines(query: AuditQuery): Promise<Outcome<readonly AuditLine[]>>
  /** How many lines match; counts no further than `most`. Refuses: as `lines`. */
  count(query: Pick<AuditQuery, 'filter' | 'except'>, most: number): Promise<Outcome<number>>
  /** The record of a login that has ended; undefined when it is not among the newest million logins. */
  loginRecord(transaction: TransactionId): Promise<Outcome<AuditRecord | undefined>>
  /** Stores the records of a shard's outbox within five seconds; a record stored before is left as it is. */
  store(shard: string, records: readonly { sequence: number; record: AuditRecord }[]): Promise<Outcome<void>>
}
