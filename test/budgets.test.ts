import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ALONE, AMONG_OTHERS, APART, COPY_SHARE, OTHERS } from '../bench/billed-units.ts'
import { instant, addSeconds, REGIONS, seconds } from '../src/vocabulary.ts'
import {
  countAlarms,
  countCalls,
  countRows,
  countRowsOfD1,
  countRsa,
  countStretched,
  countTrips,
  isWrite,
} from './objects/counting.ts'
import { equip, type Holder, newPhone, openService } from './objects/http-world.ts'
import { drawId, eventually, FAR, ports, reconnect, stubOf } from './objects/world.ts'
import { fields } from './simulation/reply.ts'
import type { Service } from './simulation/service.ts'

const PIN = '1234'

let service: Service
let ada: Holder
let grace: Holder
let pushed: Holder

/** FCM takes every message; Google gives a token to whoever asks. */
let messages = 0
function answerAsGoogle(): void {
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url) => {
    if (String(url).endsWith('/token')) return Response.json({ access_token: 'ya29', expires_in: 3600 })
    messages += 1
    return Response.json({ name: 'projects/nod-test/messages/1' })
  })
}

// Warm: the isolate has read the deployment and its signing key, and every object that is asked below has woken.
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: FAR })
  answerAsGoogle()
  service = await openService()
  ada = await equip('ada', 'polled')
  grace = await equip('grace', 'polled', { pin: PIN })
  pushed = await equip('kay', 'pushed', { pin: PIN })
  const id = await drawId()
  await Promise.all(ports.transactions.all().map((shard) => shard.status({ id, wait: seconds(0) })))
  await useUp(ada, undefined, 1)
  for (const holder of [grace, pushed]) await useUp(holder, PIN, 1)
  // A shard introduces itself to the journal at its first login.
  for (const used = new Set<number>(); used.size < ports.limits.shards;) {
    const located = await ports.identifiers.locate(await useUp(grace, PIN, 1))
    used.add(located?.shard.number ?? 0)
  }
})
// Other files share this isolate, and its clock.
afterAll(() => {
  vi.useRealTimers()
})
beforeEach(() => recorded(() => service.auth('admin', 'adminpw-of-tests')))
// What a test left open ends and is swept before the next begins.
afterEach(async () => {
  vi.restoreAllMocks()
  await pass(1200, [...shards(), ...[ada, grace, pushed].map(({ serial }) => stubOf(serial))])
})

const shards = () =>
  REGIONS.flatMap((name) => [0, 1].map((number) => `${name}/${number}`)).map((name) =>
    env.TRANSACTIONS.get(env.TRANSACTIONS.idFromName(name)),
  )

/** Does what has a record of its own in the audit, until that has arrived there: what is counted afterwards is not of it. */
async function recorded<T>(work: () => Promise<T>): Promise<T> {
  const calls = countCalls()
  const done = await work()
  await eventually(() => expect(calls).toContain('Transactions.recordAudit'))
  vi.restoreAllMocks()
  await pass(125, shards())
  return done
}

/** A refusal is in the audit, by way of a shard drawn for it: after the response, and at most twenty a second of a kind. */
const butRecords = (counted: readonly string[]): readonly string[] =>
  counted.filter(
    (one) => one !== 'Transactions.recordAudit' && one !== 'setAlarm' && !one.startsWith('sql INSERT INTO refusals'),
  )

/** Webhooks hear in the background that a code was issued and used: that is counted with neither request. */
const butEvents = (trips: readonly (readonly string[])[], calls: readonly string[]): readonly unknown[] => [
  trips.filter(([sql = '']) => !sql.includes('FROM webhooks')).length,
  calls.filter((one) => one !== 'Journal.reportEvent'),
]

async function prompted({ phone, serial }: Holder) {
  const [prompt] = await phone.poll(serial)
  if (prompt === undefined) throw new Error('no prompt came')
  return prompt
}

