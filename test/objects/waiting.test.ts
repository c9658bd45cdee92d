import { evictDurableObject } from 'cloudflare:test'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Phone } from '../../src/index.ts'
import { Waiters } from '../../src/objects/waiters.ts'
import { type Outcome, refuse } from '../../src/refusal.ts'
import { addSeconds, seconds, type Serial, type TransactionId } from '../../src/vocabulary.ts'
import {
  drawId,
  enroll,
  eventually,
  FAR,
  finalizing,
  openLogin,
  ports,
  shard,
  shardStub,
  valueOf,
  verdict,
} from './world.ts'

/** Longer than any test waits: whoever is woken is woken by what the test does, not by the end of the wait. */
const LONG = seconds(60)
const BRIEF = seconds(0.05)
const AT = 41
const mine = { serial: 'PIPUWAITING1' as Serial, key: 0 }
const other = { serial: 'PIPUWAITING2' as Serial, key: 1 }
beforeAll(() => Promise.all([mine, other].map(({ serial, key }) => enroll(serial, { key }))))

/** How many callers wait now, in all shards. */
let waiters = 0
beforeEach(() => {
  waiters = 0
  const untilChange: Waiters['untilChange'] = Reflect.get(Waiters.prototype, 'untilChange')
  vi.spyOn(Waiters.prototype, 'untilChange').mockImplementation(async function (this: Waiters, ...args) {
    waiters += 1
    return Reflect.apply(untilChange, this, args).finally(() => (waiters -= 1))
  })
})
const untilWaiting = (count: number) => eventually(() => expect(waiters).toBe(count))

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const open = (...more: [Parameters<typeof openLogin>[2]?, Parameters<typeof openLogin>[3]?]) =>
  openLogin(AT, [mine, other], ...more)
const wait = async (id: TransactionId, count = LONG) => valueOf(await shard(AT).status({ id, wait: count }))
const waitToFinalize = (id: TransactionId, count = LONG, attempt?: string, canRepeat?: boolean) =>
  shard(AT).finalizeWhenAccepted({ id, wait: count, attempt, canRepeat })
const stands = (id: TransactionId) => wait(id, seconds(0))
const times = (count: number) => Array.from({ length: count }, (_, index) => index)
const refusalOf = (outcome: Outcome<unknown>) => (outcome.ok ? 'ok' : outcome.refusal)

/** A challenge of number matching. */
const NUMBER = { mode: 'presence', presence: 'B' } as const

/** Returns the result of `work`, the only caller (or `count` callers) that waits, after `event` has woken it. */
async function woken<T>(work: Promise<T>, event: () => Promise<unknown>, count = 1): Promise<T> {
  await untilWaiting(count)
  await event()
  return work
}

