import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Phone } from '../../src/index.ts'
import { addSeconds, instant, seconds, type Serial } from '../../src/vocabulary.ts'
import { countTrips } from './counting.ts'
import {
  drawLogin,
  enroll,
  eventually,
  FAR,
  finish,
  ports,
  ringOf,
  shard,
  shardStub,
  stubOf,
  valueOf,
} from './world.ts'

const AT = 41
const unregistered = () =>
  Response.json({ error: { status: 'NOT_FOUND', details: [{ errorCode: 'UNREGISTERED' }] } }, { status: 404 })
const pass = (count: number) => vi.setSystemTime(addSeconds(ports.now(), seconds(count)))
const takeTokensAway = () => env.DB.prepare('ALTER TABLE tokens RENAME TO away').run()
const bringTokensBack = () => env.DB.prepare('ALTER TABLE away RENAME TO tokens').run()

let count = 0
let serial: Serial
let messages = 0
beforeEach(async () => {
  serial = `PIPUGONE00${count++}` as Serial
  messages = 0
  vi.useFakeTimers({ toFake: ['Date'], now: FAR })
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url) => {
    if (String(url).startsWith('http://google.test/')) return Response.json({ access_token: 'ya29', expires_in: 3600 })
    messages += 1
    return unregistered()
  })
  await enroll(serial, { firebase: 'fb1' })
  valueOf(await ports.phones.of(serial).ring(await ringOf(serial)))
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const alarm = () => runDurableObjectAlarm(stubOf(serial))
const alarmAt = () => runInDurableObject(stubOf(serial), (_, { storage }) => storage.getAlarm())
const row = () =>
  env.DB.prepare('SELECT quarantined_at AS at, quarantine_cause AS cause FROM tokens WHERE serial = ?')
    .bind(serial)
    .first()
const QUARANTINED = { at: FAR, cause: 'unregistered' }
const NOT = { at: null, cause: null }
const refresh = (registrationToken: string, at = ports.now()) =>
  ports.tokens.refreshRegistration(serial, { registrationToken, at })

/** A login whose prompt FCM is to bring to the phone's registration token. */
async function push() {
  const login = await drawLogin(AT, [{ serial, key: 0 }])
  const { transaction } = login.opening
  const delivery = { firebase: 'fb1', registrationToken: `registration token of ${serial}` }
  const challenges = transaction.challenges.map((challenge) => ({ ...challenge, delivery }))
  valueOf(await shard(AT).open({ ...login.opening, transaction: { ...transaction, challenges } }))
  await eventually(() => expect(messages).toBeGreaterThan(0))
  return login.id
}

