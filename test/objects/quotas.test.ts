import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { seconds } from '../../src/vocabulary.ts'
import { ports } from './world.ts'

const HOUR = seconds(3600)
const counter = (name: string) => ports.counters.of(name)

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
  await evictDurableObject(env.COUNTER.get(env.COUNTER.idFromName('quotas/gone')))
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
