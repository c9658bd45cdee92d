import { evictDurableObject } from 'cloudflare:test'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { Phone } from '../../src/index.ts'
import { Waiters } from '../../src/objects/waiters.ts'
import type { Outcome } from '../../src/refusal.ts'
import { refuse } from '../../src/refusal.ts'
import type { Serial, TransactionId } from '../../src/vocabulary.ts'
import { addSeconds, seconds } from '../../src/vocabulary.ts'
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

// How long it took tells only that nobody waited for the deadline: a quarter of it is ample.
const LONG = seconds(20)
const BRIEF = seconds(0.05)
const AT = 41
const mine = { serial: 'PIPUWAITING1' as Serial, key: 0 }
const other = { serial: 'PIPUWAITING2' as Serial, key: 1 }
beforeAll(() => Promise.all([mine, other].map(({ serial, key }) => enroll(serial, { key }))))

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const open = (...more: [Parameters<typeof openLogin>[2]?, Parameters<typeof openLogin>[3]?]) =>
  openLogin(AT, [mine, other], ...more)
const wait = async (id: TransactionId, count = LONG) => valueOf(await shard(AT).status({ id, wait: count }))
const conclude = (id: TransactionId, count = LONG, attempt?: string, canRepeat?: boolean) =>
  shard(AT).finalizeWhenAccepted({ id, wait: count, attempt, canRepeat })
const stands = (id: TransactionId) => wait(id, seconds(0))
const times = (count: number) => Array.from({ length: count }, (_, index) => index)
const refusalOf = (outcome: Outcome<unknown>) => (outcome.ok ? 'ok' : outcome.refusal)

/** What comes of `work`, given that it waits until `event` has happened. */
async function woken<T>(work: Promise<T>, event: () => Promise<unknown>): Promise<T> {
  const early = await Promise.race([work, scheduler.wait(20).then(() => 'waits' as const)])
  expect(early).toBe('waits')
  await event()
  const late = await Promise.race([work, scheduler.wait(5000).then(() => 'waits' as const)])
  if (late === 'waits') throw new Error('not woken')
  return late
}

