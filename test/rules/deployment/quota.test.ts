import { expect, it } from 'vitest'
import { eventsWithin, type QuotaEvent, parseQuota, reserve } from '../../../src/rules/deployment/quota.ts'
import { instant, seconds } from '../../../src/vocabulary.ts'

const quota = { most: 2, within: seconds(60) }
const at = (second: number) => instant(1_800_000_000_000 + second * 1000)

it.each([
  ['5/1h', { most: 5, within: 3600 }],
  ['1/30s', { most: 1, within: 30 }],
  [' 999/2m ', { most: 999, within: 120 }],
])('%s is a quota', (text, meant) => {
  expect(parseQuota(text)).toEqual(meant)
})

it.each(['', '5', '5/', '/1h', '0/1h', '5/0s', '5/1d', '5/1w', '1000/1h', '5/1h/1h', '-1/1h', '5.5/1h'])(
  '%j is none',
  (text) => {
    expect(parseQuota(text)).toBeUndefined()
  },
)

it('lets so many happen, each once, and more when the first of them is past', () => {
  const first = reserve([], 'a', quota, at(0))
  const second = reserve(first ?? [], 'b', quota, at(10))
  expect(second).toHaveLength(2)
  expect(reserve(second ?? [], 'a', quota, at(20))).toHaveLength(2)
  expect(reserve(second ?? [], 'c', quota, at(59))).toBeUndefined()
  expect(reserve(second ?? [], 'c', quota, at(60))?.map(({ id }: QuotaEvent) => id)).toEqual(['b', 'c'])
})

it('keeps the events that a quota may still count, at most as many as any quota allows', () => {
  const events = [0, 10, 59].map((second) => ({ id: String(second), at: at(second) }))
  expect(eventsWithin(events, seconds(60), at(60)).map(({ id }) => id)).toEqual(['10', '59'])
  expect(eventsWithin(events, seconds(60), at(59))).toHaveLength(3)
  const many = Array.from({ length: 1100 }, (_, index) => ({ id: String(index), at: at(0) }))
  const kept = eventsWithin(many, seconds(60), at(1))
  expect([kept.length, kept[0]?.id]).toEqual([999, '101'])
})
