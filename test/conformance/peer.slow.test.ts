import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OwnNod, startOwnNod } from './own-nod.ts'
import { type PrivacyIdea, startPrivacyIdea } from './privacyidea.ts'
import { isExpected, run } from './run.ts'
import { STATEMENTS } from './statements.ts'
import { World } from './world.ts'

describe('privacyIDEA', () => {
  let peer: PrivacyIdea
  let world: World

  // The first time it is installed.
  beforeAll(async () => {
    peer = await startPrivacyIdea()
    world = await World.open(peer)
  }, 600_000)
  afterAll(async () => {
    await world.close()
    await peer.stop()
  }, 60_000)

  for (const statement of STATEMENTS) {
    it(`is as listed: ${statement.number}. ${statement.text}`, { timeout: 120_000 }, async () => {
      const results = await run(world, [statement])
      expect(results.filter((result) => !isExpected(result))).toEqual([])
      // Its polltransaction has no CORS headers to configure.
      expect(results[0]?.outcome === 'not applicable').toBe(statement.number === 35)
    })
  }
})

describe('Nod, where time has to pass', () => {
  let nod: OwnNod
  let world: World

  beforeAll(async () => {
    nod = await startOwnNod()
    world = await World.open({ ...nod, slow: true })
  }, 60_000)
  afterAll(async () => {
    await world.close()
    await nod.stop()
  }, 60_000)

  for (const statement of STATEMENTS.filter(({ number }) => [29, 45].includes(number))) {
    it(`${statement.number}. ${statement.text}`, { timeout: 60_000 }, async () => {
      const [result] = await run(world, [statement])
      expect(result).toMatchObject({ outcome: 'passed', differences: [], skipped: [] })
    })
  }
})
