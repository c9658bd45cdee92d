import { expect, it } from 'vitest'
import { codeToPhoneSupport } from '../../../src/rules/login/app-support.ts'

it.each([
  ['privacyIDEA-App/4.6.9', 'unable'],
  ['privacyIDEA-App/4.7.0', 'able'],
  ['privacyidea-app/4.10', 'able'],
  ['privacyIDEA-App/5.0', 'able'],
  ['privacyIDEA-App/3.9', 'unable'],
  ['privacyIDEA-App/4', 'unable'],
  ['eduMFA-App/9.9', 'unable'],
  [undefined, 'unknown'],
] as const)('%s is %s to do code to phone', (app, ability) => {
  expect(codeToPhoneSupport(app)).toBe(ability)
})
