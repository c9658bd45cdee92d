import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { choosePresence, presencePool } from '../../../src/rules/login/presence.ts'
import type { Random } from '../../../src/vocabulary.ts'

/** Bytes that follow from a seed; xorshift is good enough to count with. */
function seeded(seed: number): Random {
  let state = seed || 1
  return (length) =>
    Uint8Array.from({ length }, () => {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      return state & 0xff
    })
}

const words =
  (...drawn: readonly number[]): Random =>
  () => {
    const bytes = new Uint8Array(4)
    new DataView(bytes.buffer).setUint32(0, drawn[0] ?? 0)
    drawn = drawn.slice(1)
    return bytes
  }

describe('the pool', () => {
  it('has the letters A to Z', () => {
    const pool = presencePool('ALPHABETIC', '01:02')
    expect([pool.length, pool[0], pool[25]]).toEqual([26, 'A', 'Z'])
  })

  it('has the hundred numbers of two digits', () => {
    const pool = presencePool('NUMERIC', undefined)
    expect([new Set(pool).size, pool[0], pool[7], pool[99]]).toEqual([100, '00', '07', '99'])
  })

  it('has the options of the policy', () => {
    expect(presencePool('CUSTOM', '01:02:03:1A:1B:1C')).toEqual(['01', '02', '03', '1A', '1B', '1C'])
  })

  it('has letters where a policy asks for its own options and has none', () => {
    expect(presencePool('CUSTOM', undefined)).toEqual(presencePool('ALPHABETIC', undefined))
  })
})

describe('choosing', () => {
  const somePool = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 30 })

  it('takes distinct options of the pool, as many as asked for or there are, the answer among them', () => {
    fc.assert(
      fc.property(somePool, fc.integer({ min: 1, max: 12 }), fc.integer(), (pool, count, seed) => {
        const { options, answer } = choosePresence({ pool }, count, seeded(seed))
        expect(options).toHaveLength(Math.min(count, pool.length))
        expect(new Set(options).size).toBe(options.length)
        expect(options.every((option) => pool.includes(option))).toBe(true)
        expect(options).toContain(answer)
      }),
    )
  })

  it('makes every option and every place of the answer about as frequent as the others', () => {
    const random = seeded(20_261_101)
    const shown = new Map<string, number>()
    const places = [0, 0, 0]
    for (let round = 0; round < 6000; round += 1) {
      const { options, answer } = choosePresence({ pool: ['a', 'b', 'c', 'd', 'e'] }, 3, random)
      for (const option of options) shown.set(option, (shown.get(option) ?? 0) + 1)
      const place = options.indexOf(answer)
      places[place] = (places[place] ?? 0) + 1
    }
    for (const count of shown.values()) expect(Math.abs(count - 3600)).toBeLessThan(250)
    for (const count of places) expect(Math.abs(count - 2000)).toBeLessThan(200)
  })

  it('repeats a draw that would favor the first options', () => {
    // 2^32 is 1 more than a multiple of 3: its last value belongs to nobody.
    const { options } = choosePresence({ pool: ['a', 'b', 'c'] }, 1, words(2 ** 32 - 1, 1, 0))
    expect(options).toEqual(['b'])
  })

  it('throws for a pool without options, which no policy can make', () => {
    expect(() => choosePresence({ pool: [] }, 3, words(0))).toThrow('presence needs a pool')
  })
})