const shardStubOf = async (id: string) => {
  const { shard } = (await ports.identifiers.locate(id)) ?? {}
  return env.TRANSACTIONS.get(env.TRANSACTIONS.idFromName(`${shard?.region}/${shard?.number}`))
}

/** Time goes on, and every alarm of these objects goes off when it is due. */
async function pass(count: number, stubs: readonly DurableObjectStub[]): Promise<void> {
  const until = addSeconds(ports.now(), seconds(count))
  for (;;) {
    const alarms = await Promise.all(
      stubs.map(async (stub) => ({ stub, at: await runInDurableObject(stub, (_, { storage }) => storage.getAlarm()) })),
    )
    const [next] = alarms.filter(({ at }) => at !== null && at <= until).toSorted((a, b) => Number(a.at) - Number(b.at))
    if (next === undefined) break
    vi.setSystemTime(instant(Math.max(ports.now(), Number(next.at))))
    await runDurableObjectAlarm(next.stub)
  }
  vi.setSystemTime(until)
}

/** A whole login. */
async function logIn(holder: Holder, pin: string | undefined, answeredAfter: number) {
  const { who, phone, serial } = holder
  const { transactionId } = await (pin === undefined ? service.trigger(who) : service.triggerWithPin(who, pin))
  const stubs = [await shardStubOf(transactionId), stubOf(serial)]
  await pass(answeredAfter, stubs)
  await phone.accept(await prompted(holder))
  expect(await service.status(transactionId)).toBe('accept')
  await pass(2, stubs)
  expect(await service.finalize(transactionId)).toBe('ACCEPT')
  return { transactionId, stubs }
}

/** And until its last row has been swept. */
async function useUp(...asked: Parameters<typeof logIn>): Promise<string> {
  const { transactionId, stubs } = await logIn(...asked)
  await pass(1200, stubs)
  expect(await service.status(transactionId)).toBe('pending')
  return transactionId
}

