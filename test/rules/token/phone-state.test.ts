import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clearExpiredLock, isLocked, isUsedUp, limitReached } from '../../../src/rules/token/attempt-limits.ts'
import {
  attemptsOf,
  countersOf,
  countFailure,
  failuresOf,
  holdAttempt,
  newPhoneState,
  type PhoneState,
  recordSuccess,
  releaseHold,
  resetAttempts,
} from '../../../src/rules/token/phone-state.ts'
import { countRing, moveRing, addRing } from '../../../src/rules/token/phone-rings.ts'
import { openRings } from '../../../src/rules/token/fair-rings.ts'
import { seconds, type TransactionId } from '../../../src/vocabulary.ts'
import { after } from '../login/sample-login.ts'

const login = (name: number | string) => `login ${name}` as TransactionId
const fresh = newPhoneState(0, 0, after(0))

/** The first of the rings that the phone may still answer. */
const newest = (state: PhoneState, at: Parameters<typeof openRings>[1], count: number) =>
  openRings(state, at)
    .slice(0, count)
    .map(({ transaction }) => transaction)

/** A ring at an instant; the phone may answer for two minutes. */
const ringing = (state: PhoneState, name: number | string, at = 0, pinVerified = false) =>
  addRing(state, { transaction: login(name), until: after(at + 120), pinVerified }, after(at))
