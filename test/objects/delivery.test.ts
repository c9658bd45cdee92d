import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { eventText } from '../../src/protocol/login/step-texts.ts'
import { addSeconds, seconds, type Serial } from '../../src/vocabulary.ts'
import { drawLogin, eventually, FAR, ports, shard, shardStub, valueOf } from './world.ts'

let shardsUsed = 80
let at = shardsUsed
const stub = () => shardStub(at)
const alarm = () => runDurableObjectAlarm(stub())
const alarmAt = () => runInDurableObject(stub(), (_, { storage }) => storage.getAlarm())
const pass = (count: number) => vi.setSystemTime(addSeconds(ports.now(), seconds(count)))

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  Response.json(body, { status, headers })
const taken = () => json(200, { name: 'projects/nod-test/messages/1' })
const failing =
  (status: number, errorCode: string, headers = {}) =>
  () =>
    json(status, { error: { status: errorCode, details: [{ errorCode }] } }, headers)
const unavailable = failing(503, 'UNAVAILABLE')
const unregistered = failing(404, 'UNREGISTERED')
const never = () => new Promise<Response>(() => undefined)

/** What FCM was sent, in order; it answers as the test says, and Google gives a token to whoever asks. */
const sent: { token: string; ttl: string; data: Record<string, string> }[] = []
let fcm: () => Response | Promise<Response> = taken

const phones = [
  { serial: 'PIPUDELIVER1' as Serial, key: 0 },
  { serial: 'PIPUDELIVER2' as Serial, key: 1 },
] as const
const [one, two] = phones

