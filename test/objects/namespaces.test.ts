import { describe, expect, it } from 'vitest'
import { namespacesIn, type Namespaces } from '../../src/connect/namespaces.ts'
import { connectJournal, connectObjects } from '../../src/connect/objects.ts'
import { instant, type Serial } from '../../src/vocabulary.ts'
import { JURISDICTIONS, regionsWithin, regionWithin } from '../../src/vocabulary/jurisdictions.ts'

const world = { now: () => instant(0), log: () => undefined }
const known = {
  isRegistered: async () => true,
  isKnown: () => true,
  findSigner: async () => undefined,
  objectNumber: () => undefined,
}

/** Namespaces that know what was asked of them: `Phone` outside of a jurisdiction, `eu/Phone` inside. */
function recorded() {
  const asked: string[] = []
  const namespace = (name: string): object => ({
    idFromName: (object: string) => (asked.push(`${name} id`), { name: object }),
    get: () => {
      asked.push(`${name} get`)
      return new Proxy({}, { get: () => async () => ({ ok: true, value: undefined }) })
    },
    jurisdiction: (where: string) => namespace(`${where}/${name}`),
  })
  const names = { TRANSACTIONS: 'Transactions', PHONE: 'Phone', COUNTER: 'Counter', JOURNAL: 'Journal' }
  const env = Object.fromEntries(Object.entries(names).map(([binding, name]) => [binding, namespace(name)]))
  return { asked, env: env as unknown as Namespaces }
}

/** Calls one object of each class, however it is found. */
async function callAll(namespaces: Namespaces, regions = regionsWithin(undefined)) {
  const objects = connectObjects(namespaces, world, known, { regions, shardsPerRegion: 2 })
  const serial = 'PIPU1' as Serial
  await connectJournal(namespaces, world).changesOf({ owner: { login: 'ada', realm: 'sales' } })
  await objects.counters.of('owners/0').eraseNames({ names: [] })
  await objects.phones.of(serial).counters()
  await (await objects.phones.find(serial, 'weur'))?.counters()
  await Promise.all(objects.transactions.all().map((shard) => shard.discardExpired()))
  return objects.transactions.shards()
}

describe('objects of a deployment in a jurisdiction', () => {
  it.each(JURISDICTIONS)('are found inside it and nowhere else: %s', async (jurisdiction) => {
    const { asked, env } = recorded()
    const shards = await callAll(namespacesIn(env, jurisdiction), regionsWithin(jurisdiction))
    const names = new Set(asked.map((one) => one.split(' ')[0]))
    const classes = ['Counter', 'Journal', 'Phone', 'Transactions']
    expect([...names].toSorted()).toEqual(classes.map((name) => `${jurisdiction}/${name}`))
    expect(new Set(shards.map(({ region }) => region))).toEqual(new Set(regionsWithin(jurisdiction)))
  })

  it('are found by the bindings themselves without one, in all regions', async () => {
    const { asked, env } = recorded()
    const shards = await callAll(namespacesIn(env, undefined))
    expect(asked.some((one) => one.includes('/'))).toBe(false)
    expect(new Set(shards.map(({ region }) => region)).size).toBe(9)
  })
})

describe('the regions of a jurisdiction', () => {
  it.each([
    ['eu', ['weur', 'eeur']],
    ['us', ['wnam', 'enam']],
    ['fedramp', ['wnam', 'enam']],
  ] as const)('of %s are %j', (jurisdiction, regions) => {
    expect(regionsWithin(jurisdiction).toSorted()).toEqual(regions.toSorted())
  })

  it('serve callers of everywhere, each from the nearest inside', () => {
    for (const jurisdiction of JURISDICTIONS)
      for (const region of regionsWithin(undefined))
        expect(regionsWithin(jurisdiction)).toContain(regionWithin(region, jurisdiction))
    expect([
      regionWithin('oc', 'us'),
      regionWithin('weur', 'us'),
      regionWithin('me', 'eu'),
      regionWithin('oc', undefined),
    ]).toEqual(['wnam', 'enam', 'eeur', 'oc'])
  })
})
