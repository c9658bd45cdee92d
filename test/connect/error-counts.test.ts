import { expect, it } from 'vitest'
import { errorCounter } from '../../src/connect/error-counts.ts'
import { addSeconds, instant, seconds } from '../../src/vocabulary.ts'
import type { ErrorCount } from '../../src/vocabulary/doctor.ts'

const NOW = instant(1_790_000_000_000)
const at = (second: number) => addSeconds(NOW, seconds(second))

/** A counter that reports to a journal which may be away. */
function counting() {
  const reports: (readonly ErrorCount[])[] = []
  const work: Promise<unknown>[] = []
  const journal = { isAway: false }
  const counter = errorCounter((one) => work.push(one))
  counter.reportTo(async (counts) => {
    reports.push(counts)
    return !journal.isAway
  })
  const settled = () => Promise.all(work.splice(0))
  return { counter, reports, journal, settled }
}
const told = (counts: readonly ErrorCount[]) => counts.map(({ event, count }) => `${event} ${count}`)

it('reports the first error at once, then all of ten seconds together', async () => {
  const { counter, reports, settled } = counting()
  counter.note('late', at(0))
  await settled()
  for (const second of [1, 2, 9]) counter.note('late', at(second))
  counter.note('failed', at(9))
  await settled()
  expect(reports.map(told)).toEqual([['late 1']])
  counter.note('late', at(10))
  await settled()
  expect(reports.map(told)).toEqual([['late 1'], ['late 4', 'failed 1']])
  expect(told(counter.counts())).toEqual(['late 5', 'failed 1'])
})

it('keeps what did not arrive, and asks a journal that is away no oftener', async () => {
  const { counter, reports, journal, settled } = counting()
  journal.isAway = true
  counter.note('late', at(0))
  await settled()
  // That the report failed is an error as well.
  counter.note('unreachable', at(1))
  await settled()
  expect(reports).toHaveLength(1)
  journal.isAway = false
  await counter.flush(at(2))
  expect(told(reports.at(-1) ?? [])).toEqual(['late 1', 'unreachable 1'])
  await counter.flush(at(3))
  expect(reports).toHaveLength(2)
})

it('does not count what is no error', async () => {
  const { counter, reports, settled } = counting()
  counter.note('catalogue_restored', at(0))
  await settled()
  expect(reports).toEqual([])
  expect(counter.counts()).toEqual([])
})
