import { describe, expect, it } from 'vitest'
import { explainPolicies } from '../../../src/rules/policy/explain.ts'
import { compilePolicies, singleValue, type Situation } from '../../../src/rules/policy/policy-set.ts'
import { instant, type Policy } from '../../../src/vocabulary.ts'
import { policy } from './sample-policy.ts'

const situation: Situation = {
  owner: { login: 'ada', realm: 'sales' },
  address: '192.0.2.7',
  userAgent: 'PAM/1',
  now: instant(0),
}
const explained = (...policies: readonly Policy[]) =>
  explainPolicies(compilePolicies(policies), policies, 'authentication', situation)

describe('an explanation of policies', () => {
  const hers = policy('hers', { push_wait: '20' }, { user: ['ada'] })
  const his = policy('his', { push_wait: '30' }, { user: ['bob'] })
  const later = policy('later', { push_wait: '40', push_require_presence: true }, { priority: 2 })
  const off = policy('off', { push_wait: '50' }, { active: false })

  it('has the values a login would read, the policies that set them, and the defaults of the others', () => {
    const policies = [later, hers, his, off]
    const { settings } = explained(...policies)
    expect(settings['push_wait']).toEqual({ ok: true, value: { value: '20', policies: ['hers'] } })
    expect(settings['push_require_presence']).toEqual({ ok: true, value: { value: true, policies: ['later'] } })
    expect(settings['push_presence_num_options']).toEqual({ ok: true, value: { value: '3', policies: [] } })
    expect(settings['push_code_to_phone']).toEqual({ ok: true, value: { value: false, policies: [] } })
    expect(settings['push_challenge_text']).toEqual({ ok: true, value: { value: undefined, policies: [] } })
    for (const [action, found] of Object.entries(settings)) {
      const read = singleValue(compilePolicies(policies), 'authentication', action, situation)
      expect(found.ok && found.value.policies.length > 0 ? found.value.value : undefined).toBe(
        read.ok ? read.value : undefined,
      )
    }
  })

  it('lists every policy of the scope once, with what keeps it from matching', () => {
    const other = policy('other', { push_ttl: '5' }, { scope: 'enrollment' })
    const { policies } = explained(later, hers, his, off, other)
    expect(policies.map(({ name, active, matches }) => [name, active, matches])).toEqual([
      ['hers', true, true],
      ['his', true, false],
      ['later', true, true],
      ['off', false, false],
    ])
    expect(policies[1]?.unmet).toEqual([{ field: 'user', expected: 'bob', actual: 'ada', isUnknown: false }])
  })

  it('shows a conflict where a login would be refused for it', () => {
    const { settings } = explained(hers, policy('too', { push_wait: '21' }))
    expect(settings['push_wait']).toEqual({
      ok: false,
      refusal: { reason: 'policy_conflict', values: ['too', 'hers'] },
    })
  })

  it('does not list inactive policies of other scopes', () => {
    const other = policy('other', { push_ttl: '5' }, { scope: 'enrollment', active: false })
    expect(explained(off, other).policies.map(({ name }) => name)).toEqual(['off'])
  })

  it('joins the words of all policies, and names all of them', () => {
    const sms = policy('sms', { disabled_token_types: 'sms push' }, { priority: 2 })
    const hotp = policy('hotp', { disabled_token_types: 'hotp' })
    const never = policy('never', { disabled_token_types: 'totp' }, { user: ['bob'] })
    const settings = explained(sms, hotp, never).settings
    expect(settings['disabled_token_types']).toEqual({
      ok: true,
      value: { value: 'hotp push sms', policies: ['hotp', 'sms'] },
    })
    expect(explained(never).settings['disabled_token_types']).toEqual({
      ok: true,
      value: { value: undefined, policies: [] },
    })
  })

  it('shows that a login would be refused because nobody knows what a policy compares', () => {
    const conditions = [['userinfo', 'email', 'equals', 'x', true]]
    const asks = policy('asks', { push_wait: '5', disabled_token_types: 'sms' }, { conditions })
    const { settings, policies } = explained(asks)
    const refused = { ok: false, refusal: { reason: 'condition_unknown', policy: 'asks', about: "userinfo 'email'" } }
    expect(settings['push_wait']).toEqual(refused)
    expect(settings['disabled_token_types']).toEqual(refused)
    expect(policies.map(({ matches }) => matches)).toEqual([false])
  })

  it('is empty for a scope that there is not', () => {
    expect(explainPolicies(compilePolicies([hers]), [hers], 'nosuch', situation)).toEqual({
      settings: {},
      policies: [],
    })
  })
})
