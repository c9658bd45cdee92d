import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { changeTokenRow } from '../../src/operations/token/change-token.ts'
import type { PhoneState } from '../../src/rules/token/phone-state.ts'
import { seconds, type Serial } from '../../src/vocabulary.ts'
import {
  changeRow,
  delayCrypto,
  drawId,
  enroll,
  eventually,
  finish,
  openLogin,
  ports,
  revisionOf,
  ringOf,
  shard,
  stubOf,
  takeUp,
  verdict,
  valueOf,
} from './world.ts'

const phone = (serial: Serial) => ports.phones.of(serial)
const attemptsOf = async (serial: Serial) => valueOf(await phone(serial).counters())?.attempts
const evict = (serial: Serial) => evictDurableObject(stubOf(serial))
const ring = async (serial: Serial, ...asked: [pin?: string, more?: Parameters<typeof ringOf>[2]]) =>
  phone(serial).ring(await ringOf(serial, ...asked))
const times = (count: number) => Array.from({ length: count }, (_, index) => index)

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('a PIN', () => {
  it('that matches leaves no failed attempt, a wrong one leaves one', async () => {
    const { serial } = await enroll('PIPUPINS0001', { pin: '1234' })
    expect([verdict(await ring(serial, '1234')), await attemptsOf(serial)]).toEqual(['ok', 0])
    expect([verdict(await ring(serial, '4321')), await attemptsOf(serial)]).toEqual(['pin_wrong', 1])
    expect([verdict(await ring(serial, '')), await attemptsOf(serial)]).toEqual(['pin_wrong', 2])
    // The right one takes no wrong one back: only a finished login does.
    expect([verdict(await ring(serial, '1234')), await attemptsOf(serial)]).toEqual(['ok', 2])
  })

  it('must be left empty if none is set or policy asks for none', async () => {
    const { serial } = await enroll('PIPUPINS0002')
    expect([verdict(await ring(serial, '')), verdict(await ring(serial, 'x'))]).toEqual(['ok', 'pin_wrong'])
    const other = await enroll('PIPUPINS0003', { pin: '1234' })
    const none = (given: string) => ring(other.serial, undefined, { pin: { entry: given, source: 'none' } })
    expect([verdict(await none('')), verdict(await none('1234'))]).toEqual(['ok', 'pin_wrong'])
  })

  it('guessed sixty times at once is compared ten times, and then the right one is refused too', async () => {
    const { serial } = await enroll('PIPUPINS0004', { pin: '1234' })
    const revision = await revisionOf(serial)
    const guesses = await Promise.all(times(60).map((guess) => ring(serial, `wrong ${guess}`, { revision })))
    expect(guesses.map(verdict).filter((one) => one === 'pin_wrong')).toHaveLength(10)
    expect(guesses.map(verdict).filter((one) => one === 'attempts_exceeded')).toHaveLength(50)
    expect(await attemptsOf(serial)).toBe(10)
    expect(verdict(await ring(serial, '1234'))).toBe('attempts_exceeded')
    expect(verdict(await ring(serial))).toBe('attempts_exceeded')
    expect(verdict(await finish(serial))).toBe('attempts_exceeded')
    await evict(serial)
    expect(verdict(await ring(serial, '1234'))).toBe('attempts_exceeded')
    expect(await phone(serial).resetAttempts()).toMatchObject({ ok: true })
    expect([verdict(await ring(serial, '1234')), await attemptsOf(serial)]).toEqual(['ok', 0])
  })

  it('counts while it is compared, and is stored before it is answered', async () => {
    const { serial } = await enroll('PIPUPINS0006', { pin: '1234' })
    const stored = () =>
      runInDurableObject(stubOf(serial), (_, { storage }) => storage.kv.get<{ memory: PhoneState }>('phone')?.memory)
    for (const [pin, outcome, count] of [
      ['1234', 'ok', 0],
      ['4321', 'pin_wrong', 1],
    ] as const) {
      const comparison = delayCrypto('deriveBits')
      const before = await stored()
      const rung = ring(serial, pin)
      await comparison.reached()
      expect([await attemptsOf(serial), await stored()]).toEqual([1, before])
      comparison.proceed()
      expect(verdict(await rung)).toBe(outcome)
      vi.restoreAllMocks()
      await evict(serial)
      expect([await attemptsOf(serial), (await stored())?.holds.length]).toEqual([count, count])
    }
  })

  it('that matched at another phone does not count as failed here, even if this phone’s ring comes late', async () => {
    const { serial } = await enroll('PIPUPINS0005', { pin: '1234' })
    const request = await ringOf(serial, 'of another phone')
    expect(verdict(await phone(serial).ring(request))).toBe('pin_wrong')
    await phone(serial).releaseHold({ transaction: request.transaction })
    await evict(serial)
    expect(await attemptsOf(serial)).toBe(0)
    expect([verdict(await phone(serial).ring(request)), await attemptsOf(serial)]).toEqual(['pin_wrong', 0])
  })
})

