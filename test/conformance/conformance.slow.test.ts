import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OwnNod, startOwnNod } from './own-nod.ts'
import { run } from './run.ts'
import { STATEMENTS } from './statements.ts'
import { World } from './world.ts'

let nod: OwnNod
let world: World

beforeAll(async () => {
  nod = await startOwnNod()
  world = await World.open(nod)
}, 60_000)
afterAll(async () => {
  await world.close()
  await nod.stop()
})

describe('Nod', () => {
  for (const statement of STATEMENTS.filter(({ slow }) => slow !== true)) {
    it(`${statement.number}. ${statement.text}`, async () => {
      const [result] = await run(world, [statement])
      expect(result).toMatchObject({ outcome: 'passed', differences: [], gone: [] })
    })
  }

  it('keeps nothing of it', async () => {
    const tokens = await world.call('GET', '/token/')
    expect(tokens.value).toMatchObject({ count: 0 })
    const policies = await world.call('GET', '/policy/')
    expect(policies.value).toMatchObject([{ name: world.enrollmentPolicy }])
  })
})

describe('the statements', () => {
  it('are numbered from 1 to 50', () => {
    expect(STATEMENTS.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
  })
})
