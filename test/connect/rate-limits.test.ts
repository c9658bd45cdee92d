import { expect, it } from 'vitest'
import { rateLimits } from '../../src/connect/rate-limits.ts'
import { type Bytes, instant } from '../../src/vocabulary.ts'

/** A binding that takes so many of each key, for good. */
function limitOf(most: number) {
  const counts = new Map<string, number>()
  return {
    counts,
    limit: async ({ key }: { readonly key: string }) => {
      const count = (counts.get(key) ?? 0) + 1
      counts.set(key, count)
      return { success: count <= most }
    },
  }
}

/** Random bytes that begin with the given ones, in turns. */
const drawn = (...bytes: number[]) => {
  let turn = 0
  return (length: number): Bytes => new Uint8Array(length).fill(bytes[turn++ % bytes.length] ?? 0)
}

function world(most: number, random = drawn(255)) {
  const clock = { now: instant(1_800_000_000_000) }
  const binding = limitOf(most)
  const limits = rateLimits({ MISS_LIMIT: binding }, true, { now: () => clock.now, random, log: () => undefined })
  return { clock, binding, limits }
}

it('a network that exceeds a limit is refused for half a minute, and no other network is', async () => {
  const { clock, limits } = world(2)
  expect([await limits.count('miss', '192.0.2.1'), await limits.count('miss', '192.0.2.1')]).toEqual([false, false])
  expect(limits.wait('miss', '192.0.2.1')).toBe(0)
  expect(await limits.count('miss', '192.0.2.1')).toBe(true)
  expect([limits.wait('miss', '192.0.2.1'), limits.wait('miss', '192.0.2.2')]).toEqual([30, 0])
  expect(limits.wait('sign_in', '192.0.2.1')).toBe(0)
  clock.now = instant(clock.now + 29_500)
  expect(limits.wait('miss', '192.0.2.1')).toBe(1)
  clock.now = instant(clock.now + 500)
  expect(limits.wait('miss', '192.0.2.1')).toBe(0)
})

it('only the first request beyond the limit is reported as the first', async () => {
  const { limits } = world(0)
  expect([await limits.count('miss', '192.0.2.1'), await limits.count('miss', '192.0.2.1')]).toEqual([true, false])
})

it('a clock that is set back refuses nobody for long', async () => {
  const { clock, limits } = world(0)
  await limits.count('miss', '192.0.2.1')
  clock.now = instant(clock.now - 3_600_000)
  expect(limits.wait('miss', '192.0.2.1')).toBe(0)
})

it('of an IPv6 network one request in sixteen counts for its /48 as well, which is refused as a whole', async () => {
  // Of sixteen draws one is below 16.
  const { binding, limits } = world(3, drawn(...Array.from({ length: 16 }, (_, index) => index * 16)))
  for (let hop = 0; hop < 64; hop += 1)
    await limits.count('miss', `20010db80077${hop.toString(16).padStart(4, '0')}/64`)
  expect(binding.counts.get('miss 20010db80077/48')).toBe(4)
  expect(limits.wait('miss', '20010db80077ffff/64')).toBe(30)
  expect(limits.wait('miss', '20010db800780000/64')).toBe(0)
})

it('a network asks 600 times a minute about one thing, then waits until the minute is over', () => {
  const { clock, limits } = world(0)
  const waits = Array.from({ length: 601 }, () => limits.countRepeat('a transaction', '192.0.2.1'))
  expect([waits[599], waits[600]]).toEqual([0, 60])
  expect(limits.countRepeat('a transaction', '192.0.2.2')).toBe(0)
  expect(limits.countRepeat('another', '192.0.2.1')).toBe(0)
  clock.now = instant(clock.now + 60_000)
  expect(limits.countRepeat('a transaction', '192.0.2.1')).toBe(0)
})

it('fifty requests of a network are in progress at a time, and one that is broken off counts for ten seconds', () => {
  const { clock, limits } = world(0)
  const ends = Array.from({ length: 50 }, () => limits.begin('192.0.2.1'))
  expect(ends.every((end) => end !== undefined)).toBe(true)
  expect(limits.begin('192.0.2.1')).toBeUndefined()
  expect(limits.begin('192.0.2.2')).toBeDefined()
  ends[0]?.()
  expect(limits.begin('192.0.2.1')).toBeDefined()
  expect(limits.begin('192.0.2.1')).toBeUndefined()
  clock.now = instant(clock.now + 10_000)
  expect(limits.begin('192.0.2.1')).toBeDefined()
})

it('who has logged in from a network is remembered there, and nowhere else', () => {
  const { limits } = world(0)
  limits.remember('sign_in', '192.0.2.1', 'hedy')
  expect(limits.isRemembered('sign_in', '192.0.2.1', 'hedy')).toBe(true)
  expect(limits.isRemembered('sign_in', '192.0.2.2', 'hedy')).toBe(false)
  expect(limits.isRemembered('sign_in', '192.0.2.1', 'grace')).toBe(false)
})
