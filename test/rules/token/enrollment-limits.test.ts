import { describe, expect, it } from 'vitest'
import { compilePolicies, type Situation } from '../../../src/rules/policy/policy-set.ts'
import { checkDescription, randomPinDigits, tokenLimits } from '../../../src/rules/token/enrollment-limits.ts'
import { instant, type Policy } from '../../../src/vocabulary.ts'
import { policy } from '../policy/sample-policy.ts'

const situation: Situation = {
  owner: { login: 'ada', realm: 'sales' },
  address: '192.0.2.7',
  userAgent: 'x',
  now: instant(0),
}
const set = (action: Policy['action']) => compilePolicies([policy('p', action, { scope: 'enrollment' })])

describe('the limits of a new token', () => {
  it.each<[Policy['action'], unknown]>([
    [{}, []],
    [{ max_token_per_user: '3' }, [{ of: 'owner', activeOnly: false, most: 3 }]],
    [{ push_max_token_per_user: '2' }, [{ of: 'owner', type: 'push', activeOnly: false, most: 2 }]],
    [{ max_active_token_per_user: '0' }, [{ of: 'owner', activeOnly: true, most: 0 }]],
    [{ push_max_active_token_per_user: '1' }, [{ of: 'owner', type: 'push', activeOnly: true, most: 1 }]],
    [{ max_token_per_realm: '100' }, [{ of: 'realm', activeOnly: false, most: 100 }]],
    [
      { max_token_per_realm: '9', max_token_per_user: '3' },
      [
        { of: 'owner', activeOnly: false, most: 3 },
        { of: 'realm', activeOnly: false, most: 9 },
      ],
    ],
  ])('by %j', (action, expected) => {
    expect(tokenLimits(set(action), 'push', situation)).toEqual({ ok: true, value: expected })
  })

  it('are those of its own app', () => {
    expect(tokenLimits(set({ push_max_token_per_user: '2' }), 'edupush', situation)).toEqual({ ok: true, value: [] })
    expect(tokenLimits(set({ edupush_max_token_per_user: '2' }), 'edupush', situation)).toEqual({
      ok: true,
      value: [{ of: 'owner', type: 'edupush', activeOnly: false, most: 2 }],
    })
  })

  it('do not concern a token without an owner', () => {
    const { owner: _, ...nobody } = situation
    expect(tokenLimits(set({ max_token_per_user: '1' }), 'push', nobody)).toEqual({ ok: true, value: [] })
  })
})

describe('a new token', () => {
  it.each([
    ['push', '', 'description_missing'],
    ['push', '  ', 'description_missing'],
    ['push', 'of Ada', 'ok'],
    ['edupush', '', 'ok'],
  ] as const)('of type %s with the description %j: %s', (type, description, expected) => {
    const checked = checkDescription(set({ require_description: 'push' }), type, situation, description)
    expect(checked.ok ? 'ok' : checked.refusal.reason).toBe(expected)
  })

  it('gets a random PIN of as many digits as policy says', () => {
    expect(randomPinDigits(set({ otp_pin_random: '6' }), situation)).toEqual({ ok: true, value: 6 })
    expect(randomPinDigits(set({}), situation)).toEqual({ ok: true, value: undefined })
  })
})
