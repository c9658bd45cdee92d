import { describe, expect, it } from 'vitest'
import { checkPolicy } from '../../../src/rules/policy/check-policy.ts'
import { LIMIT_ACTIONS } from '../../../src/rules/policy/actions/enrollment.ts'
import { AUTHENTICATION_ACTIONS, ATTEMPT_ACTIONS } from '../../../src/rules/policy/actions/authentication.ts'
import { compilePolicies, type Situation } from '../../../src/rules/policy/policy-set.ts'
import { only, readActions } from '../../../src/rules/policy/read-actions.ts'
import { instant } from '../../../src/vocabulary.ts'
import { policy } from './sample-policy.ts'

const situation: Situation = { address: '192.0.2.7', userAgent: 'PAM/1', now: instant(0) }
const faultOf = (scope: string, action: string, value: string | true): string | undefined => {
  const checked = checkPolicy(policy('p', { [action]: value }, { scope }))
  return checked.ok || checked.refusal.reason !== 'policy_invalid' ? undefined : checked.refusal.why
}

describe('a value of an action', () => {
  it.each<[string, string, string]>([
    ['authentication', 'push_wait', '0'],
    ['authentication', 'push_wait', '120'],
    ['authentication', 'push_presence_num_options', '10'],
    ['authentication', 'push_code_to_phone_digits', '8'],
    ['authentication', 'push_text_on_mobile', 'x'.repeat(500)],
    ['authentication', 'push_title_on_mobile', 'x'.repeat(100)],
    ['authentication', 'push_presence_custom_options', '01:02'],
    ['authentication', 'push_presence_custom_options', '01:02:1A:decline it'],
    ['authentication', 'preferred_client_mode', 'interactive webauthn  poll u2f'],
    ['authentication', 'otppin', 'none'],
    ['authentication', 'set_realm', 'sales-eu.example_1'],
    ['authentication', 'disabled_token_types', ' hotp  push '],
    ['authentication', 'enroll_via_multichallenge', 'push'],
    ['enrollment', 'push_registration_url', 'HTTP://nod.example/ttype/push'],
    ['enrollment', 'max_token_per_user', '0'],
    ['enrollment', 'require_description', 'push'],
    ['authorization', 'auth_max_fail', '5/1h'],
    ['authorization', 'last_auth', '30h'],
    ['authorization', 'serial', '^PIPU'],
    ['authorization', 'tokeninfo', ' tokenkind/^software$/  batch/1/2/ '],
    ['admin', 'otp_pin_contents', 'cns'],
    ['user', 'otp_pin_contents', '+cn'],
    ['webui', 'login_mode', 'privacyIDEA'],
    ['webui', 'login_mode', 'disable'],
  ])('of %s %s may be %j', (scope, action, value) => {
    expect(faultOf(scope, action, value)).toBeUndefined()
  })

  it.each<[string, string, string, string]>([
    ['authentication', 'push_wait', '12O', "'12O' is not a whole number from 0 to 120"],
    ['authentication', 'set_realm', 'sales eu', "'sales eu' is not the name of a realm"],
    ['authentication', 'set_realm', '/sales', "'/sales' is not the name of a realm"],
    ['authentication', 'disabled_token_types', 'hotp,push', "'hotp,push' is no list of types of tokens"],
    ['authentication', 'disabled_token_types', '!push', "'!push' is no list of types of tokens"],
    ['authentication', 'disabled_token_types', 'push!', "'push!' is no list of types of tokens"],
    ['authentication', 'enroll_via_multichallenge', 'hotp', "'hotp' is no type that Nod enrolls; PUSH is"],
    [
      'enrollment',
      'push_registration_url',
      ' https://nod.example/',
      "' https://nod.example/' is not an http or https URL with a host",
    ],
    [
      'authorization',
      'auth_max_fail',
      '5',
      "'5' is not a number, a slash and a span of time, as in 5/1h (s, m or h; at most 999)",
    ],
    ['authorization', 'last_auth', '0d', "'0d' is not a span of time, as in 30h, 7d or 1y"],
    ['authorization', 'last_auth', 'recently', "'recently' is not a span of time, as in 30h, 7d or 1y"],
    ['authorization', 'serial', '(?=PIPU)', "'(?=PIPU)': '(?=' looks around"],
    [
      'authorization',
      'tokeninfo',
      'a/b/ kind',
      "'kind' is not a key of the info of a token and a pattern, as in tokenkind/^software$/",
    ],
    [
      'authorization',
      'tokeninfo',
      '-kind/a/',
      "'-kind/a/' is not a key of the info of a token and a pattern, as in tokenkind/^software$/",
    ],
    [
      'authorization',
      'tokeninfo',
      'kind/a/b',
      "'kind/a/b' is not a key of the info of a token and a pattern, as in tokenkind/^software$/",
    ],
    ['authorization', 'tokeninfo', 'kind/(?=a)/', "'(?=a)': '(?=' looks around"],
    [
      'admin',
      'otp_pin_contents',
      'x',
      "'x' is not made of c, n and s, each of which has to occur, or, with + in front, one of which has to",
    ],
    [
      'admin',
      'otp_pin_contents',
      '-cn',
      "'-cn' is not made of c, n and s, each of which has to occur, or, with + in front, one of which has to",
    ],
    [
      'admin',
      'otp_pin_contents',
      'cnx',
      "'cnx' is not made of c, n and s, each of which has to occur, or, with + in front, one of which has to",
    ],
    ['webui', 'login_mode', 'userstore', 'Nod keeps no passwords of a directory: without the action no user signs in'],
    ['webui', 'login_mode', 'both', "'both' is none of privacyIDEA, code, disable"],
  ])('of %s %s is not %j', (scope, action, value, why) => {
    expect(faultOf(scope, action, value)).toBe(`${action}: ${why}`)
  })

  it('of a switch is true, True or 1, and not a text that contains one of them', () => {
    const switchOf = (value: string | true) => faultOf('authentication', 'push_require_presence', value)
    expect([true, 'true', 'True', 'TRUE', '1'].map((value) => switchOf(value as string | true))).toEqual(
      Array.from({ length: 5 }, () => undefined),
    )
    for (const value of ['untrue', 'true?', '11', '0', 'no'])
      expect(switchOf(value)).toBe(
        `push_require_presence: '${value}' is no value for a switch: name the action to turn it on, leave it out to turn it off`,
      )
  })

  it('is what an action that is no switch needs', () => {
    const why = 'push_wait: needs a value; leave the action out for its default'
    expect(faultOf('authentication', 'push_wait', true)).toBe(why)
    expect(faultOf('authentication', 'push_wait', '')).toBe(why)
  })
})

