/** Short random walks of a phone that moves. Longer ones: `moving-walks.slow.test.ts`. */
import { expect, it } from 'vitest'
import { SEED } from '../seed.ts'
import { walk } from './moving-walk.ts'

it('one object of a phone that moves serves at any time, and what callers were told stays true', async () => {
  expect(await walk(SEED, 25)).toBeGreaterThan(0)
})