describe('a caller that waits for a login', () => {
  it('is answered as soon as the phone accepts', async () => {
    const login = await open()
    const waiting = Promise.all([wait(login.id), wait(login.id)])
    const answer = async () => shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) })
    expect(await woken(waiting, answer, 2)).toEqual(['accepted', 'accepted'])
  })

  it('is answered when the login expires, even if no alarm goes off', async () => {
    const login = await open({ answerBy: addSeconds(ports.now(), seconds(0.3)) })
    expect(await woken(wait(login.id), async () => undefined)).toBe('expired')
    expect(refusalOf(await waitToFinalize(login.id))).toMatchObject({ reason: 'unanswered' })
  })

  it('keeps waiting when one phone taps a wrong number and another may still accept', async () => {
    const login = await open({}, NUMBER)
    const waiting = wait(login.id)
    await untilWaiting(1)
    await shard(AT).answer({ id: login.id, answer: await login.say(mine.serial, { presence: 'A' }) })
    const right = async () =>
      shard(AT).answer({ id: login.id, answer: await login.say(other.serial, { presence: 'B' }) })
    expect(await woken(waiting, right)).toBe('accepted')
  })

  it('is answered as soon as one of two phones declines', async () => {
    const login = await open()
    const no = async () => shard(AT).answer({ id: login.id, answer: await login.say(mine.serial, { decline: true }) })
    expect(await woken(wait(login.id), no)).toBe('declined')
    expect(valueOf(await shard(AT).answer({ id: login.id, answer: await login.say(other.serial) }))).toMatchObject({
      accepted: false,
    })
  })

  it('keeps waiting when everything happens in the same millisecond', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: FAR })
    const login = await open({}, NUMBER)
    const waiting = wait(login.id)
    await untilWaiting(1)
    await shard(AT).answer({ id: login.id, answer: await login.say(mine.serial, { presence: 'A' }) })
    const right = async () =>
      shard(AT).answer({ id: login.id, answer: await login.say(other.serial, { presence: 'B' }) })
    expect(await woken(waiting, right)).toBe('accepted')
    const brief = await open()
    expect(await wait(brief.id, BRIEF)).toBe('pending')
  })

  it('is answered when the login is withdrawn', async () => {
    const login = await open()
    expect(
      await woken(wait(login.id), () => shard(AT).withdraw({ id: login.id, withdrawal: { cause: 'token_changed' } })),
    ).toBe('declined')
  })

  it('is answered `pending` when the wait is over', async () => {
    const login = await open()
    expect(await wait(login.id, BRIEF)).toBe('pending')
  })

  it('is answered in time that the login has expired, however late the alarm is', async () => {
    // Alarms go by a clock that nobody turns: this one is years away.
    vi.useFakeTimers({ toFake: ['Date'], now: FAR })
    const login = await open({ answerBy: addSeconds(ports.now(), seconds(0.2)) })
    expect(await woken(wait(login.id), async () => vi.setSystemTime(FAR + 300))).toBe('expired')
  })

  it('does not wait for a login that is decided, nor for one that does not exist', async () => {
    const login = await open()
    await shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) })
    expect(await wait(login.id)).toBe('accepted')
    expect(await wait(await drawId(AT))).toBe('unknown')
  })

  it('is one of at most eight: the ninth is refused at once', async () => {
    const login = await open()
    const eight = Promise.all(times(8).map(() => wait(login.id)))
    await untilWaiting(8)
    expect(await wait(login.id)).toBe('crowded')
    expect(await stands(login.id)).toBe('pending')
    await shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) })
    expect(await eight).toEqual(Array(8).fill('accepted'))
  })

  it('makes room for another when it leaves', async () => {
    const login = await open()
    const names = times(8).map((number) => `waiter ${number}`)
    const eight = names.map(async (waiter) => valueOf(await shard(AT).status({ id: login.id, wait: LONG, waiter })))
    await untilWaiting(8)
    expect(await wait(login.id)).toBe('crowded')
    await shard(AT).stopWaiting({ id: login.id, waiter: 'waiter 3' })
    expect(await eight[3]).toBe('pending')
    const ninth = wait(login.id)
    const answer = async () => shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) })
    expect(await woken(ninth, answer, 8)).toBe('accepted')
  })

  it('is one of eight of the user’s, over all their logins; a request that waits for the phone still finds room', async () => {
    const [first, second, third] = [await open(), await open(), await open()]
    const polls = [first, first, first, first, second, second, second, second].map(({ id }) => wait(id))
    await untilWaiting(8)
    expect(await wait(third.id)).toBe('crowded')
    const graces = await open({ owner: { login: 'grace', realm: 'sales' } })
    const others = wait(graces.id)
    const success = waitToFinalize(third.id)
    await untilWaiting(10)
    for (const login of [first, second, third, graces])
      await shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) })
    expect(await Promise.all([...polls, others])).toEqual(Array(9).fill('accepted'))
    expect(verdict(await success)).toBe('ok')
  })

  it('is refused at once when thousands wait in the shard', async () => {
    const most = 5000
    const crowd = new Waiters(most)
    const login = (number: number) => `login ${number}` as TransactionId
    const waiting = times(most).map((number) => crowd.untilChange(login(number), seconds(60)))
    expect(crowd.hasRoomFor(login(most))).toBe(false)
    expect(await crowd.untilChange(login(most), seconds(60))).toBe(false)
    for (const number of times(most)) crowd.wake(login(number))
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([true]))
    expect(crowd.hasRoomFor(login(most))).toBe(true)
  })

  it('makes room for another when its wait is over', async () => {
    const login = await open()
    await Promise.all(times(8).map(() => wait(login.id, BRIEF)))
    expect(
      await woken(wait(login.id), async () => shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) })),
    ).toBe('accepted')
  })
})

