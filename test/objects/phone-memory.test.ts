import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Transactions } from '../../src/index.ts'
import { pollText } from '../../src/protocol/phone/signed-texts.ts'
import { addSeconds, seconds, type Serial, type TransactionId } from '../../src/vocabulary.ts'
import {
  delayCrypto,
  drawId,
  drawLogin,
  changeRow,
  enroll,
  eventually,
  FAR,
  finish,
  openLogin,
  ports,
  ringOf,
  shard,
  signedBy,
  stubOf,
  valueOf,
  verdict,
} from './world.ts'
import { countRows } from './counting.ts'

const phone = (serial: Serial) => ports.phones.of(serial)
const evict = (serial: Serial) => evictDurableObject(stubOf(serial))
const polled = async (serial: Serial, key = 0) => {
  const text = pollText(serial, '2026-10-20T09:00:00.000001Z')
  return phone(serial).poll({ type: 'push', text, signature: await signedBy(key, text) })
}
const rowOf = (serial: Serial) =>
  env.DB.prepare('SELECT attempts, successes, last_use FROM tokens WHERE serial = ?').bind(serial).first()
const alarmOf = (serial: Serial) => runInDurableObject(stubOf(serial), (_, { storage }) => storage.getAlarm())

/** Time stands, from far ahead: every alarm runs when the test says so. */
const standStill = (at = FAR) => vi.useFakeTimers({ toFake: ['Date'], now: at })
const pass = (count: number) => vi.setSystemTime(addSeconds(ports.now(), seconds(count)))

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('a phone poll', () => {
  it('gets the prompts of the newest five logins, the oldest of them first, and writes nothing', async () => {
    const mine = await enroll('PIPUPOLL0001')
    for (let count = 0; count < 6; count++)
      await openLogin(21 + (count % 2), [mine], {}, { prompt: { nonce: `${count}` } })
    const rows = await countRows()
    const { prompts } = valueOf(await polled(mine.serial))
    expect(prompts.map(({ nonce }) => nonce)).toEqual(['1', '2', '3', '4', '5'])
    expect(rows).toEqual([])
  })

  it('gets what may still be answered, and nothing if another phone signed it', async () => {
    const mine = await enroll('PIPUPOLL0002')
    const login = await openLogin(21, [mine])
    expect(valueOf(await polled(mine.serial)).prompts).toHaveLength(1)
    expect(verdict(await polled(mine.serial, 1))).toBe('signature_invalid')
    await shard(21).answer({ id: login.id, answer: await login.say(mine.serial) })
    expect(valueOf(await polled(mine.serial)).prompts).toEqual([])
  })

  it('leaves out a shard that fails', async () => {
    const mine = await enroll('PIPUPOLL0003')
    for (const [number, nonce] of [
      [23, 'broken'],
      [24, 'fine'],
    ] as const)
      await openLogin(number, [mine], {}, { prompt: { nonce } })
    const prompts: Transactions['pendingPrompts'] = Reflect.get(Transactions.prototype, 'pendingPrompts')
    const failing = vi.spyOn(Transactions.prototype, 'pendingPrompts')
    failing.mockImplementation(function (this: Transactions, ...asked) {
      const { id } = Reflect.get(this, 'ctx') as DurableObjectState
      return id.name === 'weur/23' ? Promise.reject(new Error('reset')) : Reflect.apply(prompts, this, asked)
    })
    expect(valueOf(await polled(mine.serial)).prompts).toEqual([{ nonce: 'fine' }])
    failing.mockRestore()
    expect(valueOf(await polled(mine.serial)).prompts).toHaveLength(2)
  })

  it('gets nothing if the phone is locked', async () => {
    const mine = await enroll('PIPUPOLL0004', { maxAttempts: 1 })
    await openLogin(21, [mine])
    await phone(mine.serial).countFailure()
    expect(valueOf(await polled(mine.serial)).prompts).toEqual([])
  })
})

