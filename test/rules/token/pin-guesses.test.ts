import { describe, expect, it } from 'vitest'
import { countedPlace, isGuessedOut, remainingPause } from '../../../src/rules/token/pin-guesses.ts'
import {
  attemptsOf,
  failuresOf,
  holdAttempt,
  newPhoneState,
  type PhoneState,
  recordSuccess,
  releaseHold,
  resetAllAttempts,
  resetAttempts,
  resetForOwner,
} from '../../../src/rules/token/phone-state.ts'
import { addRing, moveRing } from '../../../src/rules/token/phone-rings.ts'
import { addSeconds, instant, seconds, type TransactionId } from '../../../src/vocabulary.ts'

const began = instant(Date.UTC(2026, 9, 20, 9))
const after = (count: number) => addSeconds(began, seconds(count))
const fresh = newPhoneState(0, 0, began)
let number = 0
const next = () => `login ${(number += 1)}` as TransactionId
const DAY = 86_400

/** As many wrong PINs of one place, a second apart. */
const guessing = (state: PhoneState, place: string, count: number, at = 0): PhoneState =>
  Array.from({ length: count }, (_, index) => at + index).reduce(
    (so, second) => holdAttempt(so, next(), after(second), place),
    state,
  )
const succeeding = (state: PhoneState, place: string | undefined, at: number): PhoneState => {
  const transaction = next()
  const ring = { transaction, until: after(at + 120), pinVerified: true, place }
  return recordSuccess(addRing(state, ring, after(at)).state, transaction, after(at))
}
const pauseOf = (state: PhoneState, place: string, at: number, most = 10) =>
  remainingPause(state, place, most, after(at))

describe('a place that guesses', () => {
  it('has five tries, then waits a minute, and twice as long after each further one', () => {
    expect(pauseOf(guessing(fresh, 'café', 4), 'café', 4)).toBe(0)
    const five = guessing(fresh, 'café', 5)
    expect([pauseOf(five, 'café', 4), pauseOf(five, 'café', 63), pauseOf(five, 'café', 64)]).toEqual([60, 1, 0])
    const six = guessing(five, 'café', 1, 64)
    expect([pauseOf(six, 'café', 64), pauseOf(six, 'café', 183), pauseOf(six, 'café', 184)]).toEqual([120, 1, 0])
    expect(pauseOf(guessing(fresh, 'café', 40), 'café', 39)).toBe(3600)
  })

  it('has as few as lock the token, if those are fewer', () => {
    expect(pauseOf(guessing(fresh, 'café', 3), 'café', 2, 3)).toBe(60)
  })

  it('makes nobody else wait, and fails no attempt that locks the token', () => {
    const state = guessing(fresh, 'café', 30)
    expect([pauseOf(state, 'home', 30), attemptsOf(state), failuresOf(state)]).toEqual([0, 0, 30])
    const later = guessing(state, 'bar', 1, 120)
    expect([attemptsOf(later), failuresOf(later)]).toEqual([0, 31])
    expect(pauseOf(later, 'café', 120)).toBeGreaterThan(3000)
  })

  it('is forgotten a day later', () => {
    const state = guessing(guessing(fresh, 'café', 30), 'bar', 1, 120)
    expect(pauseOf(state, 'café', DAY + 40)).toBe(0)
    expect(pauseOf(guessing(state, 'café', 1, DAY + 40), 'café', DAY + 40)).toBe(0)
  })

  it('is not counted where the PIN was right at another phone of the user', () => {
    const wrong = next()
    const held = holdAttempt(guessing(fresh, 'café', 4), wrong, after(5), 'café')
    expect(pauseOf(held, 'café', 5)).toBe(60)
    expect(pauseOf(releaseHold(held, wrong, after(6)), 'café', 6)).toBe(0)
    const moved = moveRing(held, wrong, next())
    expect(pauseOf(moved, 'café', 5)).toBe(60)
  })

  it('goes on waiting when the owner logs in elsewhere, but not from there', () => {
    const state = guessing(fresh, 'café', 5)
    expect(pauseOf(succeeding(state, 'home', 10), 'café', 10)).toBe(54)
    expect(pauseOf(succeeding(state, undefined, 10), 'café', 10)).toBe(54)
    expect(pauseOf(succeeding(state, 'café', 10), 'café', 10)).toBe(0)
    // Also those that were still held.
    expect(pauseOf(resetAttempts(state, after(10)), 'café', 10)).toBe(54)
    expect(pauseOf(resetAllAttempts(state, after(10)), 'café', 10)).toBe(0)
  })
})

describe('a hundred wrong PINs of all places', () => {
  const places = (count: number) => Array.from({ length: count }, (_, index) => `place ${index}`)
  const besieged = (count: number) =>
    places(count / 5).reduce((state, place, index) => guessing(state, place, 5, index * 100), fresh)

  it('lock the token, and not one less', () => {
    expect(isGuessedOut(besieged(95), 0)).toBe(false)
    expect(isGuessedOut(besieged(100), 0)).toBe(true)
  })

  it('are together with the attempts that failed without a place, which alone have their own limit', () => {
    expect(isGuessedOut(besieged(95), 4)).toBe(false)
    expect(isGuessedOut(besieged(95), 5)).toBe(true)
    expect(isGuessedOut(fresh, 100)).toBe(false)
  })

  it('are those since the last success or reset', () => {
    const state = besieged(95)
    expect(isGuessedOut(guessing(succeeding(state, 'home', 2000), 'bar', 5, 2001), 0)).toBe(false)
    expect(isGuessedOut(guessing(resetAllAttempts(state, after(2000)), 'bar', 5, 2001), 0)).toBe(false)
    expect(isGuessedOut(guessing(state, 'bar', 5, 2001), 0)).toBe(true)
  })

  it('do not reach a place that is known for the owner', () => {
    const crowd = (state: PhoneState) =>
      places(70).reduce((so, place, index) => guessing(so, place, 1, 100 + index * 61), state)
    const strange = crowd(fresh)
    expect(countedPlace(strange, 'home', after(4400))).toBe('*')
    expect(countedPlace(strange, 'place 3', after(4400))).toBe('place 3')
    const known = crowd(succeeding(fresh, 'home', 0))
    expect(countedPlace(known, 'home', after(4400))).toBe('home')
    expect(countedPlace(crowd(resetForOwner(succeeding(fresh, 'home', 0), after(1))), 'home', after(4400))).toBe('*')
  })

  it('share one count beyond so many places, so that more of them win nothing', () => {
    const state = places(70).reduce((so, place, index) => guessing(so, place, 1, index * 61), fresh)
    expect(pauseOf(state, 'place 69', 70 * 61)).toBeGreaterThan(0)
    expect(pauseOf(state, 'one more', 70 * 61)).toBeGreaterThan(0)
    expect(state.guesses?.length).toBeLessThanOrEqual(65)
  })
})

it('knows the latest sixteen places of the owner', () => {
  const home = succeeding(fresh, 'home', 0)
  const travelling = Array.from({ length: 16 }, (_, index) => index).reduce(
    (state, index) => succeeding(state, `hotel ${index}`, 10 + index),
    home,
  )
  expect(travelling.places).toHaveLength(16)
  expect(travelling.places?.map(([place]) => place)).not.toContain('home')
  expect(succeeding(travelling, 'hotel 3', 40).places).toHaveLength(16)
})
