import { describe, expect, it } from 'vitest'
import { unknownUserPolicy, withoutTokenPolicy } from '../../../src/rules/login/without-token-policy.ts'
import { compilePolicies, type Situation } from '../../../src/rules/policy/policy-set.ts'
import { instant, type Policy } from '../../../src/vocabulary.ts'
import { policy } from '../policy/sample-policy.ts'

const situation: Situation = {
  owner: { login: 'ada', realm: 'sales' },
  address: '127.0.0.1',
  userAgent: 'PAM/1',
  now: instant(0),
}
const first = (...policies: readonly Policy[]) => withoutTokenPolicy(compilePolicies(policies), situation, 'en', false)

const pass = policy('pass', { passOnNoToken: true })
const enroll = policy('enroll', { enroll_via_multichallenge: 'PUSH' })
const optional = policy('optional', { enroll_via_multichallenge_optional: true })
const profile = policy('nist', { push_profile: 'nist-63b4' })

describe('a user without a token', () => {
  it('passes only by passOnNoToken', () => {
    expect(first()).toEqual({ ok: true, value: undefined })
    expect(first(enroll, optional)).toEqual({ ok: true, value: undefined })
    expect(first(pass)).toEqual({ ok: true, value: { policy: 'pass' } })
    expect(first(optional, pass)).toEqual({ ok: true, value: { policy: 'pass' } })
  })

  it('passes by the policy that comes first', () => {
    const sooner = policy('sooner', { passOnNoToken: true }, { priority: 1 })
    expect(first({ ...pass, priority: 2 }, sooner)).toEqual({ ok: true, value: { policy: 'sooner' } })
  })

  it('passes by a policy that is about this user only', () => {
    expect(first({ ...pass, realm: ['elsewhere'] })).toEqual({ ok: true, value: undefined })
    expect(first({ ...pass, active: false })).toEqual({ ok: true, value: undefined })
  })

  it('enrolls a phone during the login where a policy says so', () => {
    const text = 'Please scan the QR code!'
    expect(first(pass, enroll)).toEqual({
      ok: true,
      value: { policy: 'pass', enrollment: { text, optional: false } },
    })
    expect(withoutTokenPolicy(compilePolicies([pass, enroll]), situation, 'de', false)).toMatchObject({
      value: { enrollment: { text: 'Bitte scannen Sie den QR-Code!' } },
    })
    const own = policy('text', { enroll_via_multichallenge_text: 'Scan\\, please' })
    expect(first(pass, enroll, optional, own)).toEqual({
      ok: true,
      value: { policy: 'pass', enrollment: { text: 'Scan, please', optional: true } },
    })
  })

  it('passes under a profile only with a phone', () => {
    const contradiction = (short: string) => ({
      ok: false,
      refusal: { reason: 'profile_contradicted', profile: 'nist', shortcoming: short },
    })
    expect(first(profile)).toEqual({ ok: true, value: undefined })
    expect(first(profile, pass)).toEqual(contradiction("passOnNoToken in the policy 'pass'"))
    expect(first(profile, pass, enroll)).toMatchObject({ ok: true, value: { enrollment: { optional: false } } })
    expect(first(profile, pass, enroll, optional)).toEqual(
      contradiction("enroll_via_multichallenge_optional in the policy 'optional'"),
    )
  })

  it('enrolls no phone by a caller without a key, unless one of the two policies confirms it', () => {
    const anonymous = (...policies: readonly Policy[]) =>
      withoutTokenPolicy(compilePolicies(policies), situation, 'en', true)
    const confirm = ['anonymous_enrollment'] as const
    expect(anonymous(pass)).toMatchObject({ ok: true, value: { policy: 'pass' } })
    expect(anonymous(pass, enroll)).toEqual({
      ok: false,
      refusal: { reason: 'anonymous_enrollment_unconfirmed', passing: 'pass', enrolling: 'enroll' },
    })
    for (const both of [
      [{ ...pass, confirm }, enroll],
      [pass, { ...enroll, confirm }],
    ])
      expect(anonymous(...both)).toMatchObject({ ok: true, value: { enrollment: { optional: false } } })
    // What one policy confirms, another one about the same user does not.
    const another = policy('another', { enroll_via_multichallenge: 'PUSH' })
    expect(anonymous(pass, { ...enroll, confirm }, another)).toMatchObject({ refusal: { enrolling: 'another' } })
  })

  it('does not pass while policies conflict', () => {
    const texts = ['a', 'b'].map((name) => policy(name, { enroll_via_multichallenge_text: name }))
    expect(first(pass, enroll, ...texts)).toMatchObject({ ok: false, refusal: { reason: 'policy_conflict' } })
  })
})

describe('an unknown user', () => {
  const unknown = (...policies: readonly Policy[]) => unknownUserPolicy(compilePolicies(policies), situation)
  const passNoUser = policy('no-user', { passOnNoUser: true })

  it('passes by passOnNoUser, and by no other policy', () => {
    expect(unknown()).toEqual({ ok: true, value: undefined })
    expect(unknown(pass)).toEqual({ ok: true, value: undefined })
    expect(unknown(passNoUser)).toEqual({ ok: true, value: 'no-user' })
    expect(unknown({ ...passNoUser, scope: 'enrollment' })).toEqual({ ok: true, value: undefined })
  })

  it('does not pass where a condition is unknown', () => {
    const conditions = [['HTTP Request header', 'X-Way', 'equals', 'vpn', true]]
    expect(unknown({ ...passNoUser, conditions })).toMatchObject({ refusal: { reason: 'condition_unknown' } })
  })

  it('does not pass under a profile', () => {
    expect(unknown(passNoUser, profile)).toMatchObject({ refusal: { reason: 'profile_contradicted' } })
  })
})