describe('a phone follows the catalogue', () => {
  it('and refuses a caller that read an older revision', async () => {
    const { serial } = await enroll('PIPUSTALE001', { pin: '1234' })
    const before = await ringOf(serial, '1234')
    await changeRow(serial, { kind: 'pin', pin: await ports.pins.seal(serial, '5678') })
    expect(verdict(await ring(serial, '5678'))).toBe('ok')
    expect(verdict(await phone(serial).ring(before))).toBe('stale')
    await evict(serial)
    expect(verdict(await phone(serial).ring(before))).toBe('stale')
  })

  it('and refuses a caller whose PIN was being compared when the token changed', async () => {
    const { serial } = await enroll('PIPUSTALE004', { pin: '1234' })
    const request = await ringOf(serial, '1234')
    const comparison = delayCrypto('deriveBits')
    const rung = phone(serial).ring(request)
    await comparison.reached()
    const mark = valueOf(await phone(serial).beginChange())
    await changeRow(serial, { kind: 'set', settings: { description: 'a new phone' } })
    await phone(serial).endChange({ mark })
    comparison.proceed()
    expect(verdict(await rung)).toBe('stale')
  })

  it('and keeps the rings of all callers that waited for the same read of it', async () => {
    const { serial } = await enroll('PIPUSTALE005')
    expect(verdict(await ring(serial))).toBe('ok')
    await changeRow(serial, { kind: 'set', settings: { description: 'read anew' } })
    const copy = { attempts: 0, failures: 0, successes: 0 }
    const requests = await Promise.all(Array.from({ length: 40 }, () => ringOf(serial, undefined, { copy })))
    const rung = await Promise.all(requests.map((request) => phone(serial).ring(request)))
    expect(rung.map(verdict)).toEqual(requests.map(() => 'ok'))
    const open = new Set(valueOf(await phone(serial).openRings()))
    expect(requests.filter(({ transaction }) => !open.has(transaction))).toEqual([])
  })

  it('and withdraws its rings when a caller knows a newer revision', async () => {
    const mine = await enroll('PIPUSTALE002')
    const login = await openLogin(11, [mine])
    await changeRow(mine.serial, { kind: 'active', active: false })
    expect(verdict(await ring(mine.serial))).toBe('no_suitable_token')
    await eventually(async () =>
      expect(valueOf(await shard(11).status({ id: login.id, wait: seconds(0) }))).toBe('declined'),
    )
  })

  it('and keeps a login when only the token’s description changed', async () => {
    const mine = await enroll('PIPUSTALE003')
    const login = await openLogin(11, [mine])
    await changeTokenRow(ports, mine.serial, async () => ({
      ok: true,
      value: await changeRow(mine.serial, { kind: 'set', settings: { description: 'x' } }),
    }))
    expect(await shard(11).answer({ id: login.id, answer: await login.say(mine.serial) })).toMatchObject({
      value: { accepted: true },
    })
  })

  it('and stores nothing for a serial that is not in it', async () => {
    const serial = 'PIPUNOBODY01' as Serial
    const answer = { type: 'push' as const, serial, signature: new Uint8Array(256), decline: false }
    expect(verdict(await ring(serial, '1234'))).toBe('no_suitable_token')
    expect(verdict(await phone(serial).poll({ type: 'push', text: 'x', signature: new Uint8Array(256) }))).toBe(
      'signature_invalid',
    )
    expect(verdict(await phone(serial).offerAnswer(answer))).toBe('token_unknown')
    expect(verdict(await finish(serial))).toBe('no_suitable_token')
    expect(verdict(await phone(serial).resetAttempts())).toBe('token_unknown')
    await phone(serial).releaseHold({ transaction: await drawId() })
    await phone(serial).moveRing({ from: await drawId(), to: await drawId() })
    await phone(serial).countFailure()
    await phone(serial).endChange({ mark: valueOf(await phone(serial).beginChange()) })
    expect(valueOf(await phone(serial).counters())).toBeUndefined()
    await runInDurableObject(stubOf(serial), async (_, { storage }) => {
      expect([...storage.kv.list()]).toEqual([])
      expect((await storage.list()).size).toBe(0)
      expect(await storage.getAlarm()).toBeNull()
      expect(
        storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
      ).toEqual([])
    })
  })
})

