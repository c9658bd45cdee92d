import { afterAll, beforeAll, expect, it } from 'vitest'
import { fuzz } from './fuzz.ts'
import type { FuzzTarget } from './target.ts'
import { openTarget } from './target.ts'

const SECONDS = 5

let target: FuzzTarget

beforeAll(async () => {
  target = await openTarget()
}, 60_000)
afterAll(() => target.stop())

// `npm run fuzz -- --seconds N` goes on for longer; this is its first moment, another one every time.
it(
  'takes whatever it is asked without a fault, a secret told, or a change by whom may not',
  { timeout: 120_000 },
  async () => {
    const seed = Date.now() % 100_000
    const { requests, faults } = await fuzz(target, seed, SECONDS, Number.POSITIVE_INFINITY)
    expect(faults, `npm run fuzz -- --seed ${seed}`).toEqual([])
    expect(requests).toBeGreaterThan(100)
  },
)
