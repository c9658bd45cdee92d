/** Long random walks of changes, several at once. A shorter one is part of `replicas.test.ts`. */
import { expect, it } from 'vitest'
import { walk } from './walk.ts'
import { ReplicaWorld } from './world.ts'

const SEEDS = [11, 12, 13, 14, 15, 16]
const STEPS = 250

it.each(SEEDS)(
  'a login by a late replica comes to what the primary would make of it, whatever changes (seed %i)',
  { timeout: 600_000 },
  async (seed) => {
    const world = await ReplicaWorld.open()
    try {
      await world.addRealm('other', 'poll only')
      const counts = await walk(world, seed, STEPS)
      expect(counts['opened']).toBeGreaterThan(STEPS / 4)
    } finally {
      await world.close()
    }
  },
)