describe('whoever waits for a login', () => {
  it('is told at once what it came to', async () => {
    const login = await open()
    const waiting = Promise.all([wait(login.id), wait(login.id)])
    expect(
      await woken(waiting, async () => shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) })),
    ).toEqual(['accepted', 'accepted'])
  })

  it('is told when the clock ends it, though no alarm goes off', async () => {
    const login = await open({ answerBy: addSeconds(ports.now(), seconds(0.3)) })
    expect(await woken(wait(login.id), async () => undefined)).toBe('expired')
    expect(refusalOf(await conclude(login.id))).toMatchObject({ reason: 'unanswered' })
  })

  it('goes on waiting when one phone declined and the other may still accept', async () => {
    const login = await open()
    const waiting = wait(login.id)
    await shard(AT).answer({ id: login.id, answer: await login.say(mine.serial, { decline: true }) })
    expect(
      await woken(waiting, async () => shard(AT).answer({ id: login.id, answer: await login.say(other.serial) })),
    ).toBe('accepted')
  })

  it('goes on waiting when all that happens, happens in one moment', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: FAR })
    const login = await open()
    const waiting = wait(login.id)
    await scheduler.wait(20)
    await shard(AT).answer({ id: login.id, answer: await login.say(mine.serial, { decline: true }) })
    expect(
      await woken(waiting, async () => shard(AT).answer({ id: login.id, answer: await login.say(other.serial) })),
    ).toBe('accepted')
    const brief = await open()
    expect(await wait(brief.id, BRIEF)).toBe('pending')
  })

  it('is told of a withdrawal', async () => {
    const login = await open()
    expect(
      await woken(wait(login.id), () => shard(AT).withdraw({ id: login.id, withdrawal: { cause: 'token_changed' } })),
    ).toBe('declined')
  })

  it('is told that it is still pending when the wait is over', async () => {
    const login = await open()
    expect(await wait(login.id, BRIEF)).toBe('pending')
  })

  it('is told in time that it has expired, however late the alarm is', async () => {
    // Alarms go by a clock that nobody turns: this one is years away.
    vi.useFakeTimers({ toFake: ['Date'], now: FAR })
    const login = await open({ answerBy: addSeconds(ports.now(), seconds(0.2)) })
    expect(await woken(wait(login.id), async () => vi.setSystemTime(FAR + 300))).toBe('expired')
  })

  it('does not wait for what is decided, nor for what is not there', async () => {
    const login = await open()
    await shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) })
    expect(await wait(login.id)).toBe('accepted')
    expect(await wait(await drawId(AT))).toBe('unknown')
  })

  it('is one of eight at most: a ninth is told so at once', async () => {
    const login = await open()
    const eight = Promise.all(times(8).map(() => wait(login.id)))
    await scheduler.wait(20)
    expect(await wait(login.id)).toBe('crowded')
    expect(await stands(login.id)).toBe('pending')
    const done = await woken(eight, async () =>
      shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) }),
    )
    expect(done).toEqual(Array(8).fill('accepted'))
  })

  it('makes room when it leaves', async () => {
    const login = await open()
    const names = times(8).map((number) => `waiter ${number}`)
    const eight = names.map(async (waiter) => valueOf(await shard(AT).status({ id: login.id, wait: LONG, waiter })))
    await scheduler.wait(20)
    expect(await wait(login.id)).toBe('crowded')
    await shard(AT).stopWaiting({ id: login.id, waiter: 'waiter 3' })
    expect(await eight[3]).toBe('pending')
    const ninth = wait(login.id)
    expect(
      await woken(ninth, async () => shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) })),
    ).toBe('accepted')
  })

  it('is told at once that there is no room where thousands wait', async () => {
    const most = 5000
    const waiters = new Waiters(most)
    const login = (number: number) => `login ${number}` as TransactionId
    const waiting = times(most).map((number) => waiters.untilChange(login(number), seconds(60)))
    expect(waiters.hasRoomFor(login(most))).toBe(false)
    expect(await waiters.untilChange(login(most), seconds(60))).toBe(false)
    for (const number of times(most)) waiters.wake(login(number))
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([true]))
    expect(waiters.hasRoomFor(login(most))).toBe(true)
  })

  it('makes room when the wait is over', async () => {
    const login = await open()
    await Promise.all(times(8).map(() => wait(login.id, BRIEF)))
    expect(
      await woken(wait(login.id), async () => shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) })),
    ).toBe('accepted')
  })
})

describe('a call that waits for the phone', () => {
  it('is finalized by its acceptance, and nothing is left to finalize', async () => {
    const login = await open({ keyHash: 'hash of vpn' })
    const concluded = await woken(conclude(login.id), async () =>
      shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) }),
    )
    expect(valueOf(concluded)).toEqual({ serial: mine.serial, type: 'push' })
    expect(await stands(login.id)).toBe('finalized')
    expect(verdict(await shard(AT).finalize({ ...finalizing(login.id), keyHash: 'hash of vpn' }))).toBe(
      'transaction_unknown',
    )
  })

  it.each([
    ['declined', { decline: true }],
    ['declined', { decline: true, reason: 'unknown_trigger' }],
    ['cancelled', { decline: true, reason: 'cancelled' }],
  ] as const)('hears that the login was %s', async (status, said) => {
    const login = await openLogin(AT, [mine])
    const concluded = await woken(conclude(login.id), async () =>
      shard(AT).answer({ id: login.id, answer: await login.say(mine.serial, said) }),
    )
    expect(refusalOf(concluded)).toEqual({ reason: 'declined', status, token: { serial: mine.serial, type: 'push' } })
  })

  it('hears in the end that nobody answered, and then nobody can', async () => {
    const login = await open()
    const before = valueOf(await ports.phones.of(mine.serial).counters())
    expect(refusalOf(await conclude(login.id, BRIEF))).toEqual({
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

  it('that has left cannot be told of an acceptance, so nobody can give one', async () => {
    const login = await open()
    const concluded = await woken(conclude(login.id), () =>
      shard(AT).withdraw({ id: login.id, withdrawal: { cause: 'caller_left' } }),
    )
    expect(verdict(concluded)).toBe('declined')
    expect(valueOf(await shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) }))).toEqual({
      accepted: false,
      unmatched: true,
    })
  })

  it('leaves nothing to finalize when the phone accepts and may not finish', async () => {
    const login = await openLogin(AT, [mine])
    const mark = valueOf(await ports.phones.of(mine.serial).beginChange())
    const concluded = await woken(conclude(login.id), async () =>
      shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) }),
    )
    expect(verdict(concluded)).toBe('no_suitable_token')
    await ports.phones.of(mine.serial).endChange({ mark })
    expect(await stands(login.id)).toBe('declined')
    expect(verdict(await shard(AT).finalize(finalizing(login.id)))).toBe('not_accepted')
  })

  it('is told once though it waited twice: the login is used by one of them', async () => {
    const login = await open()
    const both = Promise.all([conclude(login.id), conclude(login.id)])
    const verdicts = (
      await woken(both, async () => shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) }))
    ).map(verdict)
    expect(verdicts.toSorted()).toEqual(['ok', 'transaction_unknown'])
  })
})

