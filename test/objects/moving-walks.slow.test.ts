/** Long random walks of a phone that moves. A shorter one is `moving-walks.test.ts`. */
import { expect, it } from 'vitest'
import { walk } from './moving-walk.ts'

it.each([21, 22, 23, 24, 25, 26, 27, 28])(
  'one object of a phone that moves serves at any time, and what callers were told stays true (seed %i)',
  { timeout: 300_000 },
  async (seed) => {
    expect(await walk(seed, 120)).toBeGreaterThan(0)
  },
)
