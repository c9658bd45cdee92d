import { describe, expect, it } from 'vitest'
import { ACTIONS } from '../../../src/rules/policy/actions/all.ts'
import { checkPolicy } from '../../../src/rules/policy/check-policy.ts'
import { enrollmentPolicy } from '../../../src/rules/token/enrollment-policy.ts'
import {
  type AuthenticationPolicy,
  authenticationPolicy,
  isPollingAllowed,
  pushWaitOf,
  policiesForTokens,
} from '../../../src/rules/login/authentication-policy.ts'
import { compilePolicies, type Situation } from '../../../src/rules/policy/policy-set.ts'
import { readSystemSettings } from '../../../src/rules/deployment/system-settings.ts'
import { instant, type Policy, seconds, TOKEN_TYPES, type TokenType } from '../../../src/vocabulary.ts'
import { policy } from './sample-policy.ts'

const situation: Situation = {
  owner: { login: 'alice', realm: 'realm1' },
  address: '127.0.0.1',
  userAgent: 'PAM/1',
  now: instant(0),
}
const system = readSystemSettings({})

const settings = (type: TokenType, action: Policy['action'], mayWait = true): AuthenticationPolicy => {
  const outcome = authenticationPolicy(compilePolicies([policy('p', action)]), type, situation, system, mayWait, 'en')
  if (!outcome.ok) throw new Error(outcome.refusal.reason)
  return outcome.value
}

describe('the actions of eduMFA’s app', () => {
  it('are the ones eduMFA has, in the same scopes', () => {
    const named = (scope: string) =>
      Object.keys(ACTIONS[scope] ?? {})
        .filter((action) => action.startsWith('edupush_'))
        .toSorted()
    expect(named('enrollment')).toEqual([
      'edupush_firebase_configuration',
      'edupush_max_active_token_per_user',
      'edupush_max_token_per_user',
      'edupush_registration_url',
      'edupush_ssl_verify',
      'edupush_ttl',
    ])
    expect(named('authentication')).toEqual([
      'edupush_allow_polling',
      'edupush_ssl_verify',
      'edupush_text_on_mobile',
      'edupush_title_on_mobile',
      'edupush_wait',
    ])
  })

  it.each<[string, string, string]>([
    ['enrollment', 'edupush_ttl', 'soon'],
    ['enrollment', 'edupush_registration_url', 'ftp://x'],
    ['authentication', 'edupush_wait', '121'],
    ['authentication', 'edupush_allow_polling', 'maybe'],
    ['authentication', 'edupush_text_on_mobile', 'a|b'],
  ])('accept the same values as those of push: %s %s=%s is refused', (scope, action, value) => {
    const [own, other] = [action, action.replace('edu', '')].map((name) =>
      checkPolicy(policy('p', { [name]: value }, { scope })),
    )
    expect([own?.ok, other?.ok]).toEqual([false, false])
  })

  it.each(['edupush_require_presence', 'edupush_code_to_phone', 'edupush_challenge_text', 'edupush_force_app_pin'])(
    'do not include %s',
    (action) => {
      for (const scope of ['authentication', 'enrollment'])
        expect(checkPolicy(policy('p', { [action]: 'x' }, { scope })).ok).toBe(false)
    },
  )
})

describe('a login by eduMFA’s app', () => {
  it('has the defaults of push, except for its title', () => {
    expect(settings('edupush', {})).toEqual({ ...settings('push', {}), title: 'eduMFA' })
  })

  it('follows its own actions and none of push', () => {
    const own = {
      edupush_text_on_mobile: 'Log in?',
      edupush_title_on_mobile: 'Campus',
      edupush_ssl_verify: '0',
      edupush_wait: '7',
      edupush_allow_polling: 'token',
    }
    const push = {
      push_text_on_mobile: 'no',
      push_title_on_mobile: 'no',
      push_ssl_verify: '1',
      push_wait: '0',
      push_allow_polling: 'deny',
      push_challenge_text: 'no',
      push_require_presence: true,
      push_code_to_phone: true,
    } as const
    expect(settings('edupush', { ...own, ...push })).toMatchObject({
      mode: 'standard',
      question: 'Log in?',
      title: 'Campus',
      sslVerify: false,
      pushWait: 7,
      polling: 'token',
      challengeText: 'Please confirm the authentication on your mobile device!',
    })
    expect(settings('push', own)).toEqual(settings('push', {}))
  })

  it('follows the actions that are about all apps', () => {
    const action = { otppin: 'none', challenge_text: 'T', challenge_text_header: 'H', preferred_client_mode: 'poll' }
    expect(settings('edupush', action)).toMatchObject({
      pinSource: 'none',
      challengeText: 'T',
      header: 'H',
      preferredModes: ['poll'],
    })
  })

  it('has a registration URL of its own', () => {
    const urls = { push_registration_url: 'https://a.example/', edupush_registration_url: 'https://b.example/' }
    const set = compilePolicies([policy('p', urls, { scope: 'enrollment' })])
    const found = TOKEN_TYPES.map((type) => authenticationPolicy(set, type, situation, system, true, 'en'))
    expect(found).toMatchObject([
      { value: { registrationUrl: 'https://a.example/' } },
      { value: { registrationUrl: 'https://b.example/' } },
    ])
  })

  it('may be polled if its own action allows it', () => {
    const set = compilePolicies([policy('p', { edupush_allow_polling: 'deny' })])
    expect(isPollingAllowed(set, 'edupush', situation, true)).toEqual({ ok: true, value: false })
    expect(isPollingAllowed(set, 'push', situation, true)).toEqual({ ok: true, value: true })
  })
})

