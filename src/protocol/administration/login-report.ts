/** The counts of logins as reports show them. */
import { formatTimestamp } from '../../timestamps.ts'
import { type Instant, instant } from '../../vocabulary.ts'
import { type Counts, LOGIN_OUTCOMES, TIMED_STEPS } from '../../vocabulary/login-reports.ts'
import { integer, listOf, mapOf, object, oneOf, orNull, type Shape, string } from '../shape.ts'

/** Counts of a part of the time, of one service or of one mode. */
interface Part<Of> {
  readonly of: Of
  readonly counts: Counts
}

/** How long a step took; times are in milliseconds. */
export interface StepSummary {
  readonly step: string
  readonly count: number
  readonly p50: number | undefined
  readonly p90: number | undefined
  readonly p99: number | undefined
  readonly mean: number | undefined
  readonly buckets: readonly { readonly upTo: number | null; readonly count: number }[]
}

const OUTCOME = 'outcome/'

/** The outcomes among these counts, and their sum. */
function outcomesOf(counts: Counts) {
  const outcomes = Object.fromEntries(LOGIN_OUTCOMES.map((outcome) => [outcome, counts[`${OUTCOME}${outcome}`] ?? 0]))
  return { total: Object.values(outcomes).reduce((sum, number) => sum + number, 0), outcomes }
}

const present = (counts: Counts) => {
  const { total, outcomes } = outcomesOf(counts)
  return { total, outcomes: Object.fromEntries(Object.entries(outcomes).filter(([, number]) => number > 0)) }
}

/** The logins of a time, by outcome, period, service and mode. */
export const loginCountsValue = (
  {
    total,
    periods,
    services,
    modes,
  }: {
    readonly total: Counts
    readonly periods: readonly Part<Instant>[]
    readonly services: readonly Part<string>[]
    readonly modes: readonly Part<string>[]
  },
  textOf: (reason: string) => string,
) => ({
  ...outcomesOf(total),
  periods: periods.map(({ of, counts }) => ({ at: formatTimestamp(of), ...present(counts) })),
  services: services
    .map(({ of, counts }) => ({ service: of, ...present(counts) }))
    .filter((one) => one.total > 0)
    .toSorted((one, other) => other.total - one.total),
  modes: modes.filter(({ of }) => of !== '').map(({ of, counts }) => ({ mode: of, ...present(counts) })),
  refusals: Object.entries(total)
    .flatMap(([name, count]) =>
      name.startsWith('refused/') ? [{ reason: name.slice(8), count, text: textOf(name.slice(8)) }] : [],
    )
    .toSorted((one, other) => other.count - one.count),
})

const outcomes = mapOf(
  integer('Logins'),
  `By outcome: ${LOGIN_OUTCOMES.join(', ')}; without those of which there are none`,
)
const total = integer('Logins in all')

export const timeShape = {
  from: string('Beginning of the time, UTC'),
  to: string('Its end, UTC'),
  span: oneOf('What a period is', 'hour', 'day'),
}

export const timeValue = ({
  from,
  until,
  byDay,
}: {
  readonly from: number
  readonly until: number
  readonly byDay: boolean
}) => ({
  from: formatTimestamp(instant(from)),
  to: formatTimestamp(instant(until)),
  span: byDay ? 'day' : 'hour',
})

export const loginCountsShape = object({
  total,
  outcomes: object(Object.fromEntries(LOGIN_OUTCOMES.map((outcome) => [outcome, integer('Logins')]))),
  periods: listOf(
    object({ at: string('When the period begins, UTC'), total, outcomes }),
    'The earliest first; periods without a login are left out',
  ),
  services: listOf(object({ service: string('Name of the service key; empty: none'), total, outcomes })),
  modes: listOf(object({ mode: string('How the phone was asked'), total, outcomes })),
  refusals: listOf(
    object({
      reason: string('Reason code'),
      count: integer('Refused requests about logins, open ones included'),
      text: string('The reason in words'),
    }),
    'The most frequent first',
  ),
})

export const stepValue = ({ step, count, p50, p90, p99, mean }: StepSummary) => ({
  step,
  count,
  p50: p50 ?? null,
  p90: p90 ?? null,
  p99: p99 ?? null,
  mean: mean ?? null,
})

export const bucketsValue = ({ buckets }: StepSummary) => ({
  buckets: buckets.map(({ upTo, count }) => ({ up_to: upTo, count })),
})

const duration = (what: string): Shape => orNull(integer(`${what}, in milliseconds; null: there was no login`))
const stepFields = {
  step: oneOf('What was done', ...TIMED_STEPS),
  count: integer('Logins that it was measured of'),
  p50: duration('What half of them took at most'),
  p90: duration('What 90 of 100 took at most'),
  p99: duration('What 99 of 100 took at most'),
  mean: duration('Their mean'),
}
export const stepShape = object(stepFields)
export const stepWithBucketsShape = object({
  ...stepFields,
  buckets: listOf(
    object({
      up_to: orNull(integer('Milliseconds; null: any longer time')),
      count: integer('Logins that took at most this long, and longer than the bucket before'),
    }),
  ),
})
