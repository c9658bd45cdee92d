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
const count = async (counter: string, name: string) => valueOf(await ports.counters.of(counter).count({ name, rule }))
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

  it('pushes out no name that waits, however many others come, and has no more rows than slots', async () => {
    for (const _ of times(5)) expect(await count('flood', 'c0ffee0ada')).toBe(0)
    const others = times(0x1000).map((index) => `name${index.toString(16).padStart(3, '0')}`)
    for (const start of times(16)) {
      await Promise.all(others.slice(start * 256, (start + 1) * 256).map((name) => count('flood', name)))
    }
    await evictDurableObject(stubOf('flood'))
    expect(await count('flood', 'c0ffee0ada')).toBe(60)
    const { keys } = await kept('flood')
    expect(keys).toHaveLength(0x1000)
    expect(keys.every((key) => /^slot:[0-9a-f]{3}$/.test(key))).toBe(true)
  })

  it('answers a name that somebody has as one that nobody has: nothing but a known place makes a difference', async () => {
    await ports.counters.of('alike').forget({ name: 'somebody', place: 'home' })
    const waits = async (name: string) => {
      const all: number[] = []
      for (const _ of times(7))
        all.push(valueOf(await ports.counters.of('alike').count({ name, rule, place: 'elsewhere' })))
      return all
    }
    expect(await waits('somebody')).toEqual([0, 0, 0, 0, 0, 60, 60])
    expect(await waits('nobody at all')).toEqual([0, 0, 0, 0, 0, 60, 60])
  })

  it('ignores what the version before stored, and deletes it once it has expired', async () => {
    await runInDurableObject(stubOf('before'), async (_, { storage }) => {
      const stored = { counted: { times: [], waits: 1, until: FAR + 60_000 }, over: FAR + 60_000 }
      storage.kv.put('named:ada', stored)
      storage.kv.put('strangers', [['nobody', stored]])
      await storage.setAlarm(FAR + 60_000)
    })
    await evictDurableObject(stubOf('before'))
    expect(await count('before', 'ada')).toBe(0)
    pass(3700)
    expect(await runDurableObjectAlarm(stubOf('before'))).toBe(true)
    expect(await kept('before')).toEqual({ keys: [], alarm: null })
  })

  it('counts events from a known place apart, and knows the place for a month', async () => {
    const from = async (place: string) => valueOf(await ports.counters.of('places').count({ name: 'ada', rule, place }))
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
    const from = async (place: string) => valueOf(await ports.counters.of('many').count({ name: 'ada', rule, place }))
    for (const _ of times(5)) await from('place 0')
    expect([await from('elsewhere'), await from('place 1'), await from('place 16')]).toEqual([60, 0, 0])
  })

  it('stores nothing once everything has expired', async () => {
    await count('sweep', 'ada')
    await count('sweep', 'nobody')
    for (const _ of times(5)) await count('sweep', 'bob')
    expect((await kept('sweep')).alarm).toBe(FAR + 300_000)
    pass(301)
    expect(await runDurableObjectAlarm(stubOf('sweep'))).toBe(true)
    expect(await kept('sweep')).toEqual({ keys: ['slot:bob'], alarm: FAR + 3_660_000 })
    pass(3600)
    expect(await runDurableObjectAlarm(stubOf('sweep'))).toBe(true)
    expect(await kept('sweep')).toEqual({ keys: [], alarm: null })
  })
})