describe('a login by both apps', () => {
  const tokens = (['edupush', 'push', 'edupush'] as const).map((type) => ({ type }))
  const kindOf = ({ type }: { readonly type: TokenType }) => type

  it('reads the policies once for each type and keeps the order of the tokens', () => {
    const read: TokenType[] = []
    const outcome = policiesForTokens(tokens, kindOf, ({ type }) => {
      read.push(type)
      return { ok: true, value: settings(type, {}) }
    })
    expect(read).toEqual(['edupush', 'push'])
    const titles = outcome.ok ? outcome.value.map((one) => [one.token.type, one.policy.title]) : []
    expect(titles).toEqual([
      ['edupush', 'eduMFA'],
      ['push', 'privacyIDEA'],
      ['edupush', 'eduMFA'],
    ])
  })

  it('is refused when policies conflict for either app', () => {
    const set = compilePolicies(['a', 'b'].map((text) => policy(text, { edupush_text_on_mobile: text })))
    const outcome = policiesForTokens(tokens, kindOf, ({ type }) =>
      authenticationPolicy(set, type, situation, system, true, 'en'),
    )
    expect(outcome).toMatchObject({ ok: false, refusal: { reason: 'policy_conflict' } })
  })

  it('waits as long as the longer of the two allows, and not at all if one has to show something first', () => {
    const waits = (action: Policy['action']) => pushWaitOf(TOKEN_TYPES.map((type) => settings(type, action)))
    expect(waits({})).toBe(seconds(0))
    expect(waits({ push_wait: '3', edupush_wait: '7' })).toBe(seconds(7))
    expect(waits({ edupush_wait: '7' })).toBe(seconds(7))
    expect(waits({ edupush_wait: '7', push_require_presence: true })).toBe(seconds(0))
    expect(waits({ edupush_wait: '7', push_wait: '3', push_require_presence: true })).toBe(seconds(7))
    expect(pushWaitOf([])).toBe(seconds(0))
  })
})

describe('an enrollment of eduMFA’s app', () => {
  const defaults = {
    registrationUrl: 'https://nod.example/ttype/edupush',
    firebase: 'poll only',
    knownFirebase: () => true,
  }
  const tags = { serial: 'EDUP1', user: 'alice', realm: 'realm1', givenname: 'Alice', surname: 'Anders' }
  const enroll = (action?: Policy['action'], rest: Partial<Policy> = {}) =>
    enrollmentPolicy(
      compilePolicies(action === undefined ? [] : [policy('p', action, { scope: 'enrollment', ...rest })]),
      situation,
      { type: 'edupush' },
      defaults,
      tags,
    )

  it('has defaults while there is no enrollment policy', () => {
    expect(enroll()).toMatchObject({
      value: { issuer: 'eduMFA', firebase: 'poll only', registrationUrl: defaults.registrationUrl, ttlMinutes: 10 },
    })
  })

  it('has defaults while policies set only the actions of push', () => {
    const push = { push_firebase_configuration: 'fb1', push_registration_url: 'https://a.example/' }
    expect(enroll(push)).toMatchObject({
      value: { firebase: 'poll only', registrationUrl: defaults.registrationUrl },
    })
  })

  it('needs its own actions once a policy sets them for others', () => {
    const action = 'edupush_firebase_configuration'
    expect(enroll({ [action]: 'fb1' }, { realm: ['realm2'] })).toEqual({
      ok: false,
      refusal: { reason: 'enrollment_policy_missing', action },
    })
  })

  it('follows its own actions, and the lock that both apps share', () => {
    const action = {
      edupush_firebase_configuration: 'fb1',
      edupush_registration_url: 'https://b.example/',
      edupush_ttl: '3',
      edupush_ssl_verify: '0',
      push_force_app_pin: true,
      push_use_pia_scheme: true,
      push_app_force_unlock: 'biometric',
    } as const
    expect(enroll(action)).toMatchObject({
      value: {
        firebase: 'fb1',
        registrationUrl: 'https://b.example/',
        ttlMinutes: 3,
        sslVerify: false,
        pinLock: true,
        scheme: 'otpauth',
        forceUnlock: 'pin',
      },
    })
  })
})