const times = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('an attempt', () => {
  it('counts while it is held, until its PIN matched', () => {
    const one = holdAttempt(fresh, login(1), after(0))
    expect(attemptsOf(one)).toBe(1)
    expect(attemptsOf(ringing(one, 1, 0, true).state)).toBe(0)
  })

  it('stops counting once it is released, and a late ring for it holds nothing', () => {
    const taken = releaseHold(holdAttempt(fresh, login(1), after(0)), login(1), after(1))
    expect(attemptsOf(taken)).toBe(0)
    expect(attemptsOf(holdAttempt(taken, login(1), after(2)))).toBe(0)
    expect(attemptsOf(holdAttempt(releaseHold(fresh, login(2), after(0)), login(2), after(59)))).toBe(0)
  })

  it('is held once, however often its ring is repeated', () => {
    expect(attemptsOf(holdAttempt(holdAttempt(fresh, login(1), after(0)), login(1), after(1)))).toBe(1)
  })

  it('counts for good when it is not released within a minute, whether or not anything happened in between', () => {
    const one = holdAttempt(fresh, login(1), after(0))
    expect(attemptsOf(releaseHold(one, login(1), after(59)))).toBe(0)
    expect(attemptsOf(releaseHold(one, login(1), after(60)))).toBe(1)
    expect(attemptsOf(releaseHold(holdAttempt(one, login(2), after(60)), login(1), after(61)))).toBe(2)
  })

  it('counts at once when nothing can release it', () => {
    expect(attemptsOf(countFailure(countFailure(fresh, after(0)), after(0)))).toBe(2)
  })

  it('starts again with a finalized login, and when an administrator resets it', () => {
    const three = holdAttempt(countFailure(countFailure(fresh, after(0)), after(0)), login(1), after(0))
    expect(attemptsOf(three)).toBe(3)
    expect(attemptsOf(recordSuccess(three, login(2), after(1)))).toBe(0)
    expect(attemptsOf(resetAttempts(three, after(9)))).toBe(0)
  })

  it('locks the phone with the last that is allowed, until the lock ends', () => {
    const limit = { most: 2, forgivenAfter: seconds(300) }
    const one = holdAttempt(fresh, login(1), after(0))
    expect([isLocked(one, limit, after(0)), clearExpiredLock(one, limit, after(999))]).toEqual([false, one])
    const two = holdAttempt(one, login(2), after(100))
    expect([isLocked(two, limit, after(100)), isLocked(two, limit, after(399))]).toEqual([true, true])
    expect([isLocked(two, limit, after(400)), attemptsOf(clearExpiredLock(two, limit, after(400)))]).toEqual([false, 0])
    expect(clearExpiredLock(two, limit, after(399))).toBe(two)
    expect(isLocked(two, { most: 2 }, after(1e9))).toBe(true)
    // Of a phone that was locked before, only that is known.
    expect(isLocked(newPhoneState(2, 0, after(50)), limit, after(349))).toBe(true)
    expect(isLocked(newPhoneState(2, 0, after(50)), limit, after(350))).toBe(false)
  })

  it('starts from the count in D1', () => {
    expect(attemptsOf(holdAttempt(newPhoneState(7, 3, after(0)), login(1), after(0)))).toBe(8)
  })

  it('counts exactly, in whatever order attempts, releases, failures, successes and the clock come', () => {
    const name = fc.integer({ min: 1, max: 6 })
    const event = fc.oneof(
      fc.record({ kind: fc.constant('wrong' as const), name }),
      fc.record({ kind: fc.constant('release' as const), name }),
      fc.record({ kind: fc.constant('right' as const), name }),
      fc.record({ kind: fc.constant('fail' as const), name }),
      fc.record({ kind: fc.constant('finish' as const), name: fc.integer({ min: 100, max: 105 }) }),
      fc.record({ kind: fc.constant('wait' as const), name: fc.constantFrom(1, 20, 59, 60) }),
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let state = fresh
        let at = 0
        // Independent of the rules: every event with its time, counted at the end of every step.
        let counts: { readonly of: number; readonly at: number }[] = []
        let letGo: { readonly of: number; readonly at: number }[] = []
        let over: { readonly of: number; readonly at: number }[] = []
        const isYoung = (one: { at: number }) => at - one.at < 60
        for (const { kind, name: of } of events) {
          const known = [...counts, ...letGo].some((one) => one.of === of && isYoung(one))
          const attempt = () => {
            state = holdAttempt(state, login(of), after(at))
            if (!known) counts.push({ of, at })
          }
          if (kind === 'wait') at += of
          if (kind === 'wrong') attempt()
          if (kind === 'fail') {
            state = countFailure(state, after(at))
            counts.push({ of: -1, at: -1000 })
          }
          if (kind === 'right') {
            attempt()
            state = ringing(state, of, at, true).state
          }
          if (kind === 'release') {
            state = releaseHold(state, login(of), after(at))
            letGo.push({ of, at })
          }
          if (kind === 'right' || kind === 'release') counts = counts.filter((one) => one.of !== of || !isYoung(one))
          if (kind === 'finish') {
            state = recordSuccess(state, login(of), after(at))
            // The same login again is no second success: it resets nothing.
            if (!over.some((one) => one.of === of)) {
              counts = []
              over = [...over.filter((one) => at - one.at < 600), { of, at }]
            }
          }
          letGo = letGo.filter(isYoung)
          expect(attemptsOf(state)).toBe(counts.length)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the rings of a phone', () => {
  const all = (state: PhoneState, at = 0) => newest(state, after(at), 100)

  it('come newest first, those with a verified PIN before all others', () => {
    let state = fresh
    for (const [index, verified] of [true, false, true, false].entries())
      state = ringing(state, index, index, verified).state
    expect(all(state, 5)).toEqual([2, 0, 3, 1].map(login))
    expect(newest(state, after(5), 3)).toEqual([2, 0, 3].map(login))
  })

  it('are those that the phone may still answer', () => {
    const state = ringing(ringing(fresh, 1, 0).state, 2, 60).state
    expect([all(state, 119), all(state, 120), all(state, 180)]).toEqual([[2, 1].map(login), [login(2)], []])
  })

  it('are fifty at most; the oldest without a verified PIN makes room', () => {
    let state = ringing(fresh, 'mine', 0, true).state
    for (const index of times(60)) state = ringing(state, index, 1 + index / 100).state
    expect(all(state, 2)).toHaveLength(50)
    expect(all(state, 2)[0]).toBe(login('mine'))
    expect(all(state, 2).at(-1)).toBe(login(11))
  })

  it('are fifty at most; if all have a verified PIN, the oldest makes room', () => {
    let state = fresh
    for (const index of times(51)) state = ringing(state, index, index / 100, true).state
    expect(all(state, 1)).toHaveLength(50)
    expect(all(state, 1)).not.toContain(login(0))
  })

  it('stay in the order they came, whichever makes room', () => {
    let state = fresh
    for (const index of times(70)) {
      const ring = {
        transaction: login(index),
        until: after(120),
        pinVerified: index % 3 === 0,
        place: `p${index % 7}`,
      }
      state = addRing(state, ring, after(index / 100)).state
    }
    expect(state.rings.map(({ at }) => at)).toEqual(state.rings.map(({ at }) => at).toSorted((a, b) => a - b))
    expect(state.rings).toHaveLength(50)
  })

  it('take no room once they are over', () => {
    let state = ringing(fresh, 'over', 0, true).state
    for (const index of times(50)) state = ringing(state, index, 120 + index / 100).state
    expect(state.rings.map(({ transaction }) => transaction)).toEqual(times(50).map(login))
  })

  it('move to another transaction', () => {
    const state = ringing(ringing(fresh, 1, 0, true).state, 2, 1).state
    expect(all(moveRing(state, login(1), login(9)), 2)).toEqual([9, 2].map(login))
  })

  it('are one for a transaction that rings twice', () => {
    expect(all(ringing(ringing(fresh, 1, 0).state, 1, 1).state, 2)).toEqual([login(1)])
  })
})

describe('a repeated request', () => {
  const first = { transaction: login(1), until: after(120), pinVerified: true, repeat: 'digest' }
  const state = addRing(fresh, first, after(0)).state
  const again = (change: Partial<typeof first>, at: number) =>
    addRing(holdAttempt(state, login(2), after(at)), { ...first, transaction: login(2), ...change }, after(at))

  it('joins the login of the first within ten seconds, and holds no attempt', () => {
    const joined = again({}, 9)
    expect(joined).toMatchObject({ delivers: false, joined: login(1) })
    expect([joined.state.rings.length, attemptsOf(joined.state)]).toEqual([1, 0])
  })

  it.each<[string, Partial<typeof first> & { repeat?: string | undefined }, number]>([
    ['ten seconds later', {}, 10],
    ['with another digest', { repeat: 'other' }, 9],
    ['without a digest', { repeat: undefined }, 9],
    ['of the same transaction', { transaction: login(1) }, 9],
  ])('is a ring of its own %s', (_, change, at) => {
    expect(again(change as Partial<typeof first>, at).joined).toBeUndefined()
  })

  it('is a ring of its own once the first cannot be answered any more', () => {
    const short = addRing(fresh, { ...first, until: after(5) }, after(0)).state
    const next = { ...first, transaction: login(2), until: after(125) }
    expect(addRing(short, next, after(4)).joined).toBe(login(1))
    const late = addRing(short, next, after(5))
    expect(late.joined).toBeUndefined()
    // What is over makes room at that very instant.
    expect(late.state.rings.map(({ transaction }) => transaction)).toEqual([login(2)])
  })
})

describe('the limit that a token has reached', () => {
  const bounds = { maxAttempts: 2, maxUses: 3, maxSuccesses: 1 }
  it.each<[string, PhoneState, string | undefined]>([
    ['is none of a new one', fresh, undefined],
    ['is its attempts when too many have failed', newPhoneState(2, 0, after(0), 2), 'attempts_exceeded'],
    ['is its uses when all are used, though no attempt failed', newPhoneState(0, 0, after(0), 3), 'uses_exceeded'],
    ['is its uses when its successes are used', newPhoneState(0, 1, after(0)), 'uses_exceeded'],
    ['is its attempts before its uses', newPhoneState(2, 1, after(0), 3), 'attempts_exceeded'],
  ])('%s', (_, state, expected) => {
    expect(limitReached(state, bounds, after(0))).toBe(expected)
  })

  it('is not the use of the login that reached it', () => {
    const used = recordSuccess(fresh, login(1), after(0))
    expect(limitReached(used, bounds, after(1), login(1))).toBeUndefined()
    expect(limitReached(used, bounds, after(1), login(2))).toBe('uses_exceeded')
  })
})

describe('the counters', () => {
  it('are those of the state; what has not happened is absent', () => {
    expect(countersOf(fresh)).toEqual({ attempts: 0, failures: 0, successes: 0 })
    const failed = countFailure(recordSuccess(fresh, login(1), after(5)), after(10))
    expect(countersOf(failed)).toEqual({
      attempts: 1,
      failures: 1,
      successes: 1,
      lastUse: after(5),
      failedAt: after(10),
    })
  })

  it('of a phone known from the catalogue say when it failed only if it did', () => {
    expect(newPhoneState(0, 4, after(9), 2)).toEqual({
      attempts: 0,
      failures: 2,
      successes: 4,
      holds: [],
      released: [],
      rings: [],
      bells: [],
      finished: [],
    })
    expect(newPhoneState(1, 0, after(9)).failedAt).toBe(after(9))
  })
})

describe('a ring that counts as a failed attempt', () => {
  const ring = (name: number, at: number, repeat?: string) =>
    ({ transaction: login(name), until: after(at + 120), pinVerified: true, repeat }) as const
  const counted = (state: PhoneState, name: number, at = 0, repeat?: string) =>
    addRing(countRing(state, ring(name, at, repeat), after(at)), ring(name, at, repeat), after(at)).state

  it('counts once, whether or not its PIN was held before, and however often its call comes', () => {
    expect(attemptsOf(counted(fresh, 1))).toBe(1)
    expect(attemptsOf(counted(holdAttempt(fresh, login(1), after(0)), 1))).toBe(1)
    const again = counted(holdAttempt(counted(fresh, 1), login(1), after(1)), 1, 1)
    expect(attemptsOf(again)).toBe(1)
    expect(attemptsOf(counted(again, 2, 2))).toBe(2)
  })

  it('counts for as long as no login succeeds, and uses nothing up', () => {
    const one = counted(fresh, 1)
    const later = counted(one, 2, 70)
    expect([attemptsOf(later), failuresOf(later)]).toEqual([2, 0])
    expect(attemptsOf(recordSuccess(later, login(2), after(80)))).toBe(0)
    expect(failuresOf(recordSuccess(later, login(2), after(80)))).toBe(0)
    expect(isLocked(later, { most: 2, forgivenAfter: seconds(60) }, after(129))).toBe(true)
    expect(isLocked(later, { most: 2, forgivenAfter: seconds(60) }, after(130))).toBe(false)
  })

  it('is not counted where it joins a login', () => {
    const one = counted(fresh, 1, 0, 'the same')
    expect(countRing(one, ring(2, 5, 'the same'), after(5))).toBe(one)
    expect(attemptsOf(counted(one, 3, 5, 'another'))).toBe(2)
  })

  it('is one with the ring it moves to', () => {
    const two = counted(counted(fresh, 1), 2, 1)
    const moved = moveRing(two, login(2), login(1))
    expect([attemptsOf(moved), newest(moved, after(2), 9)]).toEqual([1, [login(1)]])
  })
})

describe('the uses of a token', () => {
  const wrong = holdAttempt(fresh, login(1), after(0))

  it('are every wrong PIN and every finalized login, and nothing takes them back', () => {
    expect([failuresOf(wrong), failuresOf(countFailure(wrong, after(0)))]).toEqual([1, 2])
    const later = [
      recordSuccess(countFailure(wrong, after(0)), login(2), after(1)),
      resetAttempts(countFailure(wrong, after(0)), after(1)),
    ]
    expect(later.map(failuresOf)).toEqual([2, 2])
    expect(failuresOf(holdAttempt(wrong, login(2), after(60)))).toBe(2)
  })

  it('do not include a PIN that matched, on this phone or another', () => {
    expect(failuresOf(ringing(wrong, 1, 0, true).state)).toBe(0)
    expect(failuresOf(releaseHold(wrong, login(1), after(1)))).toBe(0)
  })

  it('may be limited, in all or those with success', () => {
    const once = recordSuccess(countFailure(fresh, after(0)), login(2), after(1))
    expect([isUsedUp(once, {}), isUsedUp(fresh, { maxUses: 1, maxSuccesses: 1 })]).toEqual([false, false])
    expect([isUsedUp(once, { maxUses: 2 }), isUsedUp(once, { maxUses: 3 })]).toEqual([true, false])
    expect([isUsedUp(once, { maxSuccesses: 1 }), isUsedUp(once, { maxSuccesses: 2 })]).toEqual([true, false])
  })

  it('are counted from 0 when the stored state has no count', () => {
    const { failures: _, ...old } = fresh
    expect(failuresOf(countFailure(old, after(0)))).toBe(1)
  })
})

describe('a finalized login', () => {
  it('is counted once and loses its ring, however often it is reported', () => {
    const once = recordSuccess(ringing(ringing(fresh, 1).state, 2).state, login(1), after(10))
    expect(once).toMatchObject({ successes: 1, lastUse: after(10) })
    expect(newest(once, after(11), 5)).toEqual([login(2)])
    expect(recordSuccess(once, login(1), after(11))).toBe(once)
    expect(recordSuccess(once, login(2), after(12))).toMatchObject({ successes: 2, lastUse: after(12) })
  })

  it('reported again does not reset attempts that failed since', () => {
    const since = countFailure(recordSuccess(fresh, login(1), after(10)), after(11))
    expect(attemptsOf(recordSuccess(since, login(1), after(300)))).toBe(1)
  })

  it('is remembered longer than a service may take to finalize it, but not for ever', () => {
    let state = recordSuccess(fresh, login(1), after(0))
    state = recordSuccess(state, login(2), after(599))
    expect(state.finished).toHaveLength(2)
    expect(recordSuccess(state, login(3), after(600)).finished).toHaveLength(2)
  })

  it('and another login of the same id counts after that, even if none came in between', () => {
    const once = recordSuccess(ringing(fresh, 1).state, login(1), after(0))
    expect(recordSuccess(once, login(1), after(599))).toBe(once)
    const bounds = { maxAttempts: 10, maxSuccesses: 1 }
    expect(limitReached(once, bounds, after(599), login(1))).toBeUndefined()
    expect(limitReached(once, bounds, after(600), login(1))).toBe('uses_exceeded')
    const again = recordSuccess(ringing(once, 1, 600).state, login(1), after(610))
    expect(again).toMatchObject({ successes: 2, rings: [], lastUse: after(610) })
  })

  it('is forgotten after twenty others, because the list is written with every ring', () => {
    let state = recordSuccess(fresh, login(0), after(0))
    for (let number = 1; number < 20; number += 1) state = recordSuccess(state, login(number), after(number))
    expect(recordSuccess(state, login(0), after(20))).toBe(state)
    expect(recordSuccess(state, login(20), after(20)).finished[0]?.transaction).toBe(login(1))
  })
})