describe('on a warm isolate', () => {
  it('triggering one phone takes one round trip to D1, which writes nothing, two object calls and two signatures', async () => {
    const [trips, calls, rsa] = [countTrips(), countCalls(), countRsa()]
    await service.trigger(ada.who)
    expect([trips.length, trips.flat().filter(isWrite)]).toEqual([1, []])
    expect(calls).toEqual(['Phone.ring', 'Transactions.open'])
    expect(rsa).toEqual(['sign', 'sign'])
  })

  it('and so does triggering with a PIN', async () => {
    const [trips, calls, rsa] = [countTrips(), countCalls(), countRsa()]
    await service.triggerWithPin(grace.who, PIN)
    expect([trips.length, trips.flat().filter(isWrite)]).toEqual([1, []])
    expect([calls, rsa]).toEqual([
      ['Phone.ring', 'Transactions.open'],
      ['sign', 'sign'],
    ])
  })

  it('a ring writes one row, within its budget or over it; a login that ends an older one calls its shard and writes its end', async () => {
    const [calls, rows] = [countCalls(), await countRows()]
    const counted = () => ({
      calls: [...calls].toSorted(),
      phoneRows: rows.filter((row) => row === 'put phone').length,
      shardRows: rows.filter((row) => row.startsWith('sql INSERT INTO opened')).length,
    })
    const times = (count: number) =>
      ['Phone.ring', 'Transactions.open'].flatMap((call) => Array<string>(count).fill(call))
    for (let count = 1; count <= 5; count++) {
      await service.trigger(ada.who)
      await eventually(() => expect(counted()).toEqual({ calls: times(count), phoneRows: count, shardRows: count }))
    }
    await service.trigger(ada.who)
    // The shard of the older login is called once the answer is on its way.
    await eventually(() =>
      expect(counted()).toEqual({ calls: [...times(6), 'Transactions.withdraw'], phoneRows: 6, shardRows: 7 }),
    )
  })

  it('a PIN that looks like a bypass code takes one round trip more, a valid code two and a call of the journal', async () => {
    const form = { ...grace.who, reason: 'lost phone' }
    const { value } = await service.call('POST', '/token/bypass', { form })
    const code = String(fields(value)['code'])
    const [trips, calls] = [countTrips(), countCalls()]
    expect((await service.check({ ...grace.who, pass: code })).authentication).toBe('ACCEPT')
    // The journal's own read is one of them.
    expect(butEvents(trips, calls)).toEqual([4, ['Journal.check']])
    expect((await service.check({ ...grace.who, pass: code })).authentication).toBe('REJECT')
    expect(butEvents(trips, butRecords(calls))).toEqual([6, ['Journal.check', 'Phone.ring']])
    expect((await service.call('POST', `/token/reset/${grace.serial}`)).status).toBe(200)
  })

  it('a PIN is hashed once in a whole login, because that is slow on purpose', async () => {
    const stretched = countStretched()
    const { transactionId } = await service.triggerWithPin(grace.who, PIN)
    await grace.phone.accept(await prompted(grace))
    expect(await service.finalize(transactionId)).toBe('ACCEPT')
    expect(stretched).toHaveLength(1)
  })

  it('triggering the two phones of one owner takes one round trip, three calls, and two signatures a phone', async () => {
    const second = newPhone()
    const detail = await service.init(ada.who)
    const { serial } = await recorded(() => second.register(second.scan(detail.pushurl?.value ?? '')))
    const [trips, calls, rsa] = [countTrips(), countCalls(), countRsa()]
    await service.trigger(ada.who)
    expect([trips.length, calls.toSorted()]).toEqual([1, ['Phone.ring', 'Phone.ring', 'Transactions.open']])
    expect(rsa).toEqual(Array(4).fill('sign'))
    await service.deleteToken(serial)
  })

  it('an answer takes nothing of D1, one object call and one verification; the key of its phone is imported once', async () => {
    await service.trigger(ada.who)
    const prompt = await prompted(ada)
    const form = {
      serial: ada.serial,
      nonce: prompt.nonce,
      signature: await ada.phone.sign(`${prompt.nonce}|${ada.serial}`),
    }
    const [trips, calls, rsa] = [countTrips(), countCalls(), countRsa()]
    expect((await ada.phone.post(prompt.url, form)).value).toBe(true)
    expect([trips, calls, rsa]).toEqual([[], ['Transactions.answer'], ['verify']])
  })

  it('a status poll takes nothing of D1 and one object call, and writes nothing', async () => {
    const { transactionId } = await service.trigger(ada.who)
    const [trips, calls, rows] = [countTrips(), countCalls(), await countRows()]
    expect(await service.status(transactionId)).toBe('pending')
    expect([trips, calls, rows]).toEqual([[], ['Transactions.status'], []])
  })

  it('a phone poll takes one round trip to D1 in two seconds and two object calls, and writes nothing', async () => {
    await service.trigger(grace.who)
    await pass(120, [])
    await service.trigger(grace.who)
    await pass(2, [])
    const [trips, calls, rows] = [countTrips({ ofVersions: true }), countCalls(), await countRows()]
    await grace.phone.poll(grace.serial)
    await grace.phone.poll(grace.serial)
    const polled = ['Phone.poll', 'Transactions.pendingPrompts']
    expect([trips.length, calls, rows]).toEqual([1, [...polled, ...polled], []])
  })

  it('finalizing takes nothing of D1 and two object calls', async () => {
    const { transactionId } = await service.trigger(ada.who)
    await ada.phone.accept(await prompted(ada))
    await service.finalize(transactionId)
    const again = await service.trigger(ada.who)
    await ada.phone.accept(await prompted(ada))
    const [trips, calls] = [countTrips(), countCalls()]
    expect(await service.finalize(again.transactionId)).toBe('ACCEPT')
    expect([trips, calls]).toEqual([[], ['Transactions.finalize', 'Phone.finalize']])
  })
})

