import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Quota } from '../../src/rules/deployment/quota.ts'
import { seconds } from '../../src/vocabulary.ts'
import { FAR, ports, valueOf } from './world.ts'

const HOUR = seconds(3600)
const stubOf = (name: string) => env.COUNTER.get(env.COUNTER.idFromName(name))

/** A counter whose events are Ada's, unless a name is given. */
const counterOf = (counter: string) => ({
  reserve: async (id: string, quota: Quota) =>
    valueOf(await ports.counters.of(counter).reserve({ name: 'ada', id, quota })),
  cancelReservation: async (id: string) =>
    valueOf(await ports.counters.of(counter).cancelReservation({ name: 'ada', id })),
  hasRoom: async (quota: Quota, name = 'ada') => valueOf(await ports.counters.of(counter).hasRoom({ name, quota })),
})

// Time stands, so that no alarm goes off by itself, and passes when a test says so.
beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: FAR }))
afterEach(() => vi.useRealTimers())
const setTime = (secondsLater: number) => vi.setSystemTime(FAR + secondsLater * 1000)

it('of a hundred events at once, exactly as many as the quota allows are counted', async () => {
  const quota = { most: 7, within: HOUR }
  const counter = counterOf('quotas/hundred')
  const reserved = await Promise.all(Array.from({ length: 100 }, (_, index) => counter.reserve(String(index), quota)))
  expect(reserved.filter(Boolean)).toHaveLength(7)
  expect(await counter.hasRoom(quota)).toBe(false)
  expect(await counter.hasRoom(quota, 'bob')).toBe(true)
})

it('an event counts once however often it is reported, and no more once its reservation is cancelled', async () => {
  const quota = { most: 1, within: HOUR }
  const counter = counterOf('quotas/once')
  expect(await counter.reserve('first', quota)).toBe(true)
  expect(await counter.reserve('first', quota)).toBe(true)
  expect(await counter.reserve('second', quota)).toBe(false)
  await counter.cancelReservation('second')
  expect(await counter.reserve('second', quota)).toBe(false)
  await counter.cancelReservation('first')
  expect(await counter.reserve('second', quota)).toBe(true)
})

it('events still count after the object was evicted', async () => {
  const quota = { most: 1, within: HOUR }
  const counter = counterOf('quotas/evicted')
  expect(await counter.reserve('first', quota)).toBe(true)
  await evictDurableObject(stubOf('quotas/evicted'))
  expect(await counter.reserve('second', quota)).toBe(false)
})

it('an event no longer counts when its span is over', async () => {
  const quota = { most: 1, within: seconds(1) }
  const counter = counterOf('quotas/past')
  expect(await counter.reserve('first', quota)).toBe(true)
  setTime(0.999)
  expect(await counter.reserve('second', quota)).toBe(false)
  setTime(1)
  expect(await counter.reserve('second', quota)).toBe(true)
})

it('a quota of a short span makes no event forgotten that a longer one still counts', async () => {
  const long = { most: 2, within: HOUR }
  const short = { most: 9, within: seconds(1) }
  const counter = counterOf('quotas/two-spans')
  for (const id of ['first', 'second']) expect(await counter.reserve(id, long)).toBe(true)
  setTime(1)
  expect(await counter.reserve('third', short)).toBe(true)
  expect(await counter.reserve('fourth', long)).toBe(false)
})

it.each([['reserve'], ['hasRoom']] as const)(
  'events are kept for a long span as long as %s asks about that span',
  async (verb) => {
    const day = { most: 999, within: seconds(86_400) }
    const brief = { most: 999, within: seconds(60) }
    const name = `quotas/spans-${verb}`
    const counter = counterOf(name)
    const countStored = () =>
      runInDurableObject(
        stubOf(name),
        (_, { storage }) => storage.kv.get<{ events: unknown[] }>('quota:ada')?.events.length,
      )
    await counter.reserve('first', day)
    setTime(23 * HOUR)
    await (verb === 'reserve' ? counter.reserve('second', day) : counter.hasRoom(day))
    setTime(30 * HOUR)
    await counter.reserve('third', brief)
    expect(await countStored()).toBe(verb === 'reserve' ? 2 : 1)
    setTime(46 * HOUR)
    await counter.reserve('fourth', brief)
    expect(await countStored()).toBe(verb === 'reserve' ? 3 : 2)
    setTime(47 * HOUR)
    await counter.reserve('fifth', brief)
    expect(await countStored()).toBe(1)
  },
)
