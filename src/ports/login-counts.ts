/** The counts of logins: what reports and metrics are made from. */
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
  /** Whether the answer has the counts of each region. */
  readonly withRegions?: boolean
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
  /** Empty unless asked for. */
  readonly regions: readonly CountedPart<string>[]
}

/** Every count there ever was. */
export interface MetricCounts {
  /** Several may be of the same region, service and mode: they add up. */
  readonly parts: readonly MetricPart[]
  /** Links of the audit's chain that are not added up yet. */
  readonly linksWaiting: number
}

/** The counts of one region, service and mode. */
export interface MetricPart {
  readonly region: string
  readonly service: string
  readonly mode: string
  readonly counts: Counts
}

export interface LoginCounts {
  /** Adds up the counts of a time. It reads a row for each hour (or, after eight days, day), region, service and mode, and the links of the
   *  audit that the last round of housekeeping has not added up yet; within ten seconds. */
  totals(query: CountQuery): Promise<Outcome<LoginTotals>>
  /** Reads every count there ever was. It reads a row for each region, service and mode, and the links that are not added up yet: at most 300
   *  of each shard, the others once the first are added up. */
  metrics(): Promise<Outcome<MetricCounts>>
  /** Adds up the counts of the next links, at most 200 of one shard. Answers whether there may be more. Each link counts once. */
  addUp(): Promise<Outcome<boolean>>
  /** Adds up the hours of the earliest day that began before `hours` to one row for the day, and deletes days before `days`. Answers
   *  whether there may be more. */
  shorten(before: { readonly hours: Instant; readonly days: Instant }): Promise<Outcome<boolean>>
}
