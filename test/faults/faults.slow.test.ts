/** `npm run faults`, whole. */
import { expect, it } from 'vitest'
import { GROUPS } from './groups.ts'
import { deviationsOf, runAll } from './matrix.ts'
import { World } from './world.ts'

it('whatever is out of order, nothing is lost', { timeout: 1_200_000 }, async () => {
  const world = await World.open()
  try {
    const lines = await runAll(world, GROUPS)
    expect(lines.length).toBeGreaterThan(100)
    expect(lines.flatMap((line) => deviationsOf(line).map((wrong) => `${line.row.fault}: ${wrong}`))).toEqual([])
  } finally {
    await world.close()
  }
})
