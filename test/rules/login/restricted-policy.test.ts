import { expect, it } from 'vitest'
import type { AuthenticationPolicy } from '../../../src/rules/login/authentication-policy.ts'
import { isDeliveredUnrung, restrictedPolicy } from '../../../src/rules/login/restricted-policy.ts'
import { seconds } from '../../../src/vocabulary.ts'

const tap: AuthenticationPolicy = {
  mode: 'standard',
  language: 'de',
  codeDigits: 6,
  codeMessage: '',
  title: '',
  question: '',
  challengeText: 'Tap!',
  sslVerify: true,
  pushWait: seconds(0),
  polling: 'allow',
  pinSource: 'token',
  preferredModes: [],
  validFor: seconds(120),
  grace: seconds(300),
}
const APP = 'privacyIDEA-App/4.8.0'

it('turns a tap into a code by an app that shows codes, and says so at the login', () => {
  const changed = restrictedPolicy(tap, 'push', APP)
  expect(changed).toEqual({
    ...tap,
    mode: 'code_to_phone',
    challengeText: 'Bitte geben Sie den Code ein, den Ihr Smartphone anzeigt.',
  })
})

it.each([
  ['an app before 4.7', tap, 'push', 'privacyIDEA-App/4.6.2'],
  ['an app that has not named itself', tap, 'push', undefined],
  ["eduMFA's app", tap, 'edupush', APP],
  ['a login that waits', { ...tap, pushWait: seconds(20) }, 'push', APP],
  ['number matching', { ...tap, mode: 'presence' }, 'push', APP],
  ['code to phone', { ...tap, mode: 'code_to_phone', challengeText: 'Code?' }, 'push', APP],
] as const)('leaves %s as it is', (_, policy, type, app) => {
  expect(restrictedPolicy(policy, type, app)).toBe(policy)
})

it.each([
  ['a code', 'code_to_phone', 'deny', undefined, true],
  ['a number', 'presence', 'token', false, true],
  ['a tap', 'standard', 'deny', undefined, false],
  ['a code that the phone may poll', 'code_to_phone', 'allow', false, false],
  ['a code that its token may poll', 'code_to_phone', 'token', undefined, false],
] as const)(
  'delivers over the budget what nothing else would find, unless a tap approves it: %s',
  (_, mode, polling, token, expected) => {
    expect(isDeliveredUnrung({ mode, polling }, 'over_budget', token)).toBe(expected)
  },
)
