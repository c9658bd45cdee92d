/** Old records of the audit: what is read of them for the archive, and deleted. */
import type { Outcome } from '../refusal.ts'
import type { Instant } from '../vocabulary.ts'
import type { AuditKey, RawRow } from './audit.ts'

/** The oldest records of one day, which become one part of the archive. Rows have all their columns, also those of a later migration:
 *  what is archived is deleted, so nothing may be left out. */
export interface OldRecords {
  /** `2026-11-28`, UTC. */
  readonly day: string
  /** The number of the part, from 1. */
  readonly part: number
  /** In the order of their keys; at least one. */
  readonly records: readonly RawRow[]
  /** The links of the chain that hold these records, and the signed heads of the day. */
  readonly links: readonly RawRow[]
  readonly heads: readonly RawRow[]
}

/** A part of the archive, as its manifest has it. */
export interface ArchivedPart {
  readonly day: string
  readonly part: number
  readonly records: number
  /** When the first and the last of its records ended. */
  readonly first: Instant
  readonly last: Instant
  /** Length and SHA-256 (hexadecimal) of the object. */
  readonly bytes: number
  readonly sha256: string
  readonly archivedAt: Instant
}

/** What can be erased before the record is deleted. */
export type ShortenedPart = 'steps' | 'addresses'

/** How retention stands. */
export interface RetentionStatus {
  /** When a round ended last; undefined: none has. */
  readonly ranAt?: Instant
  /** Since when and why no round could archive; absent if the last one could. */
  readonly failedSince?: Instant
  readonly failure?: string
  /** When the oldest record ended that D1 has. */
  readonly oldest?: Instant
  /** Records that ended before may be archived or deleted; 0: none was. */
  readonly deletedBefore: Instant
  /** Whether there is a part in the archive. */
  readonly hasParts: boolean
}

export interface AuditRetention {
  status(): Promise<Outcome<RetentionStatus>>
  /** Reads the oldest records that ended before, all of one day and at most `limit`; undefined if there are none. */
  oldRecords(before: Instant, limit: number): Promise<Outcome<OldRecords | undefined>>
  /** Deletes these records and enters the part in the manifest. Answers false, and changes nothing, if a record is not as it was
   *  read: a field may have been erased meanwhile. */
  deleteArchived(records: OldRecords['records'], part: ArchivedPart): Promise<Outcome<boolean>>
  /** Deletes the oldest records that ended before, at most `limit`; answers how many. */
  deleteRecords(before: Instant, limit: number): Promise<Outcome<number>>
  /** Deletes links all of whose records ended before and are deleted, at most `limit`; answers how many. The last link of a shard
   *  stays, because the next one names it. */
  deleteLinks(before: Instant, limit: number): Promise<Outcome<number>>
  /** Lists parts of the manifest in order, after this one. */
  parts(after: Pick<ArchivedPart, 'day' | 'part'>, limit: number): Promise<Outcome<readonly ArchivedPart[]>>
  /** Names the oldest records that ended before and still have their steps, or an address, at most `limit`. */
  shortenable(part: ShortenedPart, before: Instant, limit: number): Promise<Outcome<readonly AuditKey[]>>
  /** Notes that no record that ended before has them any more, so that none is read again for it. */
  recordShortened(part: ShortenedPart, before: Instant): Promise<Outcome<void>>
  /** Notes that the object of a part was written anew. */
  replacePart(
    part: Pick<ArchivedPart, 'day' | 'part'>,
    object: Pick<ArchivedPart, 'bytes' | 'sha256'>,
  ): Promise<Outcome<void>>
  /** Records that a round has ended, or why it could not archive. */
  recordRun(at: Instant, failure: string | undefined): Promise<Outcome<void>>
}
