import { describe, expect, it } from 'vitest'
import { healthProbes } from '../../../src/operations/administration/health-probes.ts'
import type { Ports } from '../../../src/ports/ports.ts'
import { done, refuse } from '../../../src/refusal.ts'
import { seconds } from '../../../src/vocabulary.ts'

const away = refuse({ reason: 'storage_unavailable', retryAfter: seconds(2) })
const asked: unknown[] = []
const shardsOf = (outcome: unknown) => ({
  shards: () => [
    { region: 'weur', number: 0 },
    { region: 'oc', number: 0 },
  ],
  inShard: (shard: unknown) => ({ listChallenges: async () => (asked.push(shard), outcome) }),
})
const countersOf = (outcome: unknown) => ({ of: () => ({ describe: async () => outcome }) })

/** All is well. */
const WELL = {
  limits: { firebase: ['fb1'] },
  schema: { fault: async () => undefined },
  databaseProbe: { measure: async () => done({ primary: 9, nearest: 3, clockAhead: 0 }), write: async () => done(12) },
  transactions: shardsOf(done([])),
  counters: countersOf(done({ events: 0 })),
  deployment: { cachedOrReload: async () => done({ policies: [] }) },
  signing: { currentIn: () => 'k3072-1', sign: async () => done(new Uint8Array(1)) },
  auditArchive: { get: async () => done(undefined) },
  delivery: { probe: async () => ({ project: 'nod', result: 'ready', isTokenRefused: false }) },
}

async function findings(change: Partial<Record<keyof typeof WELL, unknown>> = {}) {
  const ports = { ...WELL, ...change } as unknown as Ports
  const found = await Promise.all(
    healthProbes(ports).map(async ({ name, run }) => [name, await run(ports, 'oc')] as const),
  )
  return Object.fromEntries(found.map(([name, { isWell }]) => [name, isWell]))
}

describe('the probes', () => {
  it('find nothing where all is well, and ask the shard where the caller is', async () => {
    expect(Object.values(await findings())).toEqual(Array(7).fill(true))
    expect(asked).toEqual([{ region: 'oc', number: 0 }])
  })

  it.each<readonly [string, Parameters<typeof findings>[0]]>([
    ['migrations', { schema: { fault: async () => 'it lacks 0024' } }],
    ['database', { databaseProbe: { ...WELL.databaseProbe, measure: async () => away } }],
    ['database', { databaseProbe: { ...WELL.databaseProbe, write: async () => away } }],
    ['objects', { transactions: shardsOf(away) }],
    ['objects', { counters: countersOf(away) }],
    ['signing_keys', { signing: { ...WELL.signing, sign: async () => away } }],
    ['archive', { auditArchive: { get: async () => refuse({ reason: 'archive_unavailable' } as never) } }],
    [
      'firebase:fb1',
      { delivery: { probe: async () => ({ project: 'nod', result: 'credentials', isTokenRefused: true }) } },
    ],
  ])('find it where %s fails, and nothing else', async (name, change) => {
    const found = await findings(change)
    expect(Object.keys(found).filter((one) => !found[one])).toEqual([name])
  })

  it('take a deployment without a key, a bucket and Firebase for a well one', async () => {
    const bare = { auditArchive: undefined, signing: { currentIn: () => undefined }, limits: { firebase: [] } }
    expect(Object.values(await findings(bare))).toEqual(Array(6).fill(true))
  })
})
