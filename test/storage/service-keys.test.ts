import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { serviceKeysOf, type SecretRow, type ServiceKeyRow } from '../../src/storage/service-keys.ts'
import { queryRunner } from '../../src/storage/run-query.ts'
import { useRecorder } from '../../src/storage/service-key-use.ts'
import { addSeconds, type Instant, instant, seconds } from '../../src/vocabulary.ts'
import { auditEntry, now, storage, valueOf } from './example.ts'

const DAY = seconds(86_400)
const days = (count: number): Instant => addSeconds(now, seconds(count * DAY))
const table = () => storage().serviceKeys
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as D1's own `all<Row>()`
const all = async <Row>(name: string) => (await env.DB.prepare(`SELECT * FROM ${name}`).all<Row>()).results
/** Every secret of a key by its hash, with its end. */
const secrets = async (name = 'vpn') => {
  const keys = serviceKeysOf(await all<ServiceKeyRow>('service_keys'), await all<SecretRow>('service_key_secrets'))
  return Object.fromEntries(keys.filter((key) => key.name === name).map((key) => [key.hash, key.validUntil]))
}
const add = (hash: string, more: { name?: string; validUntil?: Instant } = {}) =>
  table().add({ name: 'vpn', role: 'validate', hash, createdAt: now, ...more }, auditEntry('POST /apikey'))
const rotate = async (hash: string, previousUntil: Instant, at = now, validUntil?: Instant) =>
  valueOf(await table().rotate('vpn', { hash, previousUntil, validUntil }, auditEntry('rotate', { at })))

beforeEach(async () => {
  await env.DB.batch(['service_keys', 'service_key_secrets'].map((name) => env.DB.prepare(`DELETE FROM ${name}`)))
})
afterEach(() => vi.useRealTimers())

describe('a service key that is rotated', () => {
  it('has both secrets until the old one ends', async () => {
    await add('one')
    expect(await rotate('two', days(1))).toEqual({ ended: [] })
    expect(await secrets()).toEqual({ one: days(1), two: undefined })
    expect(await rotate('three', days(2))).toEqual({ ended: [] })
    expect(await secrets()).toEqual({ one: days(1), two: days(2), three: undefined })
  })

  it('at once ends every secret so far', async () => {
    await add('one')
    await rotate('two', days(1))
    expect((await rotate('three', now))?.ended.toSorted()).toEqual(['one', 'two'])
    expect(await secrets()).toEqual({ one: now, two: now, three: undefined })
  })

  it('does not revive a secret that has expired, nor prolong one that is going to', async () => {
    await add('one', { validUntil: days(1) })
    expect(await rotate('two', days(7), days(3))).toMatchObject({ ended: ['one'] })
    expect(await secrets()).toMatchObject({ one: days(1) })
    await rotate('three', days(30), days(3))
    // The second was to live as long as the first: a day.
    expect(await secrets()).toEqual({ one: days(1), two: days(4), three: days(4) })
  })

  it('is valid as long again as before, unless it is said otherwise', async () => {
    await add('one', { validUntil: days(90) })
    expect(await rotate('two', days(81), days(80))).toMatchObject({ validUntil: days(170) })
    expect(await rotate('three', days(101), days(100), days(107))).toMatchObject({ validUntil: days(107) })
    expect(await rotate('four', days(106), days(105))).toMatchObject({ validUntil: days(112) })
  })

  it('is not one that there is not, or that is revoked', async () => {
    expect(await rotate('two', days(1))).toBeUndefined()
    await add('one')
    await table().revoke('vpn', auditEntry('DELETE /apikey'))
    expect(await rotate('two', days(1))).toBeUndefined()
    expect(await all('service_key_secrets')).toEqual([])
  })

  it('keeps four earlier secrets, and none that ended thirty days ago', async () => {
    await add('0')
    for (let count = 1; count <= 7; count += 1) await rotate(String(count), days(count))
    expect(Object.keys(await secrets()).toSorted()).toEqual(['3', '4', '5', '6', '7'])
    await rotate('8', days(40), days(36))
    expect(Object.keys(await secrets()).toSorted()).toEqual(['5', '6', '7', '8'])
  })

  it('is revoked with all its secrets, which no later key of its name has', async () => {
    await add('one')
    await rotate('two', days(1))
    await add('other', { name: 'wiki' })
    expect(valueOf(await table().revoke('vpn', auditEntry('DELETE /apikey'))).toSorted()).toEqual(['one', 'two'])
    await table().forget('vpn')
    expect(await all('service_key_secrets')).toEqual([])
    // A version before forgets the key alone.
    await env.DB.prepare("INSERT INTO service_key_secrets (hash, name, valid_until) VALUES ('one', 'vpn', ?)")
      .bind(days(9))
      .run()
    await add('three')
    expect(await secrets()).toEqual({ three: undefined })
    expect(await secrets('wiki')).toEqual({ other: undefined })
  })

  it('by two at once has one of the secrets as its newest, and the other as an earlier one', async () => {
    await add('one')
    await Promise.all([rotate('two', days(1)), rotate('three', days(1))])
    const kept = await secrets()
    expect(kept).toMatchObject({ one: days(1) })
    expect([kept['two'], kept['three']].filter((end) => end === undefined)).toHaveLength(1)
  })
})

