import { describe, expect, it } from 'vitest'
import { AUTHENTICATION_ACTIONS } from '../../../src/rules/policy/actions/authentication.ts'
import { TOKEN_CHOICE_ACTIONS } from '../../../src/rules/policy/actions/authorization.ts'
import { LIMIT_ACTIONS } from '../../../src/rules/policy/actions/enrollment.ts'
import { compilePolicies, type Situation } from '../../../src/rules/policy/policy-set.ts'
import { only, readActions } from '../../../src/rules/policy/read-actions.ts'
import { instant, type Policy } from '../../../src/vocabulary.ts'
import { policy } from './sample-policy.ts'

const situation: Situation = { address: '192.0.2.7', userAgent: 'PAM/1', now: instant(0) }
const some = only(
  AUTHENTICATION_ACTIONS,
  'push_title_on_mobile',
  'push_require_presence',
  'push_wait',
  'push_challenge_text',
)
const acme = policy('acme', { push_title_on_mobile: 'ACME', push_require_presence: true, push_wait: '20' })

describe('the actions of a group', () => {
  it('have the values that policies set, as numbers, switches and texts', () => {
    expect(readActions(compilePolicies([acme]), some, situation)).toEqual({
      ok: true,
      value: {
        push_title_on_mobile: 'ACME',
        push_require_presence: true,
        push_wait: 20,
        push_challenge_text: undefined,
      },
    })
  })

  it('have their defaults where no policy sets them', () => {
    const defaults = { push_require_presence: false, push_wait: 0, push_challenge_text: undefined }
    const read = (app: 'push' | 'edupush') => readActions(compilePolicies([]), some, situation, { app })
    expect(read('push')).toEqual({ ok: true, value: { ...defaults, push_title_on_mobile: 'privacyIDEA' } })
    expect(read('edupush')).toEqual({ ok: true, value: { ...defaults, push_title_on_mobile: 'eduMFA' } })
  })

  it('have the fallback of the caller before their default, and after a policy', () => {
    const fallback = { push_title_on_mobile: 'fallback', push_challenge_text: 'fallback', push_wait: undefined }
    expect(readActions(compilePolicies([acme]), some, situation, { fallback })).toMatchObject({
      value: { push_title_on_mobile: 'ACME', push_challenge_text: 'fallback', push_wait: 20 },
    })
  })

  it('are those of the app, and have their defaults where the app has no such action', () => {
    const set = compilePolicies([acme, policy('edu', { edupush_wait: '7' })])
    expect(readActions(set, some, situation, { app: 'edupush' })).toMatchObject({
      value: { push_title_on_mobile: 'eduMFA', push_require_presence: false, push_wait: 7 },
    })
  })

  it('are refused when one of them is in conflict', () => {
    const set = compilePolicies([acme, policy('b', { push_title_on_mobile: 'B' })])
    expect(readActions(set, some, situation)).toMatchObject({ ok: false, refusal: { reason: 'policy_conflict' } })
    expect(readActions(set, only(some, 'push_wait'), situation)).toEqual({ ok: true, value: { push_wait: 20 } })
  })

  it('have their default where a stored value cannot be read', () => {
    const old = policy('old', { push_wait: 'soon', push_allow_polling: 'sometimes' })
    const group = only(AUTHENTICATION_ACTIONS, 'push_wait', 'push_allow_polling')
    expect(readActions(compilePolicies([old]), group, situation)).toEqual({
      ok: true,
      value: { push_wait: 0, push_allow_polling: 'allow' },
    })
  })
})

describe('the values of several policies', () => {
  const authorization = (name: string, action: Policy['action'], priority = 1): Policy =>
    policy(name, action, { scope: 'authorization', priority })

  it('are joined word by word, or listed whole', () => {
    const set = compilePolicies([
      authorization('a', { tokentype: 'push hotp', serial: '^B' }, 2),
      authorization('b', { tokentype: 'push  totp', serial: '^A|x y' }),
    ])
    expect(readActions(set, only(TOKEN_CHOICE_ACTIONS, 'tokentype', 'serial'), situation)).toEqual({
      ok: true,
      value: { tokentype: ['hotp', 'push', 'totp'], serial: ['^A|x y', '^B'] },
    })
    expect(readActions(compilePolicies([]), only(TOKEN_CHOICE_ACTIONS, 'tokentype', 'serial'), situation)).toEqual({
      ok: true,
      value: { tokentype: [], serial: [] },
    })
  })

  it('have the largest number as their limit, whatever the priority', () => {
    const limit = (name: string, most: string, priority: number): Policy =>
      policy(name, { max_token_per_user: most }, { scope: 'enrollment', priority })
    const set = compilePolicies([limit('a', '2', 1), limit('b', '10', 3), limit('c', '9', 2)])
    const found = readActions(set, LIMIT_ACTIONS, situation)
    expect(found).toMatchObject({ value: { max_token_per_user: 10, max_token_per_realm: undefined } })
  })
})