describe('on an isolate that has just started', () => {
  it('a trigger takes two round trips to D1, and imports its signing key once', async () => {
    await reconnect()
    const [trips, rsa] = [countTrips(), countRsa()]
    await service.trigger(ada.who)
    await service.trigger(ada.who)
    // Two, and the one of the second login.
    expect(trips.map(([first = '']) => first.slice(0, 24))).toEqual([
      'SELECT settings_revision',
      'SELECT settings_revision',
      'SELECT settings_revision',
    ])
    expect(rsa.filter((done) => done === 'importKey pkcs8')).toHaveLength(1)
  })

  it('a trigger asks nothing of D1’s primary, and derives no key of the snapshot twice', async () => {
    await reconnect()
    const primary = vi.spyOn(Object.getPrototypeOf(env.DB) as D1Database, 'batch')
    const imports = vi.spyOn(Object.getPrototypeOf(crypto.subtle) as SubtleCrypto, 'importKey')
    await service.trigger(ada.who)
    expect(primary).not.toHaveBeenCalled()
    const first = imports.mock.calls.length
    await service.trigger(ada.who)
    expect(imports.mock.calls.length).toBe(first)
  })
})

describe('a forgery', () => {
  it('of a transaction id calls neither an object nor D1', async () => {
    const { transactionId } = await service.trigger(ada.who)
    const last = transactionId.at(-1) === '0' ? '1' : '0'
    const forged = [`${transactionId.slice(0, -1)}${last}`, '01234567890123456789', '18446744073709551615', '1', 'x']
    const [trips, calls] = [countTrips(), countCalls()]
    for (const id of forged) {
      expect(await service.status(id)).toBe('pending')
      expect(await service.finalize(id, ada.who)).toBe('REJECT')
    }
    expect(trips).toEqual([])
    expect(butRecords(calls)).toEqual([])
  })

  it('of an answer takes one object call and one verification', async () => {
    await service.trigger(ada.who)
    const { nonce, url } = await prompted(ada)
    const form = { serial: ada.serial, nonce, signature: await ada.phone.sign(`${nonce}|${ada.serial}|decline`) }
    const [trips, calls, rsa, rows] = [countTrips(), countCalls(), countRsa(), await countRows()]
    expect((await ada.phone.post(url, form)).value).toBe(false)
    expect([trips, rsa]).toEqual([[], ['verify']])
    expect([butRecords(calls), butRecords(rows)]).toEqual([['Transactions.answer'], []])
  })

  it('of an answer without a nonce takes at most seven verifications', async () => {
    // Otherwise five of them are open at a time.
    await service.setPolicy('rings-on', 'authentication', { push_firewall: 'off' })
    for (let count = 0; count < 8; count++) await service.trigger(ada.who)
    const { url } = await prompted(ada)
    const form = { serial: ada.serial, nonce: 'A'.repeat(64), signature: await ada.phone.sign('nothing of the kind') }
    const [trips, calls, rsa, rows] = [countTrips(), countCalls(), countRsa(), await countRows()]
    expect((await ada.phone.post(url, form)).value).toBe(false)
    expect([trips, butRecords(rows)]).toEqual([[], []])
    // One call for each shard to find what a poll would show, then five of these and two others.
    const [offered, ...others] = butRecords(calls)
    const answers = others.filter((call) => call === 'Transactions.answer')
    const polls = others.filter((call) => call === 'Transactions.pendingPrompts')
    expect([offered, answers.length]).toEqual(['Phone.offerAnswer', 7])
    expect(polls.length).toBe(others.length - answers.length)
    expect(rsa.filter((operation) => operation === 'verify')).toHaveLength(7)
    await service.deletePolicy('rings-on')
  })
})

