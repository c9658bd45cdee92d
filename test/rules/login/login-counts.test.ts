import { describe, expect, it } from 'vitest'
import { outcomeOf, stepTimes } from '../../../src/rules/login/login-facts.ts'
import {
  countsOf,
  countsUnder,
  deliveriesOf,
  histogramsOf,
  quantile,
  type StepHistogram,
} from '../../../src/rules/login/login-counts.ts'
import { instant } from '../../../src/vocabulary.ts'
import type { AuditRecord, AuditStep } from '../../../src/vocabulary/audit.ts'

const START = Date.UTC(2026, 10, 29, 10)
const at = (ms: number) => instant(START + ms)
const opened: AuditStep = { at: at(20), kind: 'opened', mode: 'presence', receivedAt: at(0), storedAt: at(30) }

const record = (info: string, ...steps: readonly AuditStep[]): AuditRecord => ({
  at: at(60_000),
  action: 'POST /validate/check',
  success: info === 'finalized',
  authentication: '',
  transaction: '01234567890123456789',
  service: 'vpn',
  info,
  steps: [opened, ...steps],
})

const pushed = record(
  'finalized',
  { at: at(110), kind: 'delivered', firebase: 'fcm' },
  { at: at(5040), kind: 'accepted', receivedAt: at(5010) },
  { at: at(5960), kind: 'finalized', receivedAt: at(5940) },
)

describe('the outcome of a login', () => {
  it.each([
    ['accepted', record('finalized')],
    ['unfinished', record('expired', { at: at(9), kind: 'accepted' }, { at: at(10), kind: 'expired', accepted: true })],
    ['declined', record('declined', { at: at(9), kind: 'declined' })],
    ['not_me', record('declined', { at: at(9), kind: 'declined', reason: 'unknown_trigger' })],
    ['cancelled', record('cancelled', { at: at(9), kind: 'declined', reason: 'cancelled' })],
    ['expired', record('expired', { at: at(9), kind: 'expired', accepted: false })],
    ['failed', record('declined', { at: at(9), kind: 'wrong_number' })],
    ['failed', record('declined', { at: at(9), kind: 'withdrawn', cause: 'caller_left' })],
    ['open', record('pending')],
  ])('is %s', (outcome, login) => {
    expect(outcomeOf(login)).toBe(outcome)
  })

  it('is none of a notice, nor of a request that opened no login', () => {
    const [first] = pushed.steps ?? []
    const notice = { ...pushed, steps: [{ ...first, kind: 'notice_opened', notice: 'phone_bound' } as AuditStep] }
    expect(outcomeOf(notice)).toBeUndefined()
    expect(outcomeOf({ at: at(0), action: 'POST /auth', success: true, authentication: '' })).toBeUndefined()
  })
})

describe('the times of a login', () => {
  it('are those of its steps; the time of user and service is not the system’s', () => {
    expect(stepTimes(pushed)).toEqual({
      trigger: 30,
      delivery: 80,
      human: 4900,
      answer: 30,
      wake: 900,
      finalize: 20,
      system: 160,
    })
  })

  it('of a phone that polls begin for its user with the poll', () => {
    const polled = record(
      'declined',
      { at: at(2030), kind: 'fetched' },
      { at: at(4000), kind: 'declined', receivedAt: at(3990) },
    )
    expect(stepTimes(polled)).toEqual({ trigger: 30, fetch: 2000, human: 1960, answer: 10, system: 40 })
  })

  it('of a waiting request end with the answer', () => {
    const waited = record(
      'finalized',
      { at: at(500), kind: 'accepted' },
      { at: at(520), kind: 'finalized', receivedAt: at(0) },
    )
    expect(stepTimes(waited)).toMatchObject({ wake: 0, finalize: 20, system: 50 })
  })

  it('of code to phone give the typing to nobody', () => {
    const typed = record(
      'finalized',
      { at: at(500), kind: 'confirmed' },
      { at: at(9520), kind: 'finalized', receivedAt: at(9500) },
    )
    expect(stepTimes(typed)).toEqual({ trigger: 30, finalize: 20, system: 50 })
  })

  it('are never less than nothing, whatever the clocks say', () => {
    const early = record('declined', { at: at(10), kind: 'delivered' })
    expect(stepTimes(early)).toMatchObject({ delivery: 0 })
  })

  it('are unknown of a login that the version before has stored', () => {
    const steps: readonly AuditStep[] = [
      { at: at(20), kind: 'opened' },
      { at: at(110), kind: 'delivered' },
      { at: at(5040), kind: 'accepted' },
      { at: at(5960), kind: 'finalized' },
    ]
    expect(stepTimes({ steps })).toEqual({ human: 4930, wake: 0, finalize: 920 })
  })
})