describe('an answer without a nonce', () => {
  it('finds the login it was signed for, among the five that a poll shows and two more', async () => {
    const mine = await enroll('PIPUOFFER001')
    const hidden = await openLogin(25, [mine])
    for (let count = 0; count < 2; count++) await openLogin(25, [mine])
    const oldest = await openLogin(26, [mine])
    for (let count = 0; count < 2; count++) await openLogin(25, [mine])
    const newer = await openLogin(25, [mine])
    const newest = await openLogin(26, [mine])
    const without = async (login: typeof oldest, said = {}) => {
      const { nonce: _, ...rest } = await login.say(mine.serial, said)
      return phone(mine.serial).offerAnswer(rest)
    }
    expect(valueOf(await without(hidden))).toMatchObject({ accepted: false })
    expect(valueOf(await without(oldest))).toEqual({ accepted: true })
    expect(valueOf(await without(newest, { decline: true }))).toEqual({ accepted: true })
    const status = async (at: number, { id }: typeof oldest) =>
      valueOf(await shard(at).status({ id, wait: seconds(0) }))
    expect([await status(25, hidden), await status(26, oldest), await status(26, newest)]).toEqual([
      'pending',
      'accepted',
      'declined',
    ])
    expect(valueOf(await without(newer, { decline: true }))).toEqual({ accepted: true })
    // One that is over does not take the place of one that waits.
    expect(valueOf(await without(hidden))).toEqual({ accepted: true })
  })

  it('sent again gets the same reply, though its login is no longer pending', async () => {
    const mine = await enroll('PIPUOFFER003')
    const login = await openLogin(25, [mine])
    await openLogin(25, [mine])
    const { nonce: _, ...rest } = await login.say(mine.serial)
    for (let again = 0; again < 2; again++)
      expect(valueOf(await phone(mine.serial).offerAnswer(rest))).toEqual({ accepted: true })
  })
})

describe('an offered answer', () => {
  it('leaves no call open', async () => {
    const mine = await enroll('PIPUOFFER002')
    const login = await openLogin(25, [mine])
    const { nonce: _, ...rest } = await login.say(mine.serial)
    const reply = await phone(mine.serial).offerAnswer(rest)
    expect(await Promise.race([evict(mine.serial), scheduler.wait(1000).then(() => 'still open')])).toBeUndefined()
    expect(valueOf(reply)).toEqual({ accepted: true })
  })
})

describe('a finalized login', () => {
  it('counts once, and resets the failed attempts', async () => {
    const { serial } = await enroll('PIPUDONE0001', { pin: '1234' })
    await phone(serial).ring(await ringOf(serial, 'wrong'))
    const request = await ringOf(serial, '1234')
    await phone(serial).ring(request)
    for (let again = 0; again < 3; again++) {
      valueOf(await finish(serial, request.transaction))
      await evict(serial)
    }
    expect(valueOf(await phone(serial).counters())).toMatchObject({ attempts: 0, successes: 1 })
  })
})

describe('an attempt', () => {
  it('whose result nobody heard, because the object restarted while its PIN was compared, does not count; those that are answered do', async () => {
    const { serial } = await enroll('PIPUABORT001', { pin: '1234', maxAttempts: 2 })
    const comparison = delayCrypto('deriveBits')
    const ringing = phone(serial).ring(await ringOf(serial, 'wrong'))
    await comparison.reached()
    await abortAllDurableObjects()
    expect(verdict(await ringing)).toBe('storage_unavailable')
    for (const attempts of [1, 2]) {
      expect(verdict(await phone(serial).ring(await ringOf(serial, 'wrong')))).toBe('pin_wrong')
      await abortAllDurableObjects()
      expect(valueOf(await phone(serial).counters())).toMatchObject({ attempts })
    }
    expect(verdict(await phone(serial).ring(await ringOf(serial, '1234')))).toBe('attempts_exceeded')
  })
})