describe('a made-up service key', () => {
  it('has the deployment read once in two seconds, however often it is sent, and no object called', async () => {
    const [trips, calls] = [countTrips(), countCalls()]
    for (const path of ['/token/', '/policy/', '/audit/', '/deployment/lost-changes', '/user/', '/apikey'])
      for (const key of ['nod_one', 'nod_two', 'nod_three']) {
        const reply = await service.call('GET', path, { headers: { 'PI-Authorization': `${key}${'x'.repeat(40)}` } })
        expect(reply.status).toBe(401)
      }
    expect(trips.length).toBeLessThanOrEqual(1)
    expect(butRecords(calls)).toEqual([])
  })
})

describe('a made-up serial', () => {
  const madeUp = { serial: 'PIPUMADEUP01', timestamp: '', signature: 'AAAAAAAA' }
  const now = () => ({ ...madeUp, timestamp: new Date(ports.now()).toISOString() })
  it.each([
    ['poll', 400, () => service.call('GET', '/ttype/push', { query: now() })],
    [
      'new registration token',
      400,
      () => service.call('POST', '/ttype/push', { form: { ...now(), new_fb_token: 'x' } }),
    ],
    ['answer', 404, () => service.call('POST', '/ttype/push', { form: { ...madeUp, nonce: 'A'.repeat(64) } })],
    [
      'registration',
      404,
      () =>
        service.call('POST', '/ttype/push', {
          form: { ...madeUp, enrollment_credential: 'x', fbtoken: '', pubkey: 'x' },
        }),
    ],
  ] as const)('in a %s wakes no object, and is looked up once', async (_, status, ask) => {
    const [trips, calls, rows] = [countTrips(), countCalls(), await countRows()]
    expect((await ask()).status).toBe(status)
    expect([trips.flat().filter(isWrite), trips.length <= 2]).toEqual([[], true])
    expect([butRecords(calls), butRecords(rows)]).toEqual([[], []])
  })
})

/** Seconds after which a shard deletes the row of a login that no other login has overwritten. */
const UNUSED = 12 * 3600
const WEEK = 7 * 86_400
/** What earlier logins left is deleted. */
const emptyShards = () => pass(UNUSED, shards())

describe('a whole login, until its row is deleted because no other has come,', () => {
  // The copy of the counters is a week old.
  beforeEach(async () => {
    await pass(WEEK, shards())
    await recorded(() => service.auth('admin', 'adminpw-of-tests'))
  })
  // Rows of the phone: its ring, with or without a PIN, and its success. Of the shard: opened, accepted,
  // finalized, deleted. Alarms: a round, which hands it to the audit, and one to delete it; over FCM the first one stands at
  // eleven seconds, to take up a lost delivery, so that a later answer costs one more.
  it.each([
    ['by token', () => ada, undefined, 5, ALONE.token.objectRowsWritten],
    ['by PIN', () => grace, PIN, 5, ALONE.PIN.objectRowsWritten],
    ['by token, answered late', () => ada, undefined, 60, 8],
    ['by PIN, answered late', () => grace, PIN, 60, 8],
    ['by token, over FCM', () => pushed, undefined, 5, 8],
    ['by PIN, over FCM', () => pushed, PIN, 5, 8],
    ['by token, over FCM, answered late', () => pushed, undefined, 60, 9],
    ['by PIN, over FCM, answered late', () => pushed, PIN, 60, 9],
  ] as const)(
    '%s, writes at most nine rows in objects, and one record of the audit with its link in D1',
    async (_, holder, pin, answeredAfter, count) => {
      answerAsGoogle()
      messages = 0
      const [trips, rows] = [countTrips(), await countRows()]
      const id = await useUp(holder(), pin, answeredAfter)
      await pass(UNUSED, shards())
      expect(rows).toHaveLength(count)
      expect(messages).toBe(holder() === pushed ? 1 : 0)
      // A week after the last time, the success count goes along.
      const written = trips
        .flat()
        .filter(isWrite)
        .map((sql) => sql.slice(0, 18))
      expect(written).toEqual(['UPDATE tokens SET ', 'INSERT INTO audit_', 'INSERT INTO audit '])
      expect(written).toHaveLength(ALONE.token.d1RowsWritten)
      const audited = await env.DB.prepare('SELECT info FROM audit WHERE transaction_id = ?').bind(id).all()
      expect(audited.results).toEqual([{ info: 'finalized' }])
    },
  )

  it.each([
    ['token', () => ada, undefined],
    ['PIN', () => grace, PIN],
  ] as const)('is billed, by %s, for what the price of a million is worked out from', async (kind, holder, pin) => {
    const [calls, alarms, d1] = [countCalls(), countAlarms(), countRowsOfD1()]
    await useUp(holder(), pin, 5)
    await pass(UNUSED, shards())
    // What `useUp` does besides: the phone polls, and the login is looked at once more in the end.
    const besides = ['Phone.poll', 'Transactions.pendingPrompts', 'Transactions.status']
    const objectRequests = calls.length - besides.length + alarms.length
    expect({ objectRequests, d1RowsRead: d1.read }).toEqual({
      objectRequests: ALONE[kind].objectRequests,
      d1RowsRead: ALONE[kind].d1RowsRead,
    })
  })
})

