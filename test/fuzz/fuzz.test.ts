import { afterAll, beforeAll, expect, it } from 'vitest'
import { SEED } from '../seed.ts'
import { fuzz } from './fuzz.ts'
import { type FuzzTarget, openTarget } from './target.ts'

/** As many on every machine, so that the same are sent. */
const REQUESTS = 300

let target: FuzzTarget

beforeAll(async () => {
  target = await openTarget()
}, 60_000)
afterAll(() => target.stop())

// `npm run fuzz -- --seconds N` goes on for longer.
it(
  'answers any request without an internal error, without telling a secret, and without an unauthorized change',
  { timeout: 120_000 },
  async () => {
    const { requests, faults } = await fuzz(target, SEED, Number.POSITIVE_INFINITY, REQUESTS)
    expect(faults, `npm run fuzz -- --seed ${SEED}`).toEqual([])
    expect(requests).toBe(REQUESTS)
  },
)
