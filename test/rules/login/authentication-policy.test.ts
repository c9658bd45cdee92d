import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parsePolicyForm } from '../../../src/protocol/policy/policy-form.ts'
import { ACTIONS } from '../../../src/rules/policy/actions/all.ts'
import { checkPolicy } from '../../../src/rules/policy/check-policy.ts'
import { enrollmentPolicy } from '../../../src/rules/token/enrollment-policy.ts'
import { authenticationPolicy, isPollingAllowed } from '../../../src/rules/login/authentication-policy.ts'
import { compilePolicies, type Situation } from '../../../src/rules/policy/policy-set.ts'
import { readSystemSettings } from '../../../src/rules/deployment/system-settings.ts'
import { instant, type Policy } from '../../../src/vocabulary.ts'
import { policy } from '../policy/sample-policy.ts'

const situation: Situation = {
  owner: { login: 'alice', realm: 'realm1' },
  address: '127.0.0.1',
  userAgent: 'PAM/1',
  now: instant(0),
}
const system = readSystemSettings({})

const settings = (action: Policy['action'], mayWait = true, rest: Partial<Policy> = {}) => {
  const outcome = authenticationPolicy(
    compilePolicies([policy('p', action, rest)]),
    'push',
    situation,
    system,
    mayWait,
    'en',
  )
  if (!outcome.ok) throw new Error(outcome.refusal.reason)
  return outcome.value
}

/** Two policies of the scope that disagree on the action. */
const twice = (action: string, scope: string): Policy[] =>
  ['a', 'b'].map((name) => policy(name, { [action]: `https://${name}.example` }, { scope }))

describe('a login', () => {
  const DEFAULTS = {
    mode: 'standard',
    codeDigits: 6,
    language: 'en',
    codeMessage: 'Enter the code to log in',
    title: 'privacyIDEA',
    question: 'Do you want to confirm the login?',
    challengeText: 'Please confirm the authentication on your mobile device!',
    sslVerify: true,
    pushWait: 0,
    polling: 'allow',
    firewall: { mode: 'on', limit: 5, window: 600, reports: 'on' },
    pinSource: 'token',
    preferredModes: ['interactive', 'webauthn', 'poll'],
    validFor: 120,
    grace: 300,
  }

  it('has its defaults without any policy', () => {
    expect(authenticationPolicy(compilePolicies([]), 'push', situation, system, true, 'en')).toEqual({
      ok: true,
      value: DEFAULTS,
    })
  })

  it('has the defaults that the table of actions tells', () => {
    const told = Object.entries(ACTIONS['authentication'] ?? {})
      .filter(([action]) => !action.startsWith('push_presence'))
      .flatMap(([action, { default: value }]) => (value === undefined ? [] : [[action, value] as const]))
    expect(told.length).toBeGreaterThan(6)
    expect(settings(Object.fromEntries(told))).toEqual(DEFAULTS)
  })

  it.each<[string, Policy['action'], object]>([
    [
      'a ring budget',
      { push_firewall: 'shadow', push_firewall_limit: '3', push_firewall_window: '5' },
      { firewall: { mode: 'shadow', limit: 3, window: 300, reports: 'on' } },
    ],
    ['no fraud reports', { push_fraud_report: 'off' }, { firewall: { mode: 'on', limit: 5, window: 600 } }],
    [
      'texts',
      { push_text_on_mobile: 'Log in {user}?', push_title_on_mobile: 'ACME\\, Inc.' },
      { question: 'Log in {user}?', title: 'ACME, Inc.' },
    ],
    [
      'the text of push before the general one',
      { push_challenge_text: 'A', challenge_text: 'B' },
      { challengeText: 'A' },
    ],
    ['the general text', { challenge_text: 'B' }, { challengeText: 'B' }],
    ['header and footer', { challenge_text_header: 'H', challenge_text_footer: 'F' }, { header: 'H', footer: 'F' }],
    ['no checking of certificates', { push_ssl_verify: '0' }, { sslVerify: false }],
    ['waiting', { push_wait: '3' }, { pushWait: 3 }],
    ['polling', { push_allow_polling: 'token' }, { polling: 'token' }],
    ['no PIN', { otppin: 'none' }, { pinSource: 'none' }],
    ['the PIN of the token', { otppin: 'tokenpin' }, {}],
    ['client modes', { preferred_client_mode: 'poll  interactive' }, { preferredModes: ['poll', 'interactive'] }],
    [
      'a code',
      { push_code_to_phone: true, push_code_to_phone_digits: '2', push_code_to_phone_message: 'Type' },
      {
        mode: 'code_to_phone',
        codeDigits: 2,
        codeMessage: 'Type',
        challengeText: 'Please enter the code displayed on your smartphone.',
      },
    ],
  ])('takes %s from its policy', (_, action, expected) => {
    expect(settings(action)).toEqual({ ...DEFAULTS, ...expected })
  })

  it.each<[string, Policy['action'], readonly [string, number, number]]>([
    ['letters, three of them', {}, ['ALPHABETIC', 26, 3]],
    ['numbers', { push_presence_options: 'NUMERIC', push_presence_num_options: '5' }, ['NUMERIC', 100, 5]],
    [
      'its own options',
      { push_presence_options: 'CUSTOM', push_presence_custom_options: '01:02:1A' },
      ['CUSTOM', 3, 3],
    ],
  ])('shows %s', (_, action, [kind, size, count]) => {
    const { mode, presence } = settings({ push_require_presence: true, ...action })
    expect([mode, presence?.kind, presence?.pool.length, presence?.count]).toEqual(['presence', kind, size, count])
  })

  it.each<[string, Policy['action'], boolean, string, number]>([
    [
      'waiting before both',
      { push_wait: '9', push_require_presence: true, push_code_to_phone: true },
      true,
      'standard',
      9,
    ],
    ['presence before a code', { push_require_presence: true, push_code_to_phone: true }, true, 'presence', 0],
    ['presence where nothing waits', { push_wait: '9', push_require_presence: true }, false, 'presence', 0],
    ['a wait of nothing is none', { push_wait: '0', push_require_presence: true }, true, 'presence', 0],
  ])('uses %s', (_, action, mayWait, mode, wait) => {
    const found = settings(action, mayWait)
    expect([found.mode, found.pushWait, found.presence !== undefined]).toEqual([mode, wait, mode === 'presence'])
  })

  it('takes the URL from the enrollment policy', () => {
    const url = 'https://nod.example/ttype/push'
    expect(settings({ push_registration_url: url }, true, { scope: 'enrollment' }).registrationUrl).toBe(url)
  })

  it('is not opened while policies conflict, in either scope', () => {
    const conflict = { ok: false, refusal: { reason: 'policy_conflict', values: ['b', 'a'] } }
    expect(
      authenticationPolicy(
        compilePolicies(twice('push_text_on_mobile', 'authentication')),
        'push',
        situation,
        system,
        true,
        'en',
      ),
    ).toEqual(conflict)
    expect(
      authenticationPolicy(
        compilePolicies(twice('push_registration_url', 'enrollment')),
        'push',
        situation,
        system,
        true,
        'en',
      ),
    ).toEqual(conflict)
  })
})