/** The successes that D1 knows of. */
const countCopied = async () =>
  Number(await env.DB.prepare('SELECT sum(successes) AS count FROM tokens').first('count'))
const useShards = (count: number): void => void Object.assign(ports.limits, { shards: count })

describe('a login among others, one every five seconds on one shard, until their last row is free for another,', () => {
  let crowd: readonly Holder[] = []
  beforeAll(async () => {
    await emptyShards()
    await service.auth('admin', 'adminpw-of-tests')
    const names = Array.from({ length: OTHERS }, (_, index) => `one${index}`)
    crowd = await Promise.all(names.map((name) => equip(name, 'polled', { pin: PIN })))
    for (const holder of crowd) await logIn(holder, PIN, 0)
    await pass(1200, shards())
  })
  beforeEach(() => useShards(1))
  afterEach(() => useShards(2))

  it.each(['token', 'PIN'] as const)('by %s, is billed for hardly any alarm', async (kind) => {
    const copiedBefore = await countCopied()
    const [calls, alarms, d1, rows] = [countCalls(), countAlarms(), countRowsOfD1(), await countRows()]
    const ids: string[] = []
    for (const holder of crowd) {
      const { transactionId } = await logIn(holder, kind === 'PIN' ? PIN : undefined, APART - 2)
      ids.push(transactionId)
    }
    await pass(1200, shards())
    // The phones poll besides.
    const besides = ['Phone.poll', 'Transactions.pendingPrompts']
    const objectRequests = calls.filter((one) => !besides.includes(one)).length + alarms.length
    const { read, written } = d1
    // All counters were copied within the week, so the share of a copy comes on top.
    expect(await countCopied()).toBe(copiedBefore)
    const counted = {
      objectRequests: objectRequests / OTHERS,
      objectRowsWritten: rows.length / OTHERS,
      d1RowsRead: read / OTHERS,
      d1RowsWritten: written / OTHERS + COPY_SHARE,
    }
    // Which login an alarm falls into changes the sum by one or two.
    for (const unit of ['objectRequests', 'objectRowsWritten', 'd1RowsRead', 'd1RowsWritten'] as const)
      expect(Math.abs(counted[unit] - AMONG_OTHERS[kind][unit]), `${unit}: ${counted[unit]}`).toBeLessThan(2.5 / OTHERS)
    const standing = await Promise.all(ids.map((id) => service.status(id)))
    expect(new Set(standing)).toEqual(new Set(['pending']))
    const query = 'SELECT count(*) AS count FROM audit JOIN json_each(?) ON transaction_id = value'
    expect(await env.DB.prepare(query).bind(JSON.stringify(ids)).first('count')).toBe(OTHERS)
  })
})
