/** What a load has measured: numbers, and the text for people. */
import { percentileOf } from '../../bench/percentiles.ts'
import { STEPS, type Step } from './login.ts'
import type { Stage } from './plan.ts'
import type { LoginResult, Run } from './run.ts'

export interface Latency {
  readonly count: number
  /** Milliseconds. */
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

export interface StageReport {
  readonly stage: Stage
  readonly seconds: number
  readonly due: number
  readonly outcomes: Readonly<Record<'accepted' | 'declined' | 'failed' | 'notStarted', number>>
  /** Logins that were accepted or declined, for each second. */
  readonly perSecond: number
  readonly latencies: Readonly<Record<Step | 'whole', Latency | undefined>>
  readonly failures: readonly FailureReport[]
  /** Of the generator itself: by how much logins started late, and how long they waited for a free user. */
  readonly late: Latency | undefined
  readonly queued: Latency | undefined
}

export interface FailureReport {
  readonly step: Step
  readonly kind: string
  readonly count: number
  /** Seconds after the begin of the run. */
  readonly first: number
  readonly last: number
  readonly example: string
}

const STAGES = ['ramp', 'steady'] as const

/** The stages that the run has reached. */
export const stageReports = ({ results, notStarted, took }: Run): readonly StageReport[] =>
  STAGES.flatMap((stage) => {
    const own = results.filter((one) => one.stage === stage)
    const due = own.length + notStarted[stage]
    if (due === 0) return []
    const count = (outcome: LoginResult['outcome']): number => own.filter((one) => one.outcome === outcome).length
    const outcomes = {
      accepted: count('accepted'),
      declined: count('declined'),
      failed: count('failed'),
      notStarted: notStarted[stage],
    }
    const ended = own.filter(({ outcome }) => outcome !== 'failed')
    const latencies = Object.fromEntries([
      ...STEPS.map((step) => [step, latencyOf(own.flatMap(({ steps }) => steps[step] ?? []))] as const),
      ['whole', latencyOf(ended.map(({ whole }) => whole))],
    ]) as StageReport['latencies']
    return [
      {
        stage,
        seconds: took[stage],
        due,
        outcomes,
        perSecond: ended.length / took[stage],
        latencies,
        failures: failuresOf(own),
        late: latencyOf(own.map(({ late }) => late)),
        queued: latencyOf(own.map(({ queued }) => queued)),
      },
    ]
  })

function latencyOf(times: readonly number[]): Latency | undefined {
  if (times.length === 0) return undefined
  const [p50 = 0, p90 = 0, p99 = 0, max = 0] = [0.5, 0.9, 0.99, 1].map((share) => percentileOf(times, share))
  return { count: times.length, p50, p90, p99, max }
}

function failuresOf(results: readonly LoginResult[]): readonly FailureReport[] {
  const failed = results.flatMap(({ failure, at }) => (failure === undefined ? [] : [{ ...failure, at: at / 1000 }]))
  const kinds = Map.groupBy(failed, ({ step, kind }) => `${step} ${kind}`)
  return [...kinds.values()]
    .map((all) => {
      const times = all.map(({ at }) => at)
      const [{ step, kind, example } = { step: 'trigger' as const, kind: '', example: '' }] = all
      return { step, kind, example, count: all.length, first: Math.min(...times), last: Math.max(...times) }
    })
    .toSorted((one, other) => other.count - one.count)
}

const LABELS: Readonly<Record<Step | 'whole', string>> = {
  trigger: 'trigger',
  prompt: 'phone sees it',
  answer: 'answer',
  status: 'status',
  finalize: 'finalize',
  whole: 'whole login',
}

/** How late logins may start before the report warns that this machine was too slow. */
const LATE_MS = 50

export function reportText(stages: readonly StageReport[]): string {
  const text = stages.flatMap((one) => [
    '',
    `${one.stage}, ${one.seconds.toFixed(0)} s: ${one.due} logins due; ${outcomeText(one)}; ${one.perSecond.toFixed(1)} a second`,
    ...latencyLines(one),
    ...failureLines(one.failures),
    ...generatorLines(one),
  ])
  return text.join('\n').trim()
}

const outcomeText = ({ outcomes: { accepted, declined, failed, notStarted } }: StageReport): string =>
  [
    `${accepted} accepted`,
    ...(declined === 0 ? [] : [`${declined} declined`]),
    `${failed} failed`,
    ...(notStarted === 0 ? [] : [`${notStarted} not started`]),
  ].join(', ')

const row = (name: string, cells: readonly string[]): string =>
  `  ${name.padEnd(13)}${cells.map((cell) => cell.padStart(10)).join('')}`

const latencyLines = ({ latencies }: StageReport): readonly string[] => [
  row('milliseconds', ['p50', 'p90', 'p99', 'max', 'count']),
  ...([...STEPS, 'whole'] as const).flatMap((name) => {
    const found = latencies[name]
    if (found === undefined) return []
    const { p50, p90, p99, max, count } = found
    return [row(LABELS[name], [...[p50, p90, p99, max].map((time) => time.toFixed(1)), String(count)])]
  }),
]

const failureLines = (failures: readonly FailureReport[]): readonly string[] =>
  failures.map(({ step, kind, count, first, last, example }) => {
    const words = example === '' || example === kind ? '' : `: ${example}`
    return `  ${count} failed at ${LABELS[step]}, ${kind}${words} (from ${first.toFixed(1)} s to ${last.toFixed(1)} s)`
  })

function generatorLines({ late, queued, outcomes }: StageReport): readonly string[] {
  const lines: string[] = []
  if (late !== undefined && late.p99 > LATE_MS)
    lines.push(
      `  This machine was too busy: logins started up to ${late.max.toFixed(0)} ms late. Take a lower rate, or several machines.`,
    )
  if (queued !== undefined && (queued.p99 > LATE_MS || outcomes.notStarted > 0))
    lines.push(
      `  Logins waited up to ${queued.max.toFixed(0)} ms for a free user, and that is in "whole login". Take more --users.`,
    )
  return lines
}
