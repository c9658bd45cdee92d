import { describe, expect, it } from 'vitest'
import {
  authorizationPolicy,
  hardeningPolicy,
  isKeyRequired,
  realmOverride,
} from '../../../src/rules/login/authorization-policy.ts'
import { compilePolicies, type Situation } from '../../../src/rules/policy/policy-set.ts'
import { instant, type Policy } from '../../../src/vocabulary.ts'
import { policy } from '../policy/sample-policy.ts'

const situation: Situation = {
  owner: { login: 'ada', realm: 'sales' },
  address: '192.0.2.7',
  userAgent: 'PAM/1',
  now: instant(0),
}
const rule = (name: string, action: Policy['action'], rest: Partial<Policy> = {}): Policy =>
  policy(name, action, { scope: 'authorization', ...rest })
const undecided = { conditions: [['HTTP Request header', 'X-Way', 'equals', 'vpn', true]] }

describe('whether a login needs a service key', () => {
  it.each<[string, readonly Policy[], boolean]>([
    ['no policy', [], false],
    ['a policy for this user', [rule('a', { api_key_required: true }, { user: ['ada'] })], true],
    ['a policy for another user', [rule('a', { api_key_required: true }, { user: ['bob'] })], false],
  ])('is decided by policies: %s', (_, policies, expected) => {
    expect(isKeyRequired(compilePolicies(policies), situation)).toEqual({ ok: true, value: expected })
  })

  it('is not decided where a condition is unknown, or two policies conflict', () => {
    const unknown = [rule('a', { api_key_required: true }, undecided)]
    // Written by a version that kept switches as they came.
    const conflict = [rule('a', { api_key_required: true }), rule('b', { api_key_required: '0' })]
    for (const [policies, reason] of [
      [unknown, 'condition_unknown'],
      [conflict, 'policy_conflict'],
    ] as const) {
      const set = compilePolicies(policies)
      expect(isKeyRequired(set, situation)).toMatchObject({ ok: false, refusal: { reason } })
      expect(authorizationPolicy(set, situation)).toMatchObject({ ok: false, refusal: { reason } })
    }
  })
})

describe('what policies say of a login', () => {
  const plain = {
    failureQuota: undefined,
    successQuota: undefined,
    requiresKey: false,
    honorsTokenType: false,
    disabledTypes: new Set(),
    resetsAllTokens: false,
    countsChallengeAsFailure: false,
    joiningServices: [],
    detail: { includesUser: false, includesResolver: false, isEmpty: false },
  }
  it.each<[string, Policy['action'], object]>([
    ['authorization', {}, {}],
    ['authorization', { authorized: 'grant_access' }, {}],
    ['authorization', { auth_max_fail: '5/1h' }, { failureQuota: { most: 5, within: 3600 } }],
    ['authorization', { auth_max_success: '2/3m' }, { successQuota: { most: 2, within: 180 } }],
    ['authorization', { api_key_required: true }, { requiresKey: true }],
    ['authorization', { application_tokentype: true }, { honorsTokenType: true }],
    ['authorization', { add_user_in_response: true }, { detail: { ...plain.detail, includesUser: true } }],
    ['authorization', { add_resolver_in_response: true }, { detail: { ...plain.detail, includesResolver: true } }],
    ['authorization', { no_detail_on_success: true }, { detail: { ...plain.detail, isEmpty: true } }],
    ['authentication', { disabled_token_types: 'PUSH edupush' }, { disabledTypes: new Set(['push', 'edupush']) }],
    ['authentication', { reset_all_user_tokens: true }, { resetsAllTokens: true }],
    ['authentication', { increase_failcounter_on_challenge: true }, { countsChallengeAsFailure: true }],
    ['authentication', { join_repeated_requests: 'vpn RADIUS' }, { joiningServices: ['RADIUS', 'vpn'] }],
  ])('in %s, %j', (scope, action, expected) => {
    const set = compilePolicies([rule('a', action, { scope })])
    expect(authorizationPolicy(set, situation)).toEqual({ ok: true, value: { ...plain, ...expected } })
  })

  it('is refused where a policy denies access', () => {
    const set = compilePolicies([rule('a', { authorized: 'deny_access' })])
    expect(authorizationPolicy(set, situation)).toEqual({ ok: false, refusal: { reason: 'not_authorized' } })
  })

  it('may be another realm, whatever its case', () => {
    const set = (action: Policy['action']) => compilePolicies([policy('a', action)])
    expect(realmOverride(set({ set_realm: 'Sales' }), situation)).toEqual({ ok: true, value: 'sales' })
    expect(realmOverride(set({}), situation)).toEqual({ ok: true, value: undefined })
  })
})

describe('what answers give away', () => {
  const shown = { hidesVersion: false, hidesStatus: false, hidesPhoneErrors: false }
  const of = (...policies: readonly Policy[]) => hardeningPolicy(compilePolicies(policies), situation)
  it('is as policies say', () => {
    expect(of()).toEqual(shown)
    expect(of(rule('a', { hide_version: true }, { scope: 'authentication' }))).toEqual(shown)
  })
})