describe('several calls that wait for the same phone', () => {
  const yes = async (login: Awaited<ReturnType<typeof open>>) =>
    shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) })

  it('are all told of its yes where they are one named request', async () => {
    const login = await open()
    const all = Promise.all(times(3).map((number) => conclude(login.id, LONG, `attempt ${number}`, true)))
    expect((await woken(all, () => yes(login))).map(valueOf)).toEqual(
      times(3).map(() => ({ serial: mine.serial, type: 'push' })),
    )
    // Used is used: who comes after that is none of them.
    expect(verdict(await conclude(login.id, LONG, 'late', true))).toBe('transaction_unknown')
  })

  it('are told no more than one of it where nobody has named them', async () => {
    const login = await open()
    const both = Promise.all([conclude(login.id, LONG, 'one'), conclude(login.id, LONG, 'two')])
    expect((await woken(both, () => yes(login))).map(verdict).toSorted()).toEqual(['ok', 'transaction_unknown'])
  })

  it.each([true, false])('go on waiting when the time of one is over (named: %s)', async (named) => {
    const login = await open()
    const longer = conclude(login.id, LONG, 'longer', named)
    expect(verdict(await conclude(login.id, BRIEF, 'brief', named))).toBe('unanswered')
    expect(verdict(await woken(longer, () => yes(login)))).toBe('ok')
  })

  it.each([true, false])('go on waiting when one hangs up (named: %s)', async (named) => {
    const login = await open()
    const stays = conclude(login.id, LONG, 'stays', named)
    const goes = conclude(login.id, LONG, 'goes', named)
    expect(
      verdict(await woken(goes, () => shard(AT).abandon({ id: login.id, attempt: 'goes', canRepeat: named }))),
    ).toBe('unanswered')
    expect(verdict(await woken(stays, () => yes(login)))).toBe('ok')
  })

  it('take the login back when the last of them hangs up', async () => {
    const login = await open()
    const both = Promise.all(['one', 'two'].map((name) => conclude(login.id, LONG, name)))
    await scheduler.wait(20)
    await shard(AT).abandon({ id: login.id, attempt: 'one', canRepeat: false })
    expect(await stands(login.id)).toBe('pending')
    await shard(AT).abandon({ id: login.id, attempt: 'two', canRepeat: false })
    expect((await both).map(verdict)).toEqual(['unanswered', 'declined'])
    expect(await stands(login.id)).toBe('declined')
  })

  it('take it back when the time of all is over at once', async () => {
    const login = await open()
    const all = await Promise.all(times(4).map((number) => conclude(login.id, BRIEF, `attempt ${number}`)))
    expect(all.map(verdict)).toEqual(Array(4).fill('unanswered'))
    expect(await stands(login.id)).toBe('declined')
    // Whoever repeats the request is told the same: nobody has said no.
    expect(verdict(await conclude(login.id, LONG, 'late', true))).toBe('unanswered')
  })

  it('keep it when a ninth finds no room', async () => {
    const login = await open()
    const eight = Promise.all(times(8).map((number) => conclude(login.id, LONG, `attempt ${number}`, true)))
    await scheduler.wait(20)
    expect(verdict(await conclude(login.id, LONG, 'ninth', true))).toBe('too_many_waiting')
    expect(verdict(await conclude(login.id, LONG, 'tenth'))).toBe('too_many_waiting')
    expect((await woken(eight, () => yes(login))).map(verdict)).toEqual(Array(8).fill('ok'))
  })

  it('is no crowd where there is nothing to wait for', async () => {
    const login = await open()
    await yes(login)
    vi.spyOn(Waiters.prototype, 'hasRoomFor').mockReturnValue(false)
    expect(verdict(await conclude(login.id))).toBe('ok')
  })
})

