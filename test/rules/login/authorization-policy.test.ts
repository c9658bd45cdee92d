import { describe, expect, it } from 'vitest'
import { authorizationPolicy, isKeyRequired } from '../../../src/rules/login/authorization-policy.ts'
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
  ])('is what policies say: %s', (_, policies, expected) => {
    expect(isKeyRequired(compilePolicies(policies), situation)).toEqual({ ok: true, value: expected })
  })

  it('is no "no" where a condition is unknown, or two policies contradict each other', () => {
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