// Each test is an hour after the one before: the breaker that one of them may have opened has closed again.
let hours = 0
beforeEach(() => {
  at = shardsUsed++
  sent.length = 0
  fcm = taken
  vi.useFakeTimers({ toFake: ['Date'], now: addSeconds(FAR, seconds(3600 * hours++)) })
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    if (String(url).startsWith('http://google.test/')) return json(200, { access_token: 'ya29', expires_in: 3600 })
    const { message } = JSON.parse(String(init?.body))
    sent.push({ token: message.token, ttl: message.android.ttl, data: message.data })
    return fcm()
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A login for phones that FCM reaches, opened. */
async function open(of: readonly (typeof phones)[number][] = [one], deliveryWait = 0, firebase = 'fb1') {
  const login = await drawLogin(at, of)
  const { transaction } = login.opening
  const challenges = transaction.challenges.map((challenge) => ({
    ...challenge,
    delivery: { firebase, registrationToken: `token of ${challenge.serial}` },
  }))
  const opening = { ...login.opening, transaction: { ...transaction, challenges }, deliveryWait: seconds(deliveryWait) }
  return { ...login, opened: valueOf(await shard(at).open(opening)) }
}
/** What the stored login says of itself. */
const steps = (id: string): Promise<string[]> =>
  runInDurableObject(stub(), (_, { storage }) => {
    const { body } = storage.sql.exec<{ body: string }>('SELECT body FROM opened WHERE id = ?', id).one()
    return JSON.parse(body).transaction.steps.map(eventText)
  })
const reached = (count: number) => eventually(() => expect(sent).toHaveLength(count))

describe('a prompt', () => {
  it('is delivered to FCM once for each phone, after the caller was answered', async () => {
    fcm = never
    const { opened } = await open(phones)
    expect(opened.undelivered).toEqual([])
    await reached(2)
    expect(sent.map(({ token }) => token).toSorted()).toEqual(phones.map(({ serial }) => `token of ${serial}`))
    expect(sent[0]).toMatchObject({ ttl: '120s', data: { nonce: expect.any(String) } })
  })

  it('that FCM accepted is not sent again while the object runs', async () => {
    await open()
    await reached(1)
    pass(11)
    await alarm()
    pass(100)
    await alarm()
    expect(sent).toHaveLength(1)
  })

  it('is sent again by the alarm if the object restarted during the delivery', async () => {
    fcm = never
    await open()
    await reached(1)
    await abortAllDurableObjects()
    fcm = taken
    pass(11)
    await alarm()
    expect(sent.map(({ ttl }) => ttl)).toEqual(['120s', '109s'])
    pass(20)
    await alarm()
    expect(sent).toHaveLength(2)
  })

  it('is not sent again if the phone has answered meanwhile or can no longer answer', async () => {
    fcm = never
    const { id, say } = await open(phones)
    await reached(2)
    await abortAllDurableObjects()
    await shard(at).answer({ id, answer: await say(one.serial, { decline: true }) })
    await shard(at).withdraw({ id, serial: two.serial, withdrawal: { cause: 'token_changed' } })
    fcm = taken
    pass(11)
    await alarm()
    expect(sent).toHaveLength(2)
  })

  it('is delivered to the other phone if one cannot be reached', async () => {
    fcm = () => (sent.length === 1 ? unregistered() : taken())
    const { opened } = await open(phones, 3)
    expect(opened.undelivered).toHaveLength(1)
    expect(sent).toHaveLength(2)
  })
})

describe('while FCM is down', () => {
  it('a delivery is tried three times, each after a longer wait', async () => {
    fcm = unavailable
    await open()
    await reached(1)
    for (const [wait, count] of [
      [1, 2],
      [2, 3],
    ] as const) {
      await eventually(async () => expect(await alarmAt()).toBe(ports.now() + wait * 1000))
      pass(wait)
      await alarm()
      expect(sent).toHaveLength(count)
    }
    pass(100)
    await alarm()
    expect(sent).toHaveLength(3)
  })

  it('a delivery is tried again even if the object restarted in between', async () => {
    fcm = unavailable
    await open()
    await reached(1)
    await eventually(async () => expect(await alarmAt()).toBe(ports.now() + 1000))
    await abortAllDurableObjects()
    pass(1)
    fcm = taken
    await alarm()
    expect(sent).toHaveLength(2)
    pass(60)
    await alarm()
    expect(sent).toHaveLength(2)
  })

  it('a delivery waits as long as FCM says, but not longer than the phone may answer', async () => {
    fcm = failing(503, 'UNAVAILABLE', { 'Retry-After': '30' })
    const { id } = await open()
    await eventually(async () => expect(await steps(id)).toContain('delivery failed: unavailable'))
    pass(29)
    await alarm()
    expect([sent.length, await alarmAt()]).toEqual([1, ports.now() + 1000])
    pass(1)
    await alarm()
    expect(sent).toHaveLength(2)
    pass(60)
    fcm = failing(429, 'QUOTA_EXCEEDED', { 'Retry-After': '3600' })
    await alarm()
    expect(sent).toHaveLength(3)
    expect(await alarmAt()).toBe(ports.now() + 120_000)
    pass(120)
    await alarm()
    expect(sent).toHaveLength(3)
  })
})

describe('a registration token that is unknown to FCM', () => {
  it('is not tried again; the phone still finds the prompt by polling', async () => {
    fcm = unregistered
    const { id, say } = await open()
    await reached(1)
    // What FCM said has to be known before time goes on: a delivery nobody has heard of is taken up again.
    await eventually(async () => expect(valueOf(await shard(at).timeline({ id }))?.steps).toHaveLength(2))
    for (const wait of [1, 11, 60]) {
      pass(wait)
      await alarm()
    }
    expect(sent).toHaveLength(1)
    expect(valueOf(await shard(at).pendingPrompts({ serial: one.serial, ids: [id], most: 5 }))).toEqual([
      { id, prompt: { nonce: one.serial } },
    ])
    expect(valueOf(await shard(at).answer({ id, answer: await say(one.serial) }))).toEqual({ accepted: true })
  })
})

describe('a caller that waits for the delivery', () => {
  it('is answered which phones were not reached', async () => {
    fcm = unregistered
    expect((await open([one], 3)).opened.undelivered).toEqual([one.serial])
    fcm = taken
    expect((await open([one], 3)).opened.undelivered).toEqual([])
  })

  it('waits no longer than its limit', async () => {
    fcm = never
    expect((await open([one], 0.05)).opened.undelivered).toEqual([])
  })

  it('is answered as well when FCM is down', async () => {
    fcm = () => Promise.reject(new Error('connection reset'))
    expect((await open([one], 3)).opened.undelivered).toEqual([one.serial])
  })
})

describe('a caller that does not wait for the delivery', () => {
  const failedOnce = async (times = 1) => {
    for (let time = 0; time < times; time++) {
      const { id } = await open()
      await eventually(async () => expect((await steps(id)).length).toBeGreaterThan(1))
    }
  }

  it('hears at once of a phone to which the delivery before failed, until one arrives', async () => {
    fcm = unregistered
    await failedOnce()
    expect((await open()).opened).toMatchObject({ undelivered: [one.serial], unconfirmed: [] })
    fcm = taken
    expect((await open()).opened).toMatchObject({ undelivered: [], unconfirmed: [] })
    fcm = never
    expect((await open()).opened).toMatchObject({ undelivered: [], unconfirmed: [] })
  })

  it('hears at once that sending is stopped, of every phone', async () => {
    fcm = unavailable
    await failedOnce(5)
    const before = sent.length
    expect((await open([two])).opened.undelivered).toEqual([two.serial])
    expect(sent).toHaveLength(before)
  })

  it('hears at once that there is no such Firebase configuration', async () => {
    expect((await open([one], 0, 'nosuch')).opened.undelivered).toEqual([one.serial])
    expect(sent).toEqual([])
  })

  it('hears within half a second that FCM has not taken it, where the delivery before failed', async () => {
    fcm = unregistered
    await failedOnce()
    fcm = never
    const began = performance.now()
    expect((await open(phones)).opened).toMatchObject({ undelivered: [], unconfirmed: [one.serial] })
    expect(performance.now() - began).toBeLessThan(2000)
  })

  it('doubts a phone for ten minutes', async () => {
    fcm = unregistered
    await failedOnce()
    fcm = never
    pass(601)
    expect((await open()).opened.unconfirmed).toEqual([])
  })
})

describe('the timeline', () => {
  it('shows the outcome of each delivery', async () => {
    fcm = unavailable
    const { id, say } = await open()
    await reached(1)
    await eventually(async () => expect(await alarmAt()).toBe(ports.now() + 1000))
    fcm = taken
    pass(1)
    await alarm()
    await shard(at).answer({ id, answer: await say(one.serial, { decline: true }) })
    expect(await steps(id)).toEqual(['opened', 'delivery failed: unavailable', 'delivered', 'declined'])
  })
})
