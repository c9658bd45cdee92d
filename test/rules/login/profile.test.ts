import { describe, expect, it } from 'vitest'
import { checkPolicy } from '../../../src/rules/policy/check-policy.ts'
import { authenticationPolicy, policiesForTokens } from '../../../src/rules/login/authentication-policy.ts'
import { compilePolicies, type Situation } from '../../../src/rules/policy/policy-set.ts'
import { combinationFaults } from '../../../src/rules/policy/combinations.ts'
import type { SystemSettings } from '../../../src/rules/deployment/system-settings.ts'
import { readSystemSettings } from '../../../src/rules/deployment/system-settings.ts'
import { instant, type Policy, type TokenType } from '../../../src/vocabulary.ts'
import { policy } from '../policy/sample-policy.ts'

const situation: Situation = {
  owner: { login: 'ada', realm: 'sales' },
  address: '127.0.0.1',
  userAgent: 'PAM/1',
  now: instant(0),
}
const NIST = { push_profile: 'nist-63b4' } as const
const nist = policy('nist', NIST)
const system = (entries: Readonly<Record<string, string>> = {}) => readSystemSettings(entries)
const long = system({ PushChallengeValidityTime: '301', PushChallengeFinalizeGrace: '300' })

const settingsFault = (policies: readonly Policy[], of: SystemSettings) =>
  combinationFaults({ policies, system: of, publicUrl: undefined, anonymousCheck: true })[0]?.why

const settings = (...policies: readonly Policy[]) =>
  authenticationPolicy(compilePolicies(policies), 'push', situation, system(), true, 'en')

describe('a policy that asks for the profile', () => {
  it.each<[string, Policy['action']]>([
    ['push_wait', { push_wait: '1' }],
    ['push_require_presence', { push_require_presence: true }],
    ['push_code_to_phone_digits', { push_code_to_phone_digits: '5' }],
    ['enroll_via_multichallenge_optional', { enroll_via_multichallenge_optional: true }],
    ['push_ssl_verify=0', { push_ssl_verify: '0' }],
    ['push_firewall=off', { push_firewall: 'off' }],
    ['push_firewall=shadow', { push_firewall: 'shadow' }],
  ])('is not kept with %s beside it', (name, action) => {
    const checked = checkPolicy(policy('nist', { ...NIST, ...action }))
    expect(checked).toMatchObject({ ok: false, refusal: { reason: 'policy_invalid' } })
    expect(JSON.stringify(checked)).toContain(name)
  })

  it.each<[Policy['action']]>([
    [{ push_wait: '0' }],
    [{ push_code_to_phone: true }],
    [{ push_code_to_phone_digits: '6' }],
    [{ push_code_to_phone_digits: '8' }],
    [{ otppin: 'none' }],
    [{ push_firewall: 'on', push_firewall_limit: '10' }],
    [{ passOnNoToken: true, enroll_via_multichallenge: 'PUSH' }],
  ])('is kept with %o', (action) => {
    expect(checkPolicy(policy('nist', { ...NIST, ...action })).ok).toBe(true)
  })
})

describe('a login under the profile', () => {
  it('is a code to phone of six digits by default', () => {
    expect(settings(nist)).toMatchObject({ ok: true, value: { mode: 'code_to_phone', codeDigits: 6, pushWait: 0 } })
  })

  it.each<[string, Policy['action']]>([
    ["push_wait=20 in the policy 'other'", { push_wait: '20' }],
    ["push_require_presence in the policy 'other'", { push_require_presence: true }],
    ["push_code_to_phone_digits=4 in the policy 'other'", { push_code_to_phone_digits: '4' }],
    ["push_ssl_verify=0 in the policy 'other'", { push_ssl_verify: '0' }],
    ["push_firewall=off in the policy 'other'", { push_firewall: 'off' }],
  ])('is not opened with %s', (short, action) => {
    const refusal = { reason: 'profile_contradicted', profile: 'nist', shortcoming: short }
    for (const priority of [1, 9])
      expect(settings(nist, policy('other', action, { priority }))).toEqual({ ok: false, refusal })
    // Also where nothing would wait: what contradicts is to be mended, not to be lucky about.
    const triggered = authenticationPolicy(
      compilePolicies([nist, policy('other', action)]),
      'push',
      situation,
      system(),
      false,
      'en',
    )
    expect(triggered).toEqual({ ok: false, refusal })
  })

  it('ignores settings that decide nothing', () => {
    const weak = policy('weak', { push_code_to_phone_digits: '2' }, { priority: 9 })
    const strong = policy('strong', { push_code_to_phone_digits: '7', push_wait: '0' })
    const others = policy('others', { push_wait: '20' }, { user: ['eve'] })
    expect(settings(nist, weak, strong, others)).toMatchObject({ ok: true, value: { codeDigits: 7 } })
  })

  it('is not opened by a phone of eduMFA, whose app shows no code', () => {
    const short = 'a token of type edupush, whose app shows no code'
    const refusal = { reason: 'profile_contradicted', profile: 'nist', shortcoming: short }
    type OfType = { readonly type: TokenType }
    const by = ({ type }: OfType) =>
      authenticationPolicy(compilePolicies([nist]), type, situation, system(), true, 'en')
    const kindOf = ({ type }: OfType) => type
    expect(by({ type: 'edupush' })).toEqual({ ok: false, refusal })
    expect(policiesForTokens([{ type: 'edupush' }], kindOf, by)).toEqual({ ok: false, refusal })
    // Where the owner has the other app as well, that one is rung.
    const both = policiesForTokens<OfType>([{ type: 'edupush' }, { type: 'push' }], kindOf, by)
    expect(both.ok ? both.value.map(({ token }) => token.type) : []).toEqual(['push'])
  })

  it('is not opened where it could last more than ten minutes', () => {
    const opened = authenticationPolicy(compilePolicies([nist]), 'push', situation, long, true, 'en')
    expect(opened).toMatchObject({ ok: false, refusal: { reason: 'profile_contradicted', profile: 'nist' } })
    expect(authenticationPolicy(compilePolicies([]), 'push', situation, long, true, 'en').ok).toBe(true)
  })
})

describe('the times of the system', () => {
  it('contradict only an active policy that asks for the profile', () => {
    expect(settingsFault([nist], system())).toBeUndefined()
    expect(settingsFault([nist], system({ PushChallengeValidityTime: '300' }))).toBeUndefined()
    expect(settingsFault([nist], system({ failcounter_clear_timeout: '5' }))).toContain('failcounter_clear_timeout (5)')
    expect(settingsFault([nist], system({ DefaultMaxFailCount: '100' }))).toBeUndefined()
    expect(settingsFault([nist], system({ DefaultMaxFailCount: '101' }))).toContain('DefaultMaxFailCount (101)')
    expect(settingsFault([{ ...nist, active: false }, policy('other', { push_wait: '1' })], long)).toBeUndefined()
    expect(settingsFault([policy('other', { push_text_on_mobile: 'Hi' }), nist], long)).toContain("'nist'")
  })
})
