import { describe, expect, it } from 'vitest'
import { sessionPolicy, userSignInMode } from '../../../src/rules/deployment/session-policy.ts'
import { compilePolicies, type Situation } from '../../../src/rules/policy/policy-set.ts'
import { instant, type Policy } from '../../../src/vocabulary.ts'
import { policy } from '../policy/sample-policy.ts'

const caller = { address: '192.0.2.7', userAgent: 'x', now: instant(0) }
const administrator: Situation = { ...caller, administrator: 'grace' }
const user: Situation = { ...caller, owner: { login: 'ada', realm: 'sales' } }
const webui = (action: Policy['action'], rest: Partial<Policy> = {}) =>
  compilePolicies([policy('p', action, { scope: 'webui', ...rest })])
const undecided = { conditions: [['HTTP Request header', 'X-Way', 'equals', 'vpn', true]] }

describe('a session', () => {
  it('lasts an hour for administrators, and a quarter of an hour for users', () => {
    expect(sessionPolicy(webui({}), administrator)).toMatchObject({ ok: true, value: { validity: 3600 } })
    expect(sessionPolicy(webui({}), user)).toMatchObject({ ok: true, value: { validity: 900 } })
  })

  it('lasts as long as policy says, for both', () => {
    for (const situation of [administrator, user])
      expect(sessionPolicy(webui({ jwt_validity: '60', logout_time: '30' }), situation)).toEqual({
        ok: true,
        value: { validity: 60, logoutTime: 30 },
      })
  })

  it('is none where a condition is unknown', () => {
    const set = webui({ jwt_validity: '60' }, undecided)
    expect(sessionPolicy(set, user)).toMatchObject({ ok: false, refusal: { reason: 'condition_unknown' } })
  })
})

describe('users', () => {
  it.each<[string, Policy['action'], 'phone' | 'disabled' | undefined]>([
    ['do not sign in unless a policy says so', {}, undefined],
    ['sign in by phone under login_mode=privacyIDEA', { login_mode: 'privacyIDEA' }, 'phone'],
    ['do not sign in under login_mode=disable', { login_mode: 'disable' }, 'disabled'],
  ])('%s', (_, action, expected) => {
    expect(userSignInMode(webui(action), user)).toEqual({ ok: true, value: expected })
  })

  it('do not sign in where a condition is unknown', () => {
    const mode = userSignInMode(webui({ login_mode: 'privacyIDEA' }, undecided), user)
    expect(mode).toMatchObject({ ok: false, refusal: { reason: 'condition_unknown' } })
  })
})
