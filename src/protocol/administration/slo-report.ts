/** The report of the service level as JSON. */
import { formatTimestamp } from '../../timestamps.ts'
import type { Instant } from '../../vocabulary.ts'
import {
  type Counts,
  LOGIN_OUTCOMES,
  type LoginOutcome,
  type TimedStep,
  TIMED_STEPS,
} from '../../vocabulary/login-reports.ts'
import { integer, listOf, object, oneOf, orNull, type Shape, string } from '../shape.ts'

interface Within {
  readonly count: number
  readonly within: number
}
interface Timed extends Within {
  readonly summary: {
    readonly step: TimedStep
    readonly p50: number | undefined
    readonly p90: number | undefined
    readonly p99: number | undefined
  }
}

/** What the report is made from. */
interface Report {
  readonly from: Instant
  readonly until: Instant
  readonly totals: Counts
  readonly system: Timed
  readonly before: Within
  readonly steps: readonly Timed[]
  readonly regions: readonly { readonly of: string; readonly system: Timed }[]
  readonly services: readonly { readonly of: string; readonly system: Timed; readonly totals: Counts }[]
  readonly deliveries: readonly {
    readonly firebase: string
    readonly delivered: number
    readonly failures: Readonly<Record<string, number>>
  }[]
}

/** A sentence for an outcome or a refusal, and what to do. */
type TextOf = (kind: 'outcome' | 'refused', name: string) => { readonly reason: string; readonly advice: string }

/** Outcomes of logins in which the user was not let in. */
const FAILURES: readonly LoginOutcome[] = [
  'unfinished',
  'declined',
  'not_me',
  'cancelled',
  'expired',
  'failed',
  'refused',
]

/** Ten thousandths: a hundredth of a percent. */
const share = ({ count, within }: Within): number | null =>
  count === 0 ? null : Math.floor((within / count) * 10_000) / 10_000
const level = (of: Within) => ({ count: of.count, within: of.within, share: share(of) })
const times = ({ summary: { p50, p90, p99 } }: Timed) => ({ p50: p50 ?? null, p90: p90 ?? null, p99: p99 ?? null })
const outcome = (name: LoginOutcome, counts: Counts): number => counts[`outcome/${name}`] ?? 0
const allLogins = (counts: Counts): number => LOGIN_OUTCOMES.reduce((sum, one) => sum + outcome(one, counts), 0)
const mostFirst = <Of extends { readonly count: number }>(list: readonly Of[]): readonly Of[] =>
  list.toSorted((one, other) => other.count - one.count)

/** Renders the report. */
export function sloValue(report: Report, withinMs: number, textOf: TextOf) {
  const { totals, system } = report
  const failure = (kind: 'outcome' | 'refused', name: string, count: number) => {
    const { reason: text, advice } = textOf(kind, name)
    return { count, text, advice }
  }
  return {
    from: formatTimestamp(report.from),
    to: formatTimestamp(report.until),
    within_ms: withinMs,
    system: { ...level(system), ...times(system), before: level(report.before) },
    logins: { total: allLogins(totals), accepted: outcome('accepted', totals) },
    steps: report.steps.map((one) => ({ step: one.summary.step, ...level(one), ...times(one) })),
    regions: mostFirst(report.regions.map((one) => ({ region: one.of, ...level(one.system), ...times(one.system) }))),
    services: mostFirst(
      report.services.map((one) => ({
        service: one.of,
        logins: allLogins(one.totals),
        accepted: outcome('accepted', one.totals),
        ...level(one.system),
        ...times(one.system),
      })),
    ),
    failures: mostFirst(
      FAILURES.map((name) => ({ outcome: name, ...failure('outcome', name, outcome(name, totals)) })).filter(
        ({ count }) => count > 0,
      ),
    ),
    refusals: mostFirst(
      Object.entries(totals).flatMap(([name, count]) =>
        name.startsWith('refused/') ? [{ reason: name.slice(8), ...failure('refused', name.slice(8), count) }] : [],
      ),
    ),
    deliveries: report.deliveries.map(({ firebase, delivered, failures }) => ({
      firebase,
      delivered,
      failed: Object.values(failures).reduce((sum, number) => sum + number, 0),
      failures: mostFirst(Object.entries(failures).map(([why, count]) => ({ why, count }))),
    })),
  }
}
export type SloValue = ReturnType<typeof sloValue>

const levelShape = {
  count: integer('Logins that it was measured of'),
  within: integer('Those of them that took at most `within_ms`'),
  share: orNull({
    type: 'number',
    description: 'From 0 to 1, rounded down to a ten thousandth; null: none was measured',
  }),
}
const duration = (what: string): Shape => orNull(integer(`${what}, in milliseconds; null: none was measured`))
const timesShape = {
  p50: duration('What half of them took at most'),
  p90: duration('What 90 of 100 took at most'),
  p99: duration('What 99 of 100 took at most'),
}
const textShape = {
  count: integer('How many'),
  text: string('In words, in English or German, by Accept-Language'),
  advice: string('What to do; empty: nothing'),
}

export const sloShape = object({
  from: string('Beginning of the time, UTC'),
  to: string('Its end, UTC'),
  within_ms: integer('How long Nod’s own part of a login should take at most, in milliseconds'),
  system: object({ ...levelShape, ...timesShape, before: object(levelShape) }),
  logins: object({ total: integer('Logins in all'), accepted: integer('Those that let their user in by phone') }),
  steps: listOf(object({ step: oneOf('What was done', ...TIMED_STEPS), ...levelShape, ...timesShape })),
  regions: listOf(object({ region: string('Region of the shard'), ...levelShape, ...timesShape }), 'The busiest first'),
  services: listOf(
    object({
      service: string('Name of the service key; empty: none'),
      logins: integer('Logins in all'),
      accepted: integer('Those that let their user in by phone'),
      ...levelShape,
      ...timesShape,
    }),
    'The busiest first',
  ),
  failures: listOf(
    object({ outcome: oneOf('What became of the login', ...FAILURES), ...textShape }),
    'The most frequent first',
  ),
  refusals: listOf(object({ reason: string('Reason code'), ...textShape }), 'The most frequent first'),
  deliveries: listOf(
    object({
      firebase: string('Name of the Firebase configuration'),
      delivered: integer('Messages that FCM has taken'),
      failed: integer('Tries that failed'),
      failures: listOf(object({ why: string('Cause'), count: integer('Tries') })),
    }),
  ),
})
