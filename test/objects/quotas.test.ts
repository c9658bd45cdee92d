import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import { seconds } from '../../src/vocabulary.ts'
import { FAR, ports } from './world.ts'

const HOUR = seconds(3600)
const counter = (name: string) => ports.counters.of(name)
const stubOf = (name: string) => env.COUNTER.get(env.COUNTER.idFromName(name))

afterEach(() => {
  vi.useRealTimers()
})

it('lets exactly so many of a hundred happen at once', async () => {
  const quota = { most: 7, within: HOUR }
  const took = await Promise.all(
    Array.from({ length: 100 }, (_, index) => counter('quotas/hundred').take('ada', String(index), quota)),
  )
  expect(took.filter(Boolean)).toHaveLength(7)
  expect(await counter('quotas/hundred').hasRoom('ada', quota)).toBe(false)
  expect(await counter('quotas/hundred').hasRoom('bob', quota)).toBe(true)
})

it('counts an event once, and not at all once it is given back', async () => {
  const quota = { most: 1, within: HOUR }
  const one = counter('quotas/once')
  expect(await one.take('ada', 'first', quota)).toBe(true)
  expect(await one.take('ada', 'first', quota)).toBe(true)
  expect(await one.take('ada', 'second', quota)).toBe(false)
  await one.giveBack('ada', 'second')
  expect(await one.take('ada', 'second', quota)).toBe(false)
  await one.giveBack('ada', 'first')
  expect(await one.take('ada', 'second', quota)).toBe(true)
})

it('remembers them when the object has gone and come again', async () => {
  const quota = { most: 1, within: HOUR }
  expect(await counter('quotas/gone').take('ada', 'first', quota)).toBe(true)
  await evictDurableObject(stubOf('quotas/gone'))
  expect(await counter('quotas/gone').take('ada', 'second', quota)).toBe(false)
})

it('forgets what is past', async () => {
  const quota = { most: 1, within: seconds(1) }
  expect(await counter('quotas/past').take('ada', 'first', quota)).toBe(true)
  await scheduler.wait(1100)
  expect(await counter('quotas/past').take('ada', 'second', quota)).toBe(true)
})

it('forgets for a short span nothing that counts in a longer one', async () => {
  const long = { most: 2, within: HOUR }
  const short = { most: 9, within: seconds(1) }
  const one = counter('quotas/two-spans')
  for (const id of ['first', 'second']) expect(await one.take('ada', id, long)).toBe(true)
  await scheduler.wait(1100)
  expect(await one.take('ada', 'third', short)).toBe(true)
  expect(await one.take('ada', 'fourth', long)).toBe(false)
})

it.each([['take'], ['hasRoom']] as const)('remembers for a long span for as long as %s asks for it', async (asks) => {
  const day = { most: 999, within: seconds(86_400) }
  const brief = { most: 999, within: seconds(60) }
  const name = `quotas/spans-${asks}`
  const events = () =>
    runInDurableObject(
      stubOf(name),
      (_, { storage }) => storage.kv.get<{ events: unknown[] }>('quota:ada')?.events.length,
    )
  const at = (hours: number) => vi.setSystemTime(FAR + hours * HOUR * 1000)
  vi.useFakeTimers({ toFake: ['Date'], now: FAR })
  await counter(name).take('ada', 'first', day)
  at(23)
  if (asks === 'take') await counter(name).take('ada', 'second', day)
  else await counter(name).hasRoom('ada', day)
  at(30)
  await counter(name).take('ada', 'third', brief)
  expect(await events()).toBe(asks === 'take' ? 2 : 1)
  at(46)
  await counter(name).take('ada', 'fourth', brief)
  expect(await events()).toBe(asks === 'take' ? 3 : 2)
  at(47)
  await counter(name).take('ada', 'fifth', brief)
  expect(await events()).toBe(1)
})