describe('a request that waits for the phone', () => {
  it('finalizes the login when the phone accepts, and nobody can finalize it again', async () => {
    const login = await open({ keyHash: 'hash of vpn' })
    const outcome = await woken(waitToFinalize(login.id), async () =>
      shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) }),
    )
    expect(valueOf(outcome)).toEqual({ serial: mine.serial, type: 'push' })
    expect(await stands(login.id)).toBe('finalized')
    expect(verdict(await shard(AT).finalize({ ...finalizing(login.id), keyHash: 'hash of vpn' }))).toBe(
      'transaction_unknown',
    )
  })

  it.each([
    ['declined', { decline: true }],
    ['declined', { decline: true, reason: 'unknown_trigger' }],
    ['cancelled', { decline: true, reason: 'cancelled' }],
  ] as const)('is refused when the login is %s', async (status, said) => {
    const login = await openLogin(AT, [mine])
    const outcome = await woken(waitToFinalize(login.id), async () =>
      shard(AT).answer({ id: login.id, answer: await login.say(mine.serial, said) }),
    )
    expect(refusalOf(outcome)).toEqual({ reason: 'declined', status, token: { serial: mine.serial, type: 'push' } })
  })

  it('is refused as unanswered at the end of its wait, and the phone can no longer answer', async () => {
    const login = await open()
    const before = valueOf(await ports.phones.of(mine.serial).counters())
    expect(refusalOf(await waitToFinalize(login.id, BRIEF))).toEqual({
      reason: 'unanswered',
      token: { serial: mine.serial, type: 'push' },
    })
    expect(valueOf(await shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) }))).toEqual({
      accepted: false,
      unmatched: true,
    })
    expect(valueOf(await shard(AT).pendingPrompts({ serial: mine.serial, ids: [login.id], most: 5 }))).toEqual([])
    expect(await stands(login.id)).toBe('declined')
    expect(valueOf(await ports.phones.of(mine.serial).counters())).toEqual(before)
  })

  it('that was withdrawn by its own caller leaves nothing to accept', async () => {
    const login = await open()
    const outcome = await woken(waitToFinalize(login.id), () =>
      shard(AT).withdraw({ id: login.id, withdrawal: { cause: 'caller_left' } }),
    )
    expect(verdict(outcome)).toBe('declined')
    expect(valueOf(await shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) }))).toEqual({
      accepted: false,
      unmatched: true,
    })
  })

  it('leaves nothing to finalize when the phone accepts but its token must not finalize', async () => {
    const login = await openLogin(AT, [mine])
    const mark = valueOf(await ports.phones.of(mine.serial).beginChange())
    const outcome = await woken(waitToFinalize(login.id), async () =>
      shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) }),
    )
    expect(verdict(outcome)).toBe('no_suitable_token')
    await ports.phones.of(mine.serial).endChange({ mark })
    expect(await stands(login.id)).toBe('declined')
    expect(verdict(await shard(AT).finalize(finalizing(login.id)))).toBe('not_accepted')
  })

  it('sent twice finalizes the login once', async () => {
    const login = await open()
    const both = Promise.all([waitToFinalize(login.id), waitToFinalize(login.id)])
    const verdicts = (
      await woken(both, async () => shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) }), 2)
    ).map(verdict)
    expect(verdicts.toSorted()).toEqual(['ok', 'transaction_unknown'])
  })
})