describe('what a record adds to the counts', () => {
  it('is its outcome, its deliveries and a bucket for each step', () => {
    expect(countsOf(pushed)).toEqual({
      service: 'vpn',
      mode: 'presence',
      counts: {
        'outcome/accepted': 1,
        'delivery/fcm/delivered': 1,
        'step/trigger/50': 1,
        'step/trigger/sum': 30,
        'step/delivery/100': 1,
        'step/delivery/sum': 80,
        'step/human/5000': 1,
        'step/human/sum': 4900,
        'step/answer/50': 1,
        'step/answer/sum': 30,
        'step/wake/1000': 1,
        'step/wake/sum': 900,
        'step/finalize/25': 1,
        'step/finalize/sum': 20,
        'step/system/250': 1,
        'step/system/sum': 160,
      },
    })
  })

  it('is its reason if it was refused, as often as the record says', () => {
    const refused = { at: at(0), action: 'POST /validate/check', success: false, authentication: 'REJECT', count: 7 }
    expect(countsOf({ ...refused, unopened: { outcome: 'refused', reason: 'pin_wrong', service: 'vpn' } })).toEqual({
      service: 'vpn',
      mode: '',
      counts: { 'outcome/refused': 7, 'refused/pin_wrong': 7 },
    })
    expect(countsOf({ ...refused, unopened: { outcome: 'refused', reason: 'declined' } })?.counts).toEqual({
      'refused/declined': 7,
    })
    expect(countsOf(refused)).toBeUndefined()
  })

  it('are failures of delivery and phones that did not ring', () => {
    const login = record(
      'expired',
      { at: at(20), kind: 'restricted', why: 'paused' },
      { at: at(20), kind: 'restricted', why: 'over_budget', isShadow: true },
      { at: at(50), kind: 'delivery_failed', why: 'timeout', firebase: 'a/b' },
      { at: at(60), kind: 'delivery_failed', why: 'timeout', firebase: 'a/b' },
    )
    expect(countsOf(login)?.counts).toMatchObject({
      'ring/paused': 1,
      'ring/over_budget/shadow': 1,
      'delivery/a/b/timeout': 2,
    })
    expect(deliveriesOf(countsOf(login)?.counts ?? {})).toEqual([
      { firebase: 'a/b', delivered: 0, failures: { timeout: 2 } },
    ])
    expect(countsUnder('ring/', countsOf(login)?.counts ?? {})).toEqual({ paused: 1, 'over_budget/shadow': 1 })
  })
})

describe('a quantile', () => {
  const trigger = (counts: Readonly<Record<string, number>>): StepHistogram => {
    const [found] = histogramsOf(counts)
    if (found === undefined) throw new Error('no histogram')
    return found
  }

  it('lies in the bucket that has it, in proportion', () => {
    const histogram = trigger({ 'step/trigger/50': 98, 'step/trigger/1000': 2, 'step/trigger/sum': 5000 })
    expect([quantile(histogram, 0.5), quantile(histogram, 0.99)]).toEqual([38, 875])
    expect(histogram).toMatchObject({ step: 'trigger', count: 100, sum: 5000 })
  })

  it('is at least the last bound of what took longer', () => {
    expect(quantile(trigger({ 'step/trigger/inf': 1 }), 0.5)).toBe(300_000)
  })

  it('is unknown without a login', () => {
    expect(quantile(trigger({}), 0.5)).toBeUndefined()
  })
})
