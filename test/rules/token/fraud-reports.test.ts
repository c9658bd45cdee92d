import { describe, expect, it } from 'vitest'
import {
  consequenceOf,
  effectOf,
  type FraudReport,
  type FraudReports,
  lastReportAt,
  liftReports,
  liftReportsOfPin,
  suspendedSince,
  withFraudReport,
  withPinPutBack,
} from '../../../src/rules/token/fraud-reports.ts'
import { addSeconds, type Instant, instant, seconds, type TransactionId } from '../../../src/vocabulary.ts'

type State = FraudReports & { readonly places?: readonly (readonly [string, Instant])[] }

const NOW = instant(1_700_000_000_000)
const after = (hours: number): Instant => addSeconds(NOW, seconds(3600 * hours))
const report = (transaction: string, more: Partial<FraudReport> = {}): FraudReport => ({
  transaction: transaction as TransactionId,
  at: NOW,
  hasPin: true,
  ...more,
})
const reported = (...reports: readonly FraudReport[]): State =>
  reports.reduce((state: State, one) => withFraudReport(state, one, 'on', one.at), {})
const knowing = (state: State, ...places: readonly string[]): State => ({
  ...state,
  places: places.map((place) => [place, after(1000)] as const),
})
const byPin = { hasPin: true, isOwnPin: true }
const effect = (state: State, place: string | undefined, now = NOW, login = byPin) =>
  effectOf(state, { place, ...login }, now)

describe('a report of a login from a place', () => {
  const state = reported(report('1', { place: 'cafe' }))

  it('shuts the place out for an hour, and asks for a code or number there for the rest of the day', () => {
    expect(effect(state, 'cafe')).toEqual({ blockedFor: 3600, isPinKnown: true, isSuspended: false })
    expect(effect(state, 'cafe', after(1))).toMatchObject({ blockedFor: 0, isPinKnown: true })
    expect(effect(state, 'cafe', after(24))).toMatchObject({ blockedFor: 0, isPinKnown: false })
    expect(consequenceOf(state, true, NOW)).toBe('source_shut_out')
  })

  it('changes nothing for other places', () => {
    expect(effect(state, 'home')).toEqual({ blockedFor: 0, isPinKnown: false, isSuspended: false })
    expect(effect(state, undefined)).toMatchObject({ blockedFor: 0, isPinKnown: false })
  })

  it('shuts out no place that its owner has logged in from: every login needs a code or number then', () => {
    const known = knowing(state, 'cafe')
    for (const place of ['cafe', 'home', undefined])
      expect(effect(known, place)).toMatchObject({ blockedFor: 0, isPinKnown: true })
    expect(consequenceOf(known, true, NOW)).toBe('code_or_number_required')
  })
})

it('a report of a login without a place makes every login ask for a code or number, for a day', () => {
  const state = reported(report('1'))
  for (const place of ['home', undefined])
    expect(effect(state, place)).toEqual({ blockedFor: 0, isPinKnown: true, isSuspended: false })
  expect(effect(state, 'home', after(24)).isPinKnown).toBe(false)
  expect(consequenceOf(state, true, NOW)).toBe('code_or_number_required')
})

describe('a second report within a day', () => {
  const state = reported(report('1', { place: 'a' }), report('2', { place: 'b', at: after(23) }))

  it('suspends logins by PIN everywhere, until the PIN is another', () => {
    expect(consequenceOf(state, true, after(23))).toBe('pin_suspended')
    expect(effect(state, 'home', after(1000))).toEqual({ blockedFor: 0, isPinKnown: true, isSuspended: true })
    const changed = liftReportsOfPin(state)
    expect(effect(changed, 'home', after(23))).toEqual({ blockedFor: 0, isPinKnown: false, isSuspended: false })
    expect(suspendedSince(changed, true, after(23))).toBeUndefined()
  })

  it('suspends for a day where the PIN is not the token’s own', () => {
    const foreign = { hasPin: true, isOwnPin: false }
    expect(effect(state, 'home', after(46), foreign).isSuspended).toBe(true)
    expect(effect(state, 'home', after(47), foreign).isSuspended).toBe(false)
  })

  it('suspends for another day where the PIN is not the token’s own, when the first is over', () => {
    const again = [report('3', { at: after(48) }), report('4', { at: after(49) })].reduce(
      (known: State, one) => withFraudReport(known, one, 'on', one.at),
      state,
    )
    expect(effect(again, 'home', after(50), { hasPin: true, isOwnPin: false }).isSuspended).toBe(true)
    expect(effect(again, 'home', after(50)).isSuspended).toBe(true)
  })

  it('suspends no login without a PIN', () => {
    expect(effect(state, 'home', after(23), { hasPin: false, isOwnPin: false }).isPinKnown).toBe(false)
  })

  it('on the day after is a first one', () => {
    const late = reported(report('1', { place: 'a' }), report('2', { place: 'b', at: after(24) }))
    expect(effect(late, 'home', after(24)).isSuspended).toBe(false)
  })

  it('of logins without a PIN suspends nothing', () => {
    const triggered = reported(report('1', { hasPin: false }), report('2', { hasPin: false }), report('3'))
    expect(suspendedSince(triggered, true, NOW)).toBeUndefined()
  })
})

describe('a report', () => {
  it('counts once, however often it comes, also after it was lifted', () => {
    const once = reported(report('1'))
    expect(withFraudReport(once, report('1'), 'on', NOW)).toBe(once)
    const lifted = liftReports(once)
    expect(withFraudReport(lifted, report('1'), 'on', NOW)).toBe(lifted)
    expect(effect(lifted, 'home').isPinKnown).toBe(false)
    expect(lastReportAt(lifted, NOW)).toBeUndefined()
    expect(suspendedSince(withFraudReport(lifted, report('2'), 'on', NOW), true, NOW)).toBeUndefined()
  })

  it('that arrives a day late is none', () => {
    expect(withFraudReport({}, report('1'), 'on', after(24))).toEqual({})
  })

  it('suspends alone under the stricter policy', () => {
    expect(suspendedSince(withFraudReport({}, report('1'), 'block', NOW), true, NOW)).toBe(NOW)
  })

  it('is forgotten before the list grows', () => {
    const many = reported(...Array.from({ length: 40 }, (_, index) => report(String(index))))
    expect(many.fraudReports).toHaveLength(32)
  })
})

it('a PIN that a restore has brought back is suspended again', () => {
  const changed = liftReportsOfPin(reported(report('1'), report('2')))
  expect(suspendedSince(withPinPutBack(changed), true, after(100))).toBe(NOW)
  expect(withPinPutBack(liftReports(changed)).suspension).toBeUndefined()
})

it('a lifted suspension does not keep the next one from beginning', () => {
  const changed = liftReportsOfPin(reported(report('1'), report('2')))
  const again = [report('3', { at: after(1) }), report('4', { at: after(2) })].reduce(
    (state: State, one) => withFraudReport(state, one, 'on', one.at),
    changed,
  )
  expect(suspendedSince(again, true, after(3))).toEqual(after(2))
})