describe('several requests that wait for the same phone', () => {
  const accept = async (login: Awaited<ReturnType<typeof open>>) =>
    shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) })

  it('all succeed if they repeat one named request', async () => {
    const login = await open()
    const all = Promise.all(times(3).map((number) => waitToFinalize(login.id, LONG, `attempt ${number}`, true)))
    expect((await woken(all, () => accept(login), 3)).map(valueOf)).toEqual(
      times(3).map(() => ({ serial: mine.serial, type: 'push' })),
    )
    // A repetition after the success is too late.
    expect(verdict(await waitToFinalize(login.id, LONG, 'late', true))).toBe('transaction_unknown')
  })

  it('succeed once if they are not named', async () => {
    const login = await open()
    const both = Promise.all([waitToFinalize(login.id, LONG, 'one'), waitToFinalize(login.id, LONG, 'two')])
    expect((await woken(both, () => accept(login), 2)).map(verdict).toSorted()).toEqual(['ok', 'transaction_unknown'])
  })

  it.each([true, false])('keep waiting when the wait of one is over (named: %s)', async (named) => {
    const login = await open()
    const longer = waitToFinalize(login.id, LONG, 'longer', named)
    expect(verdict(await waitToFinalize(login.id, BRIEF, 'brief', named))).toBe('unanswered')
    expect(verdict(await woken(longer, () => accept(login)))).toBe('ok')
  })

  it.each([true, false])('keep waiting when one caller disconnects (named: %s)', async (named) => {
    const login = await open()
    const stays = waitToFinalize(login.id, LONG, 'stays', named)
    const goes = waitToFinalize(login.id, LONG, 'goes', named)
    const abandon = () => shard(AT).abandon({ id: login.id, attempt: 'goes', canRepeat: named })
    expect(verdict(await woken(goes, abandon, 2))).toBe('unanswered')
    expect(verdict(await woken(stays, () => accept(login)))).toBe('ok')
  })

  it('withdraw the login when the last caller disconnects', async () => {
    const login = await open()
    const both = Promise.all(['one', 'two'].map((name) => waitToFinalize(login.id, LONG, name)))
    await untilWaiting(2)
    await shard(AT).abandon({ id: login.id, attempt: 'one', canRepeat: false })
    expect(await stands(login.id)).toBe('pending')
    await shard(AT).abandon({ id: login.id, attempt: 'two', canRepeat: false })
    expect((await both).map(verdict)).toEqual(['unanswered', 'declined'])
    expect(await stands(login.id)).toBe('declined')
  })

  it('withdraw it when the waits of all are over at once', async () => {
    const login = await open()
    const all = await Promise.all(times(4).map((number) => waitToFinalize(login.id, BRIEF, `attempt ${number}`)))
    expect(all.map(verdict)).toEqual(Array(4).fill('unanswered'))
    expect(await stands(login.id)).toBe('declined')
    // A repetition gets the same answer, because no phone has declined.
    expect(verdict(await waitToFinalize(login.id, LONG, 'late', true))).toBe('unanswered')
  })

  it('keep it open when a ninth finds no room', async () => {
    const login = await open()
    const eight = Promise.all(times(8).map((number) => waitToFinalize(login.id, LONG, `attempt ${number}`, true)))
    await untilWaiting(8)
    expect(verdict(await waitToFinalize(login.id, LONG, 'ninth', true))).toBe('too_many_waiting')
    expect(verdict(await waitToFinalize(login.id, LONG, 'tenth'))).toBe('too_many_waiting')
    expect((await woken(eight, () => accept(login), 8)).map(verdict)).toEqual(Array(8).fill('ok'))
  })

  it('need no room when the phone has accepted already', async () => {
    const login = await open()
    await accept(login)
    vi.spyOn(Waiters.prototype, 'hasRoomFor').mockReturnValue(false)
    expect(verdict(await waitToFinalize(login.id))).toBe('ok')
  })
})