describe('a value kept by an older version', () => {
  it('does not lift a limit that it does not state', () => {
    const limit = (name: string, most: string | true) =>
      policy(name, { max_token_per_user: most }, { scope: 'enrollment' })
    const group = only(LIMIT_ACTIONS, 'max_token_per_user')
    const read = (...policies: ReturnType<typeof limit>[]) => readActions(compilePolicies(policies), group, situation)
    expect(read(limit('a', 'many'), limit('b', '2'))).toEqual({ ok: true, value: { max_token_per_user: 2 } })
    expect(read(limit('a', 'many'))).toEqual({ ok: true, value: { max_token_per_user: undefined } })
    expect(read(limit('a', true), limit('b', '0'))).toEqual({ ok: true, value: { max_token_per_user: 0 } })
  })

  it('has no number where it is blank or a fraction', () => {
    const read = (value: string) =>
      readActions(
        compilePolicies([policy('p', { push_code_to_phone_digits: value })]),
        only(AUTHENTICATION_ACTIONS, 'push_code_to_phone_digits'),
        situation,
      )
    for (const value of ['', ' ', '4.5', 'x4'])
      expect(read(value)).toEqual({ ok: true, value: { push_code_to_phone_digits: 6 } })
    expect(read('4')).toEqual({ ok: true, value: { push_code_to_phone_digits: 4 } })
  })

  it('has no words where it is a switch', () => {
    const set = compilePolicies([
      policy('a', { disabled_token_types: true }),
      policy('b', { disabled_token_types: ' push ' }),
    ])
    expect(readActions(set, only(ATTEMPT_ACTIONS, 'disabled_token_types'), situation)).toEqual({
      ok: true,
      value: { disabled_token_types: ['push'] },
    })
  })
})
