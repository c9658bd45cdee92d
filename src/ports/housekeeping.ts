/** Obsolete rows, which the journal's round deletes, a page of a table at a time. */
import type { Outcome } from '../refusal.ts'
import type { Instant } from '../vocabulary.ts'
import type { SweptTable } from '../vocabulary/housekeeping.ts'

/** Where the next page begins. */
export type PageStart = readonly (string | number)[]

export interface SweptPage {
  readonly deleted: number
  /** Absent: this was the last page. */
  readonly next?: PageStart
}

/** Every call reads two thousand rows at most, twice, and answers within ten seconds. */
export interface Housekeeping {
  /** Deletes what may go from a page of this table. No snapshot and no login notices. */
  sweep(table: SweptTable, now: Instant, from?: PageStart): Promise<Outcome<SweptPage>>
  /** Deletes tokens that no phone has ever registered with, and whose code expired before `expiredBefore`: each with an entry in the audit
   *  and a revision of its own, and no more of them than milliseconds have passed since the last change, so that revisions do not run
   *  ahead of the clock. */
  deleteEnrollments(expiredBefore: Instant, from?: PageStart): Promise<Outcome<SweptPage>>
}