describe('a request that has joined the login of another', () => {
  const join = (id: TransactionId, count = LONG) =>
    shard(AT).finalizeWhenAccepted({ id, wait: count, attempt: 'joins', canRepeat: false, hasJoined: true })
  const leave = (id: TransactionId) => shard(AT).abandon({ id, attempt: 'joins', canRepeat: false, hasJoined: true })
  const accept = async (login: Awaited<ReturnType<typeof open>>) =>
    shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) })

  it.each(['before', 'while'])(
    'and disconnects %s it waits leaves the login open for the request that opened it',
    async (when) => {
      const login = await open()
      if (when === 'before') await leave(login.id)
      else expect(verdict(await woken(join(login.id), () => leave(login.id)))).toBe('unanswered')
      const opens = waitToFinalize(login.id, LONG, 'opens')
      expect(verdict(await woken(opens, () => accept(login)))).toBe('ok')
    },
  )

  it('and finds no room leaves the login open for the request that opened it', async () => {
    const login = await open()
    vi.spyOn(Waiters.prototype, 'hasRoomFor').mockReturnValueOnce(false)
    expect(verdict(await join(login.id))).toBe('too_many_waiting')
    expect(await stands(login.id)).toBe('pending')
  })

  it.each<[string, (login: TransactionId) => Promise<unknown>]>([
    [
      'waited',
      async (id) =>
        woken(
          waitToFinalize(id, LONG, 'opens'),
          () => shard(AT).abandon({ id, attempt: 'opens', canRepeat: false }),
          2,
        ),
    ],
    ['come', async (id) => shard(AT).abandon({ id, attempt: 'opens', canRepeat: false })],
  ])(
    'withdraws it as the last caller, if the request that opened it has %s and disconnected',
    async (_, opensAndGoes) => {
      const login = await open()
      const joins = join(login.id)
      await untilWaiting(1)
      await opensAndGoes(login.id)
      expect(await stands(login.id)).toBe('pending')
      await leave(login.id)
      expect(await stands(login.id)).toBe('declined')
      expect(verdict(await joins)).toBe('declined')
    },
  )
})

describe('a named request whose caller disconnects', () => {
  it('finds the phone’s answer when it is repeated', async () => {
    const login = await open()
    const first = waitToFinalize(login.id, LONG, 'first', true)
    expect(
      verdict(await woken(first, () => shard(AT).abandon({ id: login.id, attempt: 'first', canRepeat: true }))),
    ).toBe('unanswered')
    expect(valueOf(await shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) }))).toEqual({
      accepted: true,
    })
    expect(verdict(await waitToFinalize(login.id, LONG, 'again', true))).toBe('ok')
  })
})

describe('an acceptance that cannot be used because the phone’s object is unreachable', () => {
  const untilReached = () =>
    vi
      .spyOn(Phone.prototype, 'finalize')
      .mockResolvedValueOnce(refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) }))

  it('is still there when a named request is repeated', async () => {
    const login = await open()
    untilReached()
    const first = waitToFinalize(login.id, LONG, 'first', true)
    expect(
      verdict(await woken(first, async () => shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) }))),
    ).toBe('storage_unavailable')
    expect(await stands(login.id)).toBe('accepted')
    expect(verdict(await waitToFinalize(login.id, LONG, 'again', true))).toBe('ok')
  })

  it('is withdrawn if the request cannot be repeated', async () => {
    const login = await open()
    untilReached()
    const only = waitToFinalize(login.id, LONG, 'only')
    expect(
      verdict(await woken(only, async () => shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) }))),
    ).toBe('storage_unavailable')
    expect(await stands(login.id)).toBe('declined')
  })
})

describe('waiting callers', () => {
  it('keep their object free for other logins', async () => {
    const [one, two] = [await open(), await open()]
    const waiting = wait(one.id)
    expect(valueOf(await shard(AT).answer({ id: two.id, answer: await two.say(mine.serial) }))).toEqual({
      accepted: true,
    })
    expect(
      await woken(waiting, async () => shard(AT).answer({ id: one.id, answer: await one.say(other.serial) })),
    ).toBe('accepted')
  })

  it('do not survive their object: they ask the next one again', async () => {
    const login = await open()
    expect(await wait(login.id, BRIEF)).toBe('pending')
    await evictDurableObject(shardStub(AT))
    const again = wait(login.id)
    await eventually(async () => expect(await stands(login.id)).toBe('pending'))
    expect(
      await woken(again, async () => shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) })),
    ).toBe('accepted')
  })
})