describe('a phone that is evicted between any two steps', () => {
  it('goes on where it was', async () => {
    const mine = await enroll('PIPUEVICT001', { pin: '1234', maxAttempts: 4 })
    const { serial } = mine
    const wrong = await ringOf(serial, 'wrong')
    for (const request of [wrong, await ringOf(serial, 'wrong')]) {
      expect(verdict(await phone(serial).ring(request))).toBe('pin_wrong')
      await evict(serial)
    }
    const login = await drawLogin(27, [mine])
    valueOf(await shard(27).open(login.opening))
    valueOf(await phone(serial).ring(await ringOf(serial, '1234', { transaction: login.id })))
    await evict(serial)
    await phone(serial).countFailure()
    await evict(serial)
    await phone(serial).releaseHold({ transaction: wrong.transaction })
    await evict(serial)
    expect(valueOf(await phone(serial).counters())).toEqual({
      attempts: 2,
      failures: 2,
      successes: 0,
      failedAt: expect.any(Number),
    })
    expect(valueOf(await polled(serial)).prompts).toEqual([{ nonce: serial }])
    valueOf(await finish(serial, login.id))
    await evict(serial)
    expect(valueOf(await phone(serial).counters())).toMatchObject({ attempts: 0, successes: 1 })
    expect(valueOf(await polled(serial)).prompts).toEqual([])
  })
})

describe("the catalogue's copy", () => {
  it('of failed attempts follows within two seconds', async () => {
    standStill()
    const { serial } = await enroll('PIPUCOPY0001', { pin: '1234', maxAttempts: 3 })
    for (let attempt = 0; attempt < 2; attempt++) await phone(serial).ring(await ringOf(serial, 'wrong'))
    await eventually(async () => expect(await alarmOf(serial)).not.toBeNull())
    expect(await alarmOf(serial)).toBeLessThanOrEqual(FAR + 2000)
    expect(await rowOf(serial)).toMatchObject({ attempts: 0 })
    expect(await runDurableObjectAlarm(stubOf(serial))).toBe(true)
    expect(await rowOf(serial)).toMatchObject({ attempts: 2 })
    expect(await alarmOf(serial)).toBeNull()
    await phone(serial).countFailure()
    expect(await alarmOf(serial)).toBeLessThanOrEqual(FAR + 2000)
  })

  it('is made even if the object was evicted, and tried again while the catalogue is down', async () => {
    standStill()
    const { serial } = await enroll('PIPUCOPY0002', { pin: '1234' })
    await phone(serial).ring(await ringOf(serial, 'wrong'))
    await eventually(async () => expect(await alarmOf(serial)).not.toBeNull())
    await evict(serial)
    await env.DB.prepare('ALTER TABLE tokens RENAME TO away').run()
    expect(await runDurableObjectAlarm(stubOf(serial))).toBe(true)
    await env.DB.prepare('ALTER TABLE away RENAME TO tokens').run()
    expect(await alarmOf(serial)).toBeLessThanOrEqual(FAR + 2000)
    expect(await runDurableObjectAlarm(stubOf(serial))).toBe(true)
    expect(await rowOf(serial)).toMatchObject({ attempts: 1 })
  })

  it('of attempts that a success has reset follows soon, also if the catalogue was down at that moment or the object restarted', async () => {
    standStill()
    const { serial } = await enroll('PIPUCOPY0003', { pin: '1234' })
    await phone(serial).ring(await ringOf(serial, 'wrong'))
    await eventually(async () => expect(await alarmOf(serial)).not.toBeNull())
    expect(await runDurableObjectAlarm(stubOf(serial))).toBe(true)
    expect(await rowOf(serial)).toMatchObject({ attempts: 1, successes: 0 })
    const login = await drawId()
    await phone(serial).ring(await ringOf(serial, '1234', { transaction: login }))
    await env.DB.prepare('ALTER TABLE tokens RENAME TO away').run()
    try {
      valueOf(await finish(serial, login))
      await eventually(async () => expect(await alarmOf(serial)).not.toBeNull())
    } finally {
      await env.DB.prepare('ALTER TABLE away RENAME TO tokens').run()
    }
    await evict(serial)
    expect(await runDurableObjectAlarm(stubOf(serial))).toBe(true)
    expect(await rowOf(serial)).toEqual({ attempts: 0, successes: 1, last_use: FAR })
    expect(await alarmOf(serial)).toBeNull()
  })

  it('that an object did not make because it died is made with the next success', async () => {
    standStill()
    const { serial } = await enroll('PIPUCOPY0004', { pin: '1234' })
    await phone(serial).ring(await ringOf(serial, 'wrong'))
    await eventually(async () => expect(await alarmOf(serial)).not.toBeNull())
    await runDurableObjectAlarm(stubOf(serial))
    const succeed = async () => {
      const login = await drawId()
      await phone(serial).ring(await ringOf(serial, '1234', { transaction: login }))
      valueOf(await finish(serial, login))
    }
    await succeed()
    await eventually(async () => expect(await rowOf(serial)).toMatchObject({ attempts: 0 }))
    await evict(serial)
    // As if the object had died before the catalogue had its copy.
    await env.DB.prepare('UPDATE tokens SET attempts = 1, successes = 0 WHERE serial = ?').bind(serial).run()
    await succeed()
    await eventually(async () => expect(await rowOf(serial)).toMatchObject({ attempts: 0, successes: 2 }))
  })

  it.each([
    ['a week', 7 * 86_400, {}],
    ['ten minutes, of a token that may be used ten times', 600, { maxUses: 10 }],
    ['ten minutes, of a token that may succeed ten times', 600, { maxSuccesses: 10 }],
  ])('of successes follows at most every %s, however often the object was evicted', async (_, interval, settings) => {
    standStill()
    const { serial } = await enroll(`PIPUCOPY${interval}${Object.keys(settings).join('')}`)
    await changeRow(serial, { kind: 'set', settings })
    const login = async () => {
      const id: TransactionId = await drawId()
      await phone(serial).ring(await ringOf(serial, undefined, { transaction: id }))
      valueOf(await finish(serial, id))
      await evict(serial)
    }
    await login()
    await eventually(async () => expect(await rowOf(serial)).toEqual({ attempts: 0, successes: 1, last_use: FAR }))
    pass(interval - 1)
    await login()
    expect(await rowOf(serial)).toMatchObject({ successes: 1 })
    pass(1)
    await login()
    await eventually(async () =>
      expect(await rowOf(serial)).toMatchObject({ successes: 3, last_use: FAR + interval * 1000 }),
    )
  })
})