describe('a registration token that is unknown to FCM', () => {
  it('is quarantined within two seconds, and its token does not change', async () => {
    const before = valueOf(await ports.tokens.record(serial))
    await push()
    await eventually(async () => expect(await alarmAt()).toBeLessThanOrEqual(FAR + 2000))
    await alarm()
    expect(await row()).toEqual(QUARANTINED)
    expect(valueOf(await ports.tokens.record(serial))).toEqual({ ...before, quarantinedAt: FAR })
    expect(await alarmAt()).toBeNull()
  })

  it('is quarantined even if the catalogue is down for long and the object restarts', async () => {
    await push()
    await eventually(async () => expect(await alarmAt()).not.toBeNull())
    await takeTokensAway()
    for (let round = 0; round < 5; round++) {
      await alarm()
      pass(60)
      expect(await alarmAt()).not.toBeNull()
      await evictDurableObject(stubOf(serial))
    }
    await bringTokensBack()
    await alarm()
    expect(await row()).toEqual(QUARANTINED)
    expect(await alarmAt()).toBeNull()
  })

  it('is tried once more if the phone’s object could not be reached', async () => {
    const told = vi.spyOn(Phone.prototype, 'quarantine').mockRejectedValueOnce(new Error('overloaded'))
    await push()
    await eventually(() => expect(told).toHaveBeenCalledTimes(1))
    await eventually(async () =>
      expect(await runInDurableObject(shardStub(AT), (_, { storage }) => storage.getAlarm())).toBe(FAR + 5000),
    )
    pass(5)
    await runDurableObjectAlarm(shardStub(AT))
    expect([messages, told.mock.calls.length]).toEqual([2, 2])
    pass(2)
    await alarm()
    expect(await row()).toMatchObject({ cause: 'unregistered' })
  })

  it('is not quarantined if the phone has sent another one since', async () => {
    await push()
    valueOf(await refresh('a new one'))
    await eventually(async () => expect(await alarmAt()).not.toBeNull())
    await alarm()
    expect(await row()).toEqual(NOT)
  })

  it('is not quarantined if the phone has sent it again since', async () => {
    await push()
    await eventually(async () => expect(await alarmAt()).not.toBeNull())
    valueOf(await refresh(`registration token of ${serial}`, addSeconds(ports.now(), seconds(1))))
    await alarm()
    expect(await row()).toEqual(NOT)
  })

  it.each([
    ['another one', () => 'another'],
    ['the same one again', () => `registration token of ${serial}`],
  ])('leaves the quarantine as soon as the phone sends %s', async (_, next) => {
    await ports.phones.of(serial).quarantine({
      registrationToken: `registration token of ${serial}`,
      cause: 'unregistered',
      at: FAR,
    })
    await alarm()
    expect(await row()).toEqual(QUARANTINED)
    expect(valueOf(await refresh(next(), addSeconds(FAR, seconds(1))))).toBe(true)
    expect(await row()).toEqual(NOT)
  })

  it('of a deleted token leaves nothing stored', async () => {
    const nobody = 'PIPUNOBODY01' as Serial
    await ports.phones.of(nobody).quarantine({ registrationToken: 'x', cause: 'unregistered', at: instant(0) })
    expect(await runInDurableObject(stubOf(nobody), (_, { storage }) => storage.getAlarm())).toBeNull()
  })
})

describe('the app on a phone', () => {
  const app = () => env.DB.prepare('SELECT app, system FROM tokens WHERE serial = ?').bind(serial).first()
  const login = async (version: string) => {
    valueOf(
      await ports.phones.of(serial).finalize({
        transaction: await ringed(),
        phoneKey: await phoneKey(),
        app: { app: version, system: 'Android/14' },
      }),
    )
  }
  const ringed = async () => {
    const ring = await ringOf(serial)
    valueOf(await ports.phones.of(serial).ring(ring))
    return ring.transaction
  }
  const phoneKey = async () => valueOf(await ports.tokens.record(serial))?.phoneKey ?? ''

  it('is known after its first finalized login, and costs later logins nothing', async () => {
    valueOf(await finish(serial))
    const trips = countTrips()
    const copies = () => trips.flat().filter((sql) => sql.startsWith('UPDATE tokens SET attempts')).length
    await login('privacyIDEA-App/4.6.1')
    await eventually(async () => expect(await app()).toEqual({ app: 'privacyIDEA-App/4.6.1', system: 'Android/14' }))
    expect(copies()).toBe(1)
    for (let round = 0; round < 3; round++) await login('privacyIDEA-App/4.6.1')
    expect(copies()).toBe(1)
    await login('privacyIDEA-App/4.7.0')
    await eventually(async () => expect(await app()).toMatchObject({ app: 'privacyIDEA-App/4.7.0' }))
    expect(copies()).toBe(2)
  })

  it('is kept when a later login does not name it', async () => {
    await login('privacyIDEA-App/4.8.0')
    await eventually(async () => expect(await app()).toMatchObject({ app: 'privacyIDEA-App/4.8.0' }))
    pass(601)
    valueOf(await finish(serial))
    await eventually(async () => expect(await app()).toMatchObject({ app: 'privacyIDEA-App/4.8.0' }))
  })
})
