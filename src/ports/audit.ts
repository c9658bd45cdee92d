/** The table of the audit. */
import type { Outcome } from '../refusal.ts'
import type { AuditedChange, AuditFilter, AuditLine, AuditOrder, AuditRecord, ChainHead } from '../vocabulary/audit.ts'
import type { RecordCounts } from '../vocabulary/login-reports.ts'
import type { Instant, Owner, TransactionId } from '../vocabulary.ts'

export type { AuditRecord, ChainHead } from '../vocabulary/audit.ts'

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
  /** What was changed: as it was, and as it became. Never a secret. */
  readonly change?: AuditedChange
  /** Names of the policies that allowed it, with commas between. */
  readonly policies?: string
  /** How long the request had taken by then, in milliseconds. */
  readonly duration?: number
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

/** Records that a shard hands over, the oldest first. */
export interface HandOver {
  readonly shard: string
  readonly at: Instant
  /** Whether the audit certainly has none of these records, if `head` is D1's last link. If not, it is looked which ones it has. */
  readonly areNew?: boolean
  /** `counted`: what the record adds to the counts of logins, unless the audit has it already. */
  readonly records: readonly {
    readonly sequence: number
    readonly record: AuditRecord
    readonly counted?: RecordCounts | undefined
  }[]
  /** The last link as the shard knows it. */
  readonly head: ChainHead
  /** A later link that D1 no longer had. The next link names it. */
  readonly lost?: ChainHead
}

/** The result of a hand-over. If D1's last link was not the one that the shard named, nothing was stored, and `present` lists
 *  the sequences of the records that D1 has from an earlier hand-over. */
export type HandOverResult =
  | { readonly stored: true; readonly head: ChainHead }
  | { readonly stored: false; readonly head: ChainHead; readonly present: readonly number[] }

/** A row as it is stored. */
export type RawRow = Readonly<Record<string, string | number | null>>

/** Rows as they are stored, and the key of the last of them if there are more. */
export interface RawPage<Key> {
  readonly rows: readonly RawRow[]
  readonly last: Key | undefined
}

/** The key of a link. */
export interface LinkKey {
  readonly shard: string
  readonly number: number
}

/** The shards whose records SQL writes, together with the change they are of. */
export type NumberedShard = 'catalogue' | 'bypass'

/** The last link of a chain after `link`, and how many records that link names; 0 if there were none to link. */
export interface ChainGrowth {
  readonly head: ChainHead
  readonly linked: number
}

/** A field of a record that can be erased. `stepOrigins`: the addresses and user agents of the steps. */
export type ErasableField =
  | 'serial'
  | 'login'
  | 'realm'
  | 'administrator'
  | 'service'
  | 'address'
  | 'user_agent'
  | 'info'
  | 'policies'
  | 'change'
  | 'steps'
  | 'stepOrigins'

/** What the records of a user are found by. */
export interface UserTraces {
  readonly logins: readonly string[]
  readonly serials: readonly string[]
  readonly change: string
}

/** The key of a record. */
export interface AuditKey {
  readonly at: number
  readonly shard: string
  readonly sequence: number
}

export interface AuditTable {
  /** Refuses: `parameter_invalid` for a pattern longer than D1 takes; `storage_unavailable` also when the filter matches so
   *  little that the search takes too long. */
  lines(query: AuditQuery): Promise<Outcome<readonly AuditLine[]>>
  /** How many lines match; counts no further than `most`. Refuses: as `lines`. */
  count(query: Pick<AuditQuery, 'filter' | 'except'>, most: number): Promise<Outcome<number>>
  /** The record of a login that has ended; undefined when it is not among the newest million logins. */
  loginRecord(transaction: TransactionId): Promise<Outcome<AuditRecord | undefined>>
  /** Stores the records of a shard's outbox together with the next link of its chain, within five seconds: all, or none. */
  store(handOver: HandOver): Promise<Outcome<HandOverResult>>
  /** Erases these fields of these records, at most 500, and returns how many records changed. The chain still proves the other
   *  fields. A record that somebody changes meanwhile is skipped: call it again until it returns 0. */
  erase(records: readonly AuditKey[], fields: readonly ErasableField[]): Promise<Outcome<number>>
  /** The records behind this one, at most two hundred of the next ten thousand, that have one of these logins or serials, whose info
   *  is one of the logins, or whose change contains this text; within ten seconds. */
  traces(of: UserTraces, after?: AuditKey): Promise<Outcome<RawPage<AuditKey>>>
  /** The record without these fields, and with a salt that proves the others, as `erase` leaves it. */
  withoutFields(row: RawRow, fields: readonly ErasableField[]): Promise<RawRow>
  /** The last link of a chain. */
  head(shard: string): Promise<Outcome<ChainHead>>
  /** Links the next records that SQL wrote, at most 100. `lost`: a later link that D1 no longer has. */
  link(shard: NumberedShard, at: Instant, lost?: ChainHead): Promise<Outcome<ChainGrowth>>
  /** The records behind this one, in the order of their keys, at most a thousand; within ten seconds. */
  rawRecords(after?: AuditKey): Promise<Outcome<RawPage<AuditKey>>>
  /** The links behind this one, in the order of their keys, at most two hundred; within ten seconds. */
  rawLinks(after?: LinkKey): Promise<Outcome<RawPage<LinkKey>>>
  /** How many records of each of these shards were numbered. */
  numbers(): Promise<Outcome<Readonly<Record<NumberedShard, number>>>>
}