describe('the last use of a service key', () => {
  /** A table whose clock the test sets, and how often it has asked D1. */
  function isolate() {
    const state = { at: now, trips: 0, away: false }
    const db = new Proxy(env.DB, {
      get: (target, property) => {
        if (property !== 'batch') return target.prepare.bind(target)
        state.trips += 1
        if (state.away) throw new Error('D1 is away')
        return target.batch.bind(target)
      },
    })
    const log = (): void => undefined
    return { state, recordUse: useRecorder(queryRunner(db, log), () => state.at) }
  }
  const key = { name: 'vpn', hash: 'one', hashes: ['one'], role: 'validate', createdAt: now } as const
  const lastUse = async () => (await all<ServiceKeyRow>('service_keys'))[0]?.last_used_at

  it('is written once an hour, however often it is used, and whoever else writes it', async () => {
    await add('one')
    const [here, there] = [isolate(), isolate()]
    for (let count = 0; count < 100; count += 1) await here.recordUse(key)
    expect([here.state.trips, await lastUse()]).toEqual([1, now])
    there.state.at = addSeconds(now, seconds(3599))
    await there.recordUse(key)
    expect([there.state.trips, await lastUse()]).toEqual([1, now])
    here.state.at = addSeconds(now, seconds(3600))
    await here.recordUse(key)
    expect([here.state.trips, await lastUse()]).toEqual([2, here.state.at])
  })

  it('asks nothing where the deployment was read within the hour and says so', async () => {
    await add('one')
    const { state, recordUse } = isolate()
    await recordUse({ ...key, lastUsedAt: addSeconds(now, seconds(-3599)) })
    expect(state.trips).toBe(0)
  })

  it('is that of each secret', async () => {
    await add('one')
    await rotate('two', days(1))
    const { recordUse } = isolate()
    await recordUse(key)
    expect(await lastUse()).toBeNull()
    expect(await all('service_key_secrets')).toMatchObject([{ hash: 'one', last_used_at: now }])
  })

  it('is tried again a minute after D1 did not take it, not with every request', async () => {
    await add('one')
    const { state, recordUse } = isolate()
    state.away = true
    for (let count = 0; count < 10; count += 1) await recordUse(key)
    expect(state.trips).toBe(1)
    state.away = false
    state.at = addSeconds(now, seconds(60))
    await recordUse(key)
    expect(await lastUse()).toBe(state.at)
  })
})

it('a key made before keys could expire never does', () => {
  const row = { name: 'vpn', hash: 'one', role: 'admin', created_at: 1, expires_at: null, last_used_at: null } as const
  expect(serviceKeysOf([{ ...row, rotated_at: null }], [])).toEqual([
    { name: 'vpn', hash: 'one', hashes: ['one'], role: 'admin', createdAt: instant(1) },
  ])
})
