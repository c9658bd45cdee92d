import { runInDurableObject } from 'cloudflare:test'
import { expect, it } from 'vitest'
import { Shards } from '../../src/objects/journal/shards.ts'
import { SettingsVersion } from '../../src/objects/settings-version.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { done, refuse } from '../../src/refusal.ts'
import { addSeconds, revision, seconds } from '../../src/vocabulary.ts'
import { type CatalogueVersion, FIRST_EPOCH } from '../../src/vocabulary/catalogue.ts'
import { drawLogin, enroll, FAR, ports, stubOf, valueOf, verdict } from './world.ts'

const UNREACHABLE = refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) })
const version = (of: number): CatalogueVersion => ({ epoch: FIRST_EPOCH, revision: revision(of) })

/** Runs with the storage of an object that nobody else uses. */
const withStorage = <T>(name: string, work: (storage: DurableObjectStorage) => Promise<T>): Promise<T> =>
  runInDurableObject(stubOf(name), (_, { storage }) => work(storage))

it('a shard opens no login by settings that were changed since', async () => {
  const at = 1
  const holder = await enroll('PIPUSETTINGS1')
  const { opening } = await drawLogin(at, [holder])
  const shard = ports.transactions.inShard({ region: 'weur', number: at })
  const before = valueOf(await ports.settings.version())
  const entry = { at: ports.now(), action: 'test', administrator: 'grace', address: '' }
  // The shard introduces itself.
  expect(verdict(await shard.open({ ...opening, settings: before, isCurrent: true }))).toBe('ok')
  valueOf(await ports.settings.save({ note: 'changed' }, entry))
  const next = await drawLogin(at, [holder])
  for (const isCurrent of [true, false])
    expect(verdict(await shard.open({ ...next.opening, settings: before, isCurrent }))).toBe('stale')
  const settings = valueOf(await ports.settings.version())
  expect(verdict(await shard.open({ ...next.opening, settings, isCurrent: false }))).toBe('ok')
})

it('a shard asks the journal to tell it of changes before it reads what they are by now', async () => {
  const asked: string[] = []
  let isThere = false
  const world: Pick<Ports, 'journal' | 'settings' | 'now' | 'log'> = {
    ...ports,
    journal: {
      ...ports.journal,
      addShard: async ({ shard }) => {
        asked.push(`journal ${shard}`)
        return isThere ? done(undefined) : UNREACHABLE
      },
    },
    settings: {
      ...ports.settings,
      version: async () => {
        asked.push('primary')
        return done(version(10))
      },
    },
  }
  await withStorage('PIPUSETTINGS2', async (storage) => {
    const settings = new SettingsVersion(storage, world, 'oc/3')
    expect(await settings.isIntroduced()).toBe(false)
    expect(asked).toEqual(['journal oc/3'])
    isThere = true
    expect(await Promise.all([settings.isIntroduced(), settings.isIntroduced()])).toEqual([true, true])
    expect(asked).toEqual(['journal oc/3', 'journal oc/3', 'primary'])
    expect(settings.laterThan(version(9))).toEqual(version(10))
    expect(settings.laterThan(version(10))).toBeUndefined()
    // An object that restarts knows it.
    expect(await new SettingsVersion(storage, world, 'oc/3').isIntroduced()).toBe(true)
    expect(asked).toHaveLength(3)
  })
})

it('a shard asks the primary by itself once in five minutes, and never goes back', async () => {
  let now = FAR
  let primary = done(version(10))
  let asked = 0
  const world: Pick<Ports, 'journal' | 'settings' | 'now' | 'log'> = {
    ...ports,
    now: () => now,
    journal: { ...ports.journal, addShard: async () => done(undefined) },
    settings: {
      ...ports.settings,
      version: async () => {
        asked += 1
        return primary
      },
    },
  }
  await withStorage('PIPUSETTINGS3', async (storage) => {
    const settings = new SettingsVersion(storage, world, 'oc/4')
    await settings.isIntroduced()
    await settings.askAgain()
    expect(asked).toBe(1)
    now = addSeconds(FAR, seconds(300))
    primary = done(version(12))
    await Promise.all([settings.askAgain(), settings.askAgain()])
    expect(asked).toBe(2)
    expect(settings.laterThan(version(11))).toEqual(version(12))
    settings.learn(version(11))
    expect(settings.laterThan(version(11))).toEqual(version(12))
  })
})

it('the journal names the shards that it could not tell, and tells them later', async () => {
  const told: string[] = []
  let isThere = false
  const world: Pick<Ports, 'transactions' | 'now' | 'log'> = {
    ...ports,
    log: () => undefined,
    transactions: {
      ...ports.transactions,
      inShard: ({ region, number }) => ({
        ...ports.transactions.inShard({ region, number }),
        learnSettings: async ({ version: { revision: of } }) => {
          if (region === 'oc' && !isThere) return UNREACHABLE
          told.push(`${region}/${number} ${of}`)
          return done(undefined)
        },
      }),
    },
  }
  await withStorage('PIPUSETTINGS4', async (storage) => {
    const shards = new Shards(storage, world)
    shards.add('weur/0')
    shards.add('oc/1')
    expect(await shards.tell(version(20))).toEqual(['oc/1'])
    expect(told).toEqual(['weur/0 20'])
    expect(await storage.getAlarm()).not.toBeNull()
    expect(shards.alarm.take()).toBe(true)
    // An older change that is reported late is no news.
    expect(await shards.tell(version(19))).toEqual(['oc/1'])
    isThere = true
    expect(await shards.retry()).toEqual([])
    expect(told).toEqual(['weur/0 20', 'oc/1 20'])
    expect(shards.behind()).toEqual([])
    await storage.deleteAlarm()
  })
})
