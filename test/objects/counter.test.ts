import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { WindowRule } from '../../src/rules/deployment/window.ts'
import { seconds } from '../../src/vocabulary.ts'
import { FAR, ports, valueOf } from './world.ts'

const rule: WindowRule = {
  limit: 5,
  window: seconds(300),
  firstWait: seconds(60),
  longestWait: seconds(900),
  resetAfter: seconds(3600),
}
const stubOf = (name: string) => env.COUNTER.get(env.COUNTER.idFromName(name))
const count = async (counter: string, name: string, isKnown = true) =>
  valueOf(await ports.counters.of(counter).count({ name, rule, isKnown }))
const times = (number: number) => Array.from({ length: number }, (_, index) => index)
const kept = (name: string) =>
  runInDurableObject(stubOf(name), async (_, { storage }) => ({
    keys: [...storage.kv.list()].map(([key]) => key),
    alarm: await storage.getAlarm(),
  }))
const pass = (span: number) => vi.setSystemTime(Date.now() + span * 1000)

// No alarm fires by itself when time stands here.
beforeEach(() => vi.useFakeTimers({ toFake: ['Date'], now: FAR }))
afterEach(() => vi.useRealTimers())

describe('a counter', () => {
  it('counts five of sixty events at once, and makes the others wait', async () => {
    const waits = await Promise.all(times(60).map(() => count('at once', 'ada')))
    expect(waits.filter((wait) => wait === 0)).toHaveLength(5)
    expect(waits.filter((wait) => wait === 60)).toHaveLength(55)
    await evictDurableObject(stubOf('at once'))
    expect(await count('at once', 'ada')).toBe(60)
    expect(await count('at once', 'bob')).toBe(0)
  })

  it('makes each wait longer, until the name is forgotten', async () => {
    for (const _ of times(5)) await count('grow', 'ada')
    expect(await count('grow', 'ada')).toBe(60)
    pass(60)
    for (const _ of times(5)) expect(await count('grow', 'ada')).toBe(0)
    expect(await count('grow', 'ada')).toBe(120)
    await ports.counters.of('grow').forget({ name: 'ada' })
    expect(await count('grow', 'ada')).toBe(0)
  })

  it('takes back an event that turned out not to count', async () => {
    for (const _ of times(5)) {
      expect(await count('back', 'ada')).toBe(0)
      await ports.counters.of('back').uncount({ name: 'ada', rule })
    }
    expect(await count('back', 'ada')).toBe(0)
    for (const _ of times(4)) expect(await count('back', 'ada')).toBe(0)
    expect(await count('back', 'ada')).toBe(60)
    await ports.counters.of('back').uncount({ name: 'ada', rule })
    await evictDurableObject(stubOf('back'))
    expect(await count('back', 'ada')).toBe(0)
  })

  it('keeps all unknown names in one row, and answers about them as about known names', async () => {
    for (const _ of times(5)) expect(await count('flood', 'nobody', false)).toBe(0)
    await evictDurableObject(stubOf('flood'))
    expect(await count('flood', 'nobody', false)).toBe(60)
    for (const _ of times(5)) await count('flood', 'ada')
    await Promise.all(times(300).map((index) => count('flood', `nobody ${index}`, false)))
    expect((await kept('flood')).keys.toSorted()).toEqual(['named:ada', 'strangers'])
    // Unknown names push out each other, but no known name.
    expect(await count('flood', 'nobody', false)).toBe(0)
    expect(await count('flood', 'ada')).toBe(60)
  })

  it('counts events from a known place apart, and knows the place for a month', async () => {
    const from = async (place: string) =>
      valueOf(await ports.counters.of('places').count({ name: 'ada', rule, isKnown: true, place }))
    const counter = ports.counters.of('places')
    await counter.forget({ name: 'ada', place: 'home' })
    for (const _ of times(5)) await from('elsewhere')
    await evictDurableObject(stubOf('places'))
    expect([await from('elsewhere'), await from('home')]).toEqual([60, 0])
    const more = await Promise.all(times(60).map(() => from('home')))
    expect(more.filter((wait) => wait === 0)).toHaveLength(4)
    await counter.forget({ name: 'ada', place: 'home' })
    expect([await from('elsewhere'), await from('home')]).toEqual([60, 0])
    pass(30 * 86_400)
    await from('elsewhere')
    expect(await from('home')).toBe(0)
    for (const _ of times(3)) await from('elsewhere')
    expect(await from('home')).toBe(60)
    pass(7200)
    expect(await runDurableObjectAlarm(stubOf('places'))).toBe(true)
    expect(await kept('places')).toEqual({ keys: [], alarm: null })
  })

  it('knows the sixteen latest places of a name', async () => {
    for (const index of times(17)) await ports.counters.of('many').forget({ name: 'ada', place: `place ${index}` })
    const from = async (place: string) =>
      valueOf(await ports.counters.of('many').count({ name: 'ada', rule, isKnown: true, place }))
    for (const _ of times(5)) await from('place 0')
    expect([await from('elsewhere'), await from('place 1'), await from('place 16')]).toEqual([60, 0, 0])
  })

  it('stores nothing once everything has expired', async () => {
    await count('sweep', 'ada')
    await count('sweep', 'nobody', false)
    for (const _ of times(5)) await count('sweep', 'bob')
    expect((await kept('sweep')).alarm).toBe(FAR + 300_000)
    pass(301)
    expect(await runDurableObjectAlarm(stubOf('sweep'))).toBe(true)
    expect(await kept('sweep')).toEqual({ keys: ['named:bob', 'strangers'], alarm: FAR + 3_660_000 })
    pass(3600)
    expect(await runDurableObjectAlarm(stubOf('sweep'))).toBe(true)
    expect(await kept('sweep')).toEqual({ keys: [], alarm: null })
  })
})
