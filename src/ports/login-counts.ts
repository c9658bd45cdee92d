/** The counts of logins: what reports, and later metrics, are made from. */
import type { Outcome } from '../refusal.ts'
import type { Instant } from '../vocabulary.ts'
import type { Counts } from '../vocabulary/login-reports.ts'

/** Which counts are added up. */
export interface CountQuery {
  readonly from: Instant
  /** Exclusive. */
  readonly until: Instant
  /** Whether the periods of the answer are days instead of hours. */
  readonly byDay: boolean
  readonly service?: string | undefined
  readonly mode?: string | undefined
  readonly region?: string | undefined
}

/** Counts of a part of the time, of one service, or of one mode. */
export interface CountedPart<Of> {
  readonly of: Of
  readonly counts: Counts
}

export interface LoginTotals {
  readonly total: Counts
  /** Outcomes only; periods without a login are left out. The earliest first. */
  readonly periods: readonly CountedPart<Instant>[]
  readonly services: readonly CountedPart<string>[]
  readonly modes: readonly CountedPart<string>[]
}

export interface LoginCounts {
  /** Adds up the counts of a time. It reads a row for each hour (or, after eight days, day), region, service and mode, and the links of the
   *  audit that the last round of housekeeping has not added up yet; within ten seconds. */
  totals(query: CountQuery): Promise<Outcome<LoginTotals>>
  /** Adds up the counts of the next links, at most 200 of one shard. Answers whether there may be more. Each link counts once. */
  addUp(): Promise<Outcome<boolean>>
  /** Adds up the hours of the earliest day that began before `hours` to one row for the day, and deletes days before `days`. Answers
   *  whether there may be more. */
  shorten(before: { readonly hours: Instant; readonly days: Instant }): Promise<Outcome<boolean>>
}