describe('a call that has joined the login of another', () => {
  const join = (id: TransactionId, count = LONG) =>
    shard(AT).finalizeWhenAccepted({ id, wait: count, attempt: 'joins', canRepeat: false, hasJoined: true })
  const leave = (id: TransactionId) => shard(AT).abandon({ id, attempt: 'joins', canRepeat: false, hasJoined: true })
  const yes = async (login: Awaited<ReturnType<typeof open>>) =>
    shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) })

  it.each(['before', 'while'])('and hangs up %s it waits leaves the login to who opened it', async (when) => {
    const login = await open()
    if (when === 'before') await leave(login.id)
    else expect(verdict(await woken(join(login.id), () => leave(login.id)))).toBe('unanswered')
    const opens = conclude(login.id, LONG, 'opens')
    expect(verdict(await woken(opens, () => yes(login)))).toBe('ok')
  })

  it('and finds no room leaves the login to who opened it', async () => {
    const login = await open()
    vi.spyOn(Waiters.prototype, 'hasRoomFor').mockReturnValueOnce(false)
    expect(verdict(await join(login.id))).toBe('too_many_waiting')
    expect(await stands(login.id)).toBe('pending')
  })

  it.each<[string, (login: TransactionId) => Promise<unknown>]>([
    [
      'waited',
      async (id) =>
        woken(conclude(id, LONG, 'opens'), () => shard(AT).abandon({ id, attempt: 'opens', canRepeat: false })),
    ],
    ['come', async (id) => shard(AT).abandon({ id, attempt: 'opens', canRepeat: false })],
  ])('takes it back as the last, where who opened it has %s and gone', async (_, opensAndGoes) => {
    const login = await open()
    const joins = join(login.id)
    await scheduler.wait(20)
    await opensAndGoes(login.id)
    expect(await stands(login.id)).toBe('pending')
    await leave(login.id)
    expect(await stands(login.id)).toBe('declined')
    expect(verdict(await joins)).toBe('declined')
  })
})

describe('a call that has named its request, and hangs up', () => {
  it('finds what the phone has said meanwhile when it comes again', async () => {
    const login = await open()
    const first = conclude(login.id, LONG, 'first', true)
    expect(
      verdict(await woken(first, () => shard(AT).abandon({ id: login.id, attempt: 'first', canRepeat: true }))),
    ).toBe('unanswered')
    expect(valueOf(await shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) }))).toEqual({
      accepted: true,
    })
    expect(verdict(await conclude(login.id, LONG, 'again', true))).toBe('ok')
  })
})

describe('a yes that cannot be used, because what it needs is not reached', () => {
  const untilReached = () =>
    vi
      .spyOn(Phone.prototype, 'finalize')
      .mockResolvedValueOnce(refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) }))

  it('is there still for a named request that comes again, as it was told to', async () => {
    const login = await open()
    untilReached()
    const first = conclude(login.id, LONG, 'first', true)
    expect(
      verdict(await woken(first, async () => shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) }))),
    ).toBe('storage_unavailable')
    expect(await stands(login.id)).toBe('accepted')
    expect(verdict(await conclude(login.id, LONG, 'again', true))).toBe('ok')
  })

  it('is taken back where nobody can come again', async () => {
    const login = await open()
    untilReached()
    const only = conclude(login.id, LONG, 'only')
    expect(
      verdict(await woken(only, async () => shard(AT).answer({ id: login.id, answer: await login.say(mine.serial) }))),
    ).toBe('storage_unavailable')
    expect(await stands(login.id)).toBe('declined')
  })
})

describe('those who wait', () => {
  it('keep no login from being answered while their object has other things to do', async () => {
    const [one, two] = [await open(), await open()]
    const waiting = wait(one.id)
    expect(valueOf(await shard(AT).answer({ id: two.id, answer: await two.say(mine.serial) }))).toEqual({
      accepted: true,
    })
    expect(
      await woken(waiting, async () => shard(AT).answer({ id: one.id, answer: await one.say(other.serial) })),
    ).toBe('accepted')
  })

  it('are not in the way of the next object: whoever waits asks again', async () => {
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
