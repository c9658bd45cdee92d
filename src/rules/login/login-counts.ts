/** What a record of the audit adds to the counts of logins, and what counts tell. The names of counts: docs/storage.md. */
import type { AuditRecord } from '../../vocabulary/audit.ts'
import {
  BUCKET_BOUNDS,
  type Counts,
  type RecordCounts,
  TIMED_STEPS,
  type TimedStep,
} from '../../vocabulary/login-reports.ts'
import { modeOf, outcomeOf, stepTimes } from './login-facts.ts'

/** Refused requests about a login that is open, or was: it is counted by its own record. */
const OF_OPENED_LOGINS: ReadonlySet<string> = new Set([
  'declined',
  'unanswered',
  'not_accepted',
  'transaction_unknown',
  'too_many_waiting',
  'enrollment_not_cancelled',
])

/** What the record adds to the counts; undefined if it adds nothing. A record that stands for several requests counts as many. */
export function countsOf(record: AuditRecord): RecordCounts | undefined {
  const { unopened, count = 1 } = record
  if (unopened !== undefined) {
    const { outcome, reason, service = '' } = unopened
    const counts = {
      ...(reason !== undefined && OF_OPENED_LOGINS.has(reason) ? {} : { [`outcome/${outcome}`]: count }),
      ...(reason === undefined ? {} : { [`refused/${reason}`]: count }),
    }
    return { service, mode: '', counts }
  }
  const outcome = outcomeOf(record)
  if (outcome === undefined || outcome === 'open') return undefined
  const counts: Record<string, number> = { [`outcome/${outcome}`]: 1 }
  const add = (name: string, number = 1): void => {
    counts[name] = (counts[name] ?? 0) + number
  }
  for (const step of record.steps ?? []) {
    if (step.kind === 'delivered') add(`delivery/${step.firebase ?? ''}/delivered`)
    if (step.kind === 'delivery_failed') add(`delivery/${step.firebase ?? ''}/${step.why}`)
    // A login that is not rung because anybody could have opened it was not silenced by the push firewall.
    if (step.kind === 'restricted' && step.why !== 'no_proof')
      add(`ring/${step.why}${step.isShadow === true ? '/shadow' : ''}`)
  }
  for (const [step, time] of Object.entries(stepTimes(record))) {
    add(`step/${step}/${BUCKET_BOUNDS.find((bound) => time <= bound) ?? 'inf'}`)
    add(`step/${step}/sum`, time)
  }
  return { service: record.service ?? '', mode: modeOf(record) ?? '', counts }
}

/** A bucket of a histogram: so many took at most this long (milliseconds), and longer than the bucket before. */
export interface Bucket {
  /** `null`: any longer time. */
  readonly upTo: number | null
  readonly count: number
}

/** How long a step took, over many logins. Times are in milliseconds; undefined without a login. */
export interface StepHistogram {
  readonly step: TimedStep
  readonly count: number
  readonly sum: number
  readonly buckets: readonly Bucket[]
}

/** Reads the histograms of all steps from counts. */
export const histogramsOf = (counts: Counts): readonly StepHistogram[] =>
  TIMED_STEPS.map((step) => {
    const buckets = [...BUCKET_BOUNDS, null].map((upTo) => ({
      upTo,
      count: counts[`step/${step}/${upTo ?? 'inf'}`] ?? 0,
    }))
    const count = buckets.reduce((sum, bucket) => sum + bucket.count, 0)
    return { step, count, sum: counts[`step/${step}/sum`] ?? 0, buckets }
  })

/** The time (milliseconds) that this share of the logins took at most, from 0 to 1: the bucket that has it, and there in proportion. What
 *  the last bucket has took at least its lower bound. Undefined without a login. */
export function quantile({ buckets, count }: StepHistogram, share: number): number | undefined {
  if (count === 0) return undefined
  const rank = share * count
  let seen = 0
  let from = 0
  for (const { upTo, count: inBucket } of buckets) {
    if (inBucket > 0 && seen + inBucket >= rank)
      return upTo === null ? from : Math.round(from + ((upTo - from) * (rank - seen)) / inBucket)
    seen += inBucket
    from = upTo ?? from
  }
  return from
}

/** How long a step took. Times are in milliseconds; undefined without a login. */
export interface StepSummary extends StepHistogram {
  readonly p50: number | undefined
  readonly p90: number | undefined
  readonly p99: number | undefined
  readonly mean: number | undefined
}

/** Reads how long each step took from counts. */
export const stepSummaries = (counts: Counts): readonly StepSummary[] =>
  histogramsOf(counts).map((histogram) => ({
    ...histogram,
    p50: quantile(histogram, 0.5),
    p90: quantile(histogram, 0.9),
    p99: quantile(histogram, 0.99),
    mean: histogram.count === 0 ? undefined : Math.round(histogram.sum / histogram.count),
  }))

/** The deliveries over one Firebase configuration. */
export interface DeliveryCounts {
  readonly firebase: string
  readonly delivered: number
  /** By cause. */
  readonly failures: Readonly<Record<string, number>>
}

/** Reads the deliveries from counts, by Firebase configuration. A name may have slashes; a cause has none. */
export function deliveriesOf(counts: Counts): readonly DeliveryCounts[] {
  const found = new Map<string, DeliveryCounts>()
  for (const [name, number] of Object.entries(counts)) {
    const [, firebase, result] = /^delivery\/(.*)\/([^/]*)$/.exec(name) ?? []
    if (firebase === undefined || result === undefined) continue
    const { delivered, failures } = found.get(firebase) ?? { delivered: 0, failures: {} }
    found.set(
      firebase,
      result === 'delivered'
        ? { firebase, delivered: delivered + number, failures }
        : { firebase, delivered, failures: { ...failures, [result]: number } },
    )
  }
  return [...found.values()].toSorted((one, other) => (one.firebase < other.firebase ? -1 : 1))
}

/** How the deliveries over a Firebase configuration go: `stopped` while the circuit breaker lets none through, `failing` when more fail
 *  than arrive, `unused` where there were none. */
export type DeliveryState = 'well' | 'failing' | 'stopped' | 'unused'

export function deliveryState({ delivered, failures }: Pick<DeliveryCounts, 'delivered' | 'failures'>): DeliveryState {
  // That a phone is gone says nothing about the way to Google.
  const failed = Object.entries(failures).filter(
    ([why]) => why !== 'unregistered' && why !== 'registration_token_invalid',
  )
  const count = failed.reduce((sum, [, number]) => sum + number, 0)
  if (delivered === 0 && count === 0) return 'unused'
  if (delivered === 0 && failures['breaker_open'] !== undefined) return 'stopped'
  return count > delivered ? 'failing' : 'well'
}

/** The counts whose names begin so, by the rest of their names. */
export const countsUnder = (prefix: string, counts: Counts): Counts =>
  Object.fromEntries(
    Object.entries(counts).flatMap(([name, number]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), number]] : [],
    ),
  )

/** How many logins took at most this long in Nod itself: the time of the people and of their phones is not in it. */
export interface WithinTime {
  /** Logins that it was measured of. */
  readonly count: number
  readonly within: number
}

/** Counts the measured times of a step that were at most this long. `bound`: one of `BUCKET_BOUNDS`, in milliseconds. */
export const withinTime = ({ count, buckets }: StepHistogram, bound: (typeof BUCKET_BOUNDS)[number]): WithinTime => ({
  count,
  within: buckets.reduce((sum, { upTo, count: one }) => (upTo !== null && upTo <= bound ? sum + one : sum), 0),
})
