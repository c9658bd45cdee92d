import { expect, it } from 'vitest'
import { reportText, stageReports } from '../../scripts/load/report.ts'
import type { LoginResult, Run } from '../../scripts/load/run.ts'

const accepted = (whole: number, late = 0): LoginResult => ({
  stage: 'steady',
  at: whole,
  late,
  queued: 0,
  whole,
  outcome: 'accepted',
  steps: { trigger: whole / 2, prompt: 5, answer: 4, status: 1, finalize: whole / 4 },
  thought: 0,
  failure: undefined,
})

const failed = (at: number, kind: string, example = kind): LoginResult => ({
  ...accepted(9_000),
  at,
  outcome: 'failed',
  steps: { trigger: 7 },
  failure: { step: 'prompt', kind, example },
})

const run = (results: readonly LoginResult[], notStarted = 0): Run => ({
  results,
  notStarted: { ramp: 0, steady: notStarted },
  took: { ramp: 0, steady: 10 },
})

const HUNDRED = Array.from({ length: 100 }, (_, index) => accepted(index + 1))

it('a report has the quantiles of each step; the time of a login that failed is not that of a login', () => {
  const [steady] = stageReports(run([...HUNDRED, failed(100, 'no prompt within 15 s')]))
  expect(steady?.latencies.whole).toEqual({ count: 100, p50: 51, p90: 91, p99: 100, max: 100 })
  expect(steady?.latencies.trigger?.count).toBe(101)
  expect(steady?.latencies.finalize?.max).toBe(25)
  expect(steady?.outcomes).toEqual({ accepted: 100, declined: 0, failed: 1, notStarted: 0 })
  expect(steady?.perSecond).toBe(10)
})

it('a report names the failures by kind, the most frequent first, with when they happened', () => {
  const results = [failed(4_000, 'HTTP 500'), failed(1_000, 'HTTP 503', 'first'), failed(2_500, 'HTTP 503', 'second')]
  const [steady] = stageReports(run(results))
  expect(steady?.failures).toEqual([
    { step: 'prompt', kind: 'HTTP 503', count: 2, first: 1, last: 2.5, example: 'first' },
    { step: 'prompt', kind: 'HTTP 500', count: 1, first: 4, last: 4, example: 'HTTP 500' },
  ])
  const text = reportText(stageReports(run(results)))
  expect(text).toContain('  2 failed at phone sees it, HTTP 503: first (from 1.0 s to 2.5 s)')
  expect(text).toContain('  1 failed at phone sees it, HTTP 500 (from 4.0 s to 4.0 s)')
})

it('a report says so if the figures are those of a busy generator, or of too few users', () => {
  expect(reportText(stageReports(run(HUNDRED)))).not.toMatch(/busy|free user/)
  expect(reportText(stageReports(run([...HUNDRED, accepted(80, 70), accepted(80, 90)])))).toContain(
    'This machine was too busy',
  )
  expect(reportText(stageReports(run(HUNDRED, 3)))).toContain('3 not started')
  expect(reportText(stageReports(run(HUNDRED, 3)))).toContain('Take more --users')
})

it('a stage that the run has not reached is not in the report', () => {
  expect(stageReports(run([]))).toEqual([])
})
