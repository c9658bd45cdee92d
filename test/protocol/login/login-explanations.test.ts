import { describe, expect, it } from 'vitest'
import { reasonOfText } from '../../../src/http/refusal-texts.ts'
import { loginHelp, refusalExplanation } from '../../../src/protocol/login/login-explanations.ts'
import { explanationOf } from '../../../src/rules/login/login-explanation.ts'
import type { AuditRecord, AuditStep } from '../../../src/vocabulary/audit.ts'
import { instant } from '../../../src/vocabulary.ts'

const at = instant(Date.UTC(2026, 10, 29, 10))
const record = (...steps: readonly AuditStep[]): AuditRecord => ({
  at,
  action: 'POST /validate/check',
  success: false,
  authentication: 'REJECT',
  steps: [{ at, kind: 'opened' }, ...steps],
})

describe('why nobody answered', () => {
  it.each([
    ['unanswered', record({ at, kind: 'delivery_failed', why: 'timeout' }, { at, kind: 'fetched' })],
    ['unanswered', record({ at, kind: 'delivered' })],
    ['not_rung', record({ at, kind: 'restricted', why: 'paused' })],
    ['not_fetched', record({ at, kind: 'restricted', why: 'paused', isShadow: true })],
    ['undelivered', record({ at, kind: 'delivery_failed', why: 'timeout' })],
    ['not_fetched', record()],
    ['expired', { ...record(), steps: [] }],
  ])('is %s', (explanation, login) => {
    expect(explanationOf(login, 'expired')).toBe(explanation)
  })
})

describe('why a login failed', () => {
  it('is the last withdrawal, or the wrong number', () => {
    expect(explanationOf(record({ at, kind: 'withdrawn', cause: 'caller_left' }), 'failed')).toBe(
      'withdrawn/caller_left',
    )
    expect(explanationOf(record({ at, kind: 'wrong_number' }), 'failed')).toBe('wrong_number')
    expect(explanationOf(record(), 'not_me')).toBe('not_me')
  })
})

describe('the words', () => {
  it('differ by language', () => {
    expect(loginHelp('not_me', 'en').reason).toBe('The user says that somebody else tried to log in.')
    expect(loginHelp('not_me', 'de').reason).toBe('Die Person sagt, jemand anderes wollte sich anmelden.')
    expect(loginHelp('accepted', 'en').advice).toBe('')
  })

  it('of a refusal are found by what the audit says of it', () => {
    expect(reasonOfText('wrong otp pin')).toBe('pin_wrong')
    expect(reasonOfText('wrong otp pin (transaction_unknown)')).toBe('transaction_unknown')
    expect(reasonOfText('Something else')).toBeUndefined()
    expect(refusalExplanation('pin_wrong')).toBe('refused/pin_wrong')
    expect(refusalExplanation('body_too_large')).toBe('refused')
  })
})