describe('a ring', () => {
  it('is not delivered after five rings in ten minutes, also after a restart, but the phone finds it by polling', async () => {
    const mine = await enroll('PIPUBELL0001')
    const firewall = { mode: 'on' as const, limit: 5, window: seconds(600) }
    const ring = async () =>
      valueOf(await phone(mine.serial).ring(await ringOf(mine.serial, undefined, { firewall, place: 'somewhere' })))
    for (let count = 0; count < 5; count++) expect(await ring()).toEqual({ delivers: true })
    await evict(mine.serial)
    expect(await ring()).toEqual({ delivers: false, restricted: 'over_budget' })
    await openLogin(26, [mine])
    expect(valueOf(await polled(mine.serial)).prompts).toHaveLength(1)
  })

  it('moves to another id with its login, and counts nothing', async () => {
    const mine = await enroll('PIPUMOVE0001', { pin: '1234' })
    const request = await ringOf(mine.serial, '1234')
    valueOf(await phone(mine.serial).ring(request))
    const login = await drawLogin(26, [mine])
    valueOf(await shard(26).open(login.opening))
    await phone(mine.serial).moveRing({ from: request.transaction, to: login.id })
    expect(valueOf(await phone(mine.serial).counters())).toMatchObject({ attempts: 0 })
    expect(valueOf(await polled(mine.serial)).prompts).toEqual([{ nonce: mine.serial }])
  })
})