describe('a phone that polls', () => {
  it.each<[string | undefined, boolean | undefined, boolean]>([
    [undefined, undefined, true],
    [undefined, false, true],
    ['allow', false, true],
    ['deny', true, false],
    ['token', undefined, true],
    ['token', true, true],
    ['token', false, false],
  ])('policy %s, token %s: %s', (value, token, expected) => {
    const set = compilePolicies(value === undefined ? [] : [policy('poll', { push_allow_polling: value })])
    expect(isPollingAllowed(set, 'push', situation, token)).toEqual({ ok: true, value: expected })
  })

  it('is refused while policies conflict', () => {
    const set = compilePolicies(['allow', 'deny'].map((value) => policy(value, { push_allow_polling: value })))
    expect(isPollingAllowed(set, 'push', situation, undefined).ok).toBe(false)
  })
})

const rule = (action: Policy['action'], rest: Partial<Policy> = {}) =>
  policy('push', action, { scope: 'enrollment', ...rest })

describe('an enrollment', () => {
  const defaults = {
    registrationUrl: 'https://nod.example/ttype/push',
    firebase: 'poll only',
    knownFirebase: (id: string) => id === 'fb1',
  }
  const tags = { serial: 'PIPU1', user: 'alice', realm: 'realm1', givenname: 'Alice', surname: 'Anders' }
  const complete = { push_firebase_configuration: 'fb1', push_registration_url: 'https://pi.example.com/ttype/push' }
  const enroll = (policies: readonly Policy[], asked: Partial<Parameters<typeof enrollmentPolicy>[2]> = {}) =>
    enrollmentPolicy(compilePolicies(policies), situation, { type: 'push', ...asked }, defaults, tags)
  it('just works without any enrollment policy', () => {
    expect(enroll([])).toEqual({
      ok: true,
      value: {
        firebase: 'poll only',
        registrationUrl: 'https://nod.example/ttype/push',
        ttlMinutes: 10,
        issuer: 'privacyIDEA',
        label: 'PIPU1',
        sslVerify: true,
        scheme: 'otpauth',
        pinLock: false,
      },
    })
  })

  it.each<[string, Policy['action'], object]>([
    ['a URL', { push_registration_url: 'https://a.example' }, { registrationUrl: 'https://a.example' }],
    ['a Firebase configuration', { push_firebase_configuration: 'fb1' }, { firebase: 'fb1' }],
    ['neither', { tokenlabel: 'x' }, { label: 'x' }],
  ])('has defaults for what policies do not set, where they set %s', (_, action, set) => {
    const otherwise = { firebase: defaults.firebase, registrationUrl: defaults.registrationUrl }
    expect(enroll([rule(action)])).toMatchObject({ ok: true, value: { ...otherwise, ...set } })
  })

  it.each<[string, readonly Policy[], object]>([
    [
      'a URL for others only',
      [rule({ push_registration_url: 'https://a.example' }, { realm: ['realm2'] })],
      { reason: 'enrollment_policy_missing', action: 'push_registration_url' },
    ],
    [
      'a Firebase configuration for others only',
      [rule({ push_firebase_configuration: 'fb1' }, { realm: ['realm2'] })],
      { reason: 'enrollment_policy_missing', action: 'push_firebase_configuration' },
    ],
    [
      'both for others only',
      [rule(complete, { realm: ['realm2'] })],
      { reason: 'enrollment_policy_missing', action: 'push_firebase_configuration' },
    ],
    [
      'an unknown Firebase configuration',
      [rule({ ...complete, push_firebase_configuration: 'nosuch' })],
      { reason: 'firebase_unknown', secret: 'FIREBASE_NOSUCH' },
    ],
    [
      'policies that disagree',
      [rule(complete), policy('two', { push_ttl: '3' }, { scope: 'enrollment' }), rule({ push_ttl: '4' })],
      { reason: 'policy_conflict', values: ['two', 'push'] },
    ],
  ])('is refused with %s', (_, policies, refusal) => {
    expect(enroll(policies)).toEqual({ ok: false, refusal })
  })

  it('ignores inactive policies', () => {
    expect(enroll([rule(complete, { realm: ['realm2'], active: false })]).ok).toBe(true)
  })

  it('takes label, issuer and image from the request where no policy sets them', () => {
    const asked = { label: 'mine', issuer: 'me', image: 'https://me.example/i.png' }
    expect(enroll([], asked)).toMatchObject({ value: asked })
    const set = { tokenlabel: 'ours', tokenissuer: 'us', appimageurl: 'https://us.example/i.png' }
    expect(enroll([rule({ ...complete, ...set })], asked)).toMatchObject({
      value: { label: 'ours', issuer: 'us', image: 'https://us.example/i.png' },
    })
  })

  it('leaves a tag it does not know as it is, and reads no name as a tag', () => {
    const set = { ...complete, tokenlabel: '{nosuch} {surname}', tokenissuer: '<u>' }
    const outcome = enrollmentPolicy(compilePolicies([rule(set)]), situation, { type: 'push' }, defaults, {
      ...tags,
      surname: '{serial} <s>',
    })
    expect(outcome).toMatchObject({ value: { label: '{nosuch} {serial} <s>', issuer: '<u>' } })
  })
})