describe('while a token changes', () => {
  const finishes = async (serial: Serial) => verdict(await finish(serial))

  it('nothing is finalized, and its rings are withdrawn when it is disabled', async () => {
    const mine = await enroll('PIPUCHANGE01')
    const login = await openLogin(12, [mine])
    await shard(12).answer({ id: login.id, answer: await login.say(mine.serial) })
    expect(valueOf(await shard(12).status({ id: login.id, wait: seconds(0) }))).toBe('accepted')
    const changed = await changeTokenRow(ports, mine.serial, async () => {
      expect(await finishes(mine.serial)).toBe('no_suitable_token')
      await changeRow(mine.serial, { kind: 'active', active: false })
      return { ok: true, value: true }
    })
    expect(changed.ok).toBe(true)
    expect(await finishes(mine.serial)).toBe('no_suitable_token')
    await eventually(async () =>
      expect(valueOf(await shard(12).status({ id: login.id, wait: seconds(0) }))).toBe('declined'),
    )
  })

  it('and the request dies, the alarm ends the change once the catalogue cannot be writing any more', async () => {
    const mine = await enroll('PIPUCHANGE02')
    const login = await openLogin(12, [mine])
    valueOf(await phone(mine.serial).beginChange())
    await changeRow(mine.serial, { kind: 'revoked' })
    await evict(mine.serial)
    expect(await finishes(mine.serial)).toBe('no_suitable_token')
    await runInDurableObject(stubOf(mine.serial), async (_, { storage }) =>
      expect(await storage.getAlarm()).toBeLessThanOrEqual(ports.now() + 2500),
    )
    await takeUp(mine.serial)
    await eventually(async () =>
      expect(valueOf(await shard(12).status({ id: login.id, wait: seconds(0) }))).toBe('declined'),
    )
  })

  it('and the request dies before anything changed, logins go on soon after', async () => {
    const { serial } = await enroll('PIPUCHANGE03')
    valueOf(await phone(serial).beginChange())
    expect(await finishes(serial)).toBe('no_suitable_token')
    await takeUp(serial)
    expect(await finishes(serial)).toBe('ok')
  })

  it('twice at once, the end of the first change does not end the second', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: ports.now() })
    const { serial } = await enroll('PIPUCHANGE04')
    const [first, second] = [valueOf(await phone(serial).beginChange()), valueOf(await phone(serial).beginChange())]
    await phone(serial).endChange({ mark: first })
    expect(await finishes(serial)).toBe('no_suitable_token')
    await evict(serial)
    expect(await finishes(serial)).toBe('no_suitable_token')
    await phone(serial).endChange({ mark: second })
    expect(await finishes(serial)).toBe('ok')
  })

  it('twice at once, the end of the second change does not end the first', async () => {
    const { serial } = await enroll('PIPUCHANGE06')
    const [first, second] = [valueOf(await phone(serial).beginChange()), valueOf(await phone(serial).beginChange())]
    valueOf(await phone(serial).endChange({ mark: second }))
    expect(await finishes(serial)).toBe('no_suitable_token')
    await evict(serial)
    expect(await finishes(serial)).toBe('no_suitable_token')
    valueOf(await phone(serial).endChange({ mark: first }))
    expect(await finishes(serial)).toBe('ok')
  })

  it('and the version before has stored its mark, the alarm ends it', async () => {
    const { serial } = await enroll('PIPUCHANGE07')
    expect(verdict(await ring(serial))).toBe('ok')
    await runInDurableObject(stubOf(serial), (_, { storage }) => {
      const before = storage.kv.get<object>('phone')
      storage.kv.put('phone', { ...before, changing: ports.now() })
    })
    await evict(serial)
    expect(await finishes(serial)).toBe('no_suitable_token')
    valueOf(await phone(serial).beginChange())
    await takeUp(serial)
    expect(await finishes(serial)).toBe('ok')
  })

  it('and is deleted, its object stores nothing', async () => {
    const mine = await enroll('PIPUCHANGE05')
    const login = await openLogin(12, [mine])
    await changeTokenRow(ports, mine.serial, async () => ({
      ok: true,
      value: await changeRow(mine.serial, { kind: 'deleted' }),
    }))
    await eventually(async () =>
      expect(valueOf(await shard(12).status({ id: login.id, wait: seconds(0) }))).toBe('declined'),
    )
    expect(valueOf(await phone(mine.serial).counters())).toBeUndefined()
    await runInDurableObject(stubOf(mine.serial), (_, { storage }) => expect([...storage.kv.list()]).toEqual([]))
  })
})
