import type { LoginTotals } from '../../ports/login-counts.ts'
import type { Ports } from '../../ports/ports.ts'
import { present } from '../../present.ts'
import { done, type Outcome } from '../../refusal.ts'
import {
  type DeliveryCounts,
  deliveriesOf,
  type StepSummary,
  stepSummaries,
  type WithinTime,
  withinTime,
} from '../../rules/login/login-counts.ts'
import { addSeconds, instant, type Instant, seconds } from '../../vocabulary.ts'
import type { Counts } from '../../vocabulary/login-reports.ts'
import { authorize, type Credential } from '../access/identify.ts'

const DAY = 86_400

/** Nod's own share of a login should take at most so long, in milliseconds. */
export const OBJECTIVE_MS = 1000

/** A time, and which logins of it the report is about. */
export interface SloRequest {
  /** Days until now, or a month. */
  readonly time: { readonly days: number } | { readonly year: number; readonly month: number }
  readonly service?: string
  readonly region?: string
}

/** How long Nod's own part of the logins took. */
export interface SystemTime extends WithinTime {
  readonly summary: StepSummary
}

export interface SloReport {
  readonly from: Instant
  /** Exclusive. */
  readonly until: Instant
  readonly totals: Counts
  readonly system: SystemTime
  /** The same of the time of equal length before. */
  readonly before: WithinTime
  readonly steps: readonly SystemTime[]
  readonly regions: readonly { readonly of: string; readonly system: SystemTime }[]
  readonly services: readonly { readonly of: string; readonly system: SystemTime; readonly totals: Counts }[]
  readonly deliveries: readonly DeliveryCounts[]
}

/** Reports which share of the logins took at most a second of Nod's own time, and what failed. Reads what `LoginCounts.totals` does, twice:
 *  of the time, and of the time before. Refuses: as `authorize`; `storage_unavailable`. */
export async function reportSlo(
  ports: Ports,
  credential: Credential,
  { time, service, region }: SloRequest,
): Promise<Outcome<SloReport>> {
  const authorized = await authorize(ports, credential, 'report_read')
  if (!authorized.ok) return authorized
  const [start, from, until] = timesOf(time, ports.now())
  const query = { byDay: true, ...present({ service, region }) }
  const [totals, before] = await Promise.all([
    ports.loginCounts.totals({ ...query, from, until, withRegions: true }),
    ports.loginCounts.totals({ ...query, from: start, until: from }),
  ])
  if (!totals.ok) return totals
  if (!before.ok) return before
  return done({ from, until, ...reportOf(totals.value), before: systemTime(before.value.total) })
}

/** When the time before begins, the time begins and ends. Days are whole, UTC. */
function timesOf(time: SloRequest['time'], now: Instant): readonly [Instant, Instant, Instant] {
  if ('month' in time) {
    const first = (by: number): Instant => instant(Date.UTC(time.year, time.month - 1 + by))
    return [first(-1), first(0), first(1)]
  }
  const today = instant(Math.floor(now / (DAY * 1000)) * DAY * 1000)
  // Today is one of the days.
  const from = addSeconds(today, seconds(-(time.days - 1) * DAY))
  return [addSeconds(from, seconds(-time.days * DAY)), from, now]
}

const reportOf = ({ total, regions, services }: LoginTotals) => ({
  totals: total,
  system: systemTime(total),
  steps: stepSummaries(total).map(timeOf),
  regions: regions
    .map(({ of, counts }) => ({ of, system: systemTime(counts) }))
    .filter(({ system }) => system.count > 0),
  services: services.map(({ of, counts }) => ({ of, system: systemTime(counts), totals: counts })),
  deliveries: deliveriesOf(total),
})

const timeOf = (summary: StepSummary): SystemTime => ({ summary, ...withinTime(summary, OBJECTIVE_MS) })

function systemTime(counts: Counts): SystemTime {
  const summary = stepSummaries(counts).find(({ step }) => step === 'system')
  if (summary === undefined) throw new Error('the step system is not measured')
  return timeOf(summary)
}