describe('the recorded enrollments', () => {
  interface Recording {
    readonly exchanges: readonly {
      readonly label: string
      readonly note: string
      readonly request: { readonly body: { readonly serial: string } }
      readonly response: { readonly json: { readonly detail: { readonly pushurl: { readonly value: string } } } }
    }[]
  }
  const recording = JSON.parse(
    readFileSync(new URL('../../golden/02-enroll-uri-variants.json', import.meta.url), 'utf8'),
  ) as Recording
  const NOTE = 'policy push_enroll (enrollment): '

  it.each(recording.exchanges.map((exchange) => [exchange.label, exchange] as const))('%s', (_, exchange) => {
    const written = parsePolicyForm('push_enroll', { scope: 'enrollment', action: exchange.note.slice(NOTE.length) })
    const checked = written.ok ? checkPolicy(written.value) : written
    if (!checked.ok) throw new Error(JSON.stringify(checked.refusal))
    const { serial } = exchange.request.body
    const outcome = enrollmentPolicy(
      compilePolicies([checked.value]),
      situation,
      { type: 'push' },
      { registrationUrl: 'https://unused.example', firebase: 'unused', knownFirebase: (id) => id === 'fb1' },
      { serial, user: 'alice', realm: 'realm1', givenname: 'Alice', surname: 'Anders' },
    )
    const uri = exchange.response.json.detail.pushurl.value
    const [scheme = '', path = ''] = uri.split(/:\/\/pipush\//)
    const [label = '', query = ''] = path.split('?')
    const recorded = new URLSearchParams(query)
    const image = recorded.get('image')
    const unlock = recorded.get('app_force_unlock')
    expect(outcome).toEqual({
      ok: true,
      value: {
        firebase: recorded.get('poll_only') === 'True' ? 'poll only' : 'fb1',
        registrationUrl: recorded.get('url'),
        ttlMinutes: Number(recorded.get('ttl')),
        issuer: recorded.get('issuer'),
        label: decodeURIComponent(label),
        ...(image === null ? {} : { image }),
        sslVerify: recorded.get('sslverify') === '1',
        scheme,
        pinLock: recorded.get('pin') === 'True',
        ...(unlock === null ? {} : { forceUnlock: unlock }),
      },
    })
  })
})
