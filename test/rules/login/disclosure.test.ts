import { expect, it } from 'vitest'
import { disclosurePolicy } from '../../../src/rules/login/disclosure.ts'
import { compilePolicies, type Situation } from '../../../src/rules/policy/policy-set.ts'
import { instant, type Policy } from '../../../src/vocabulary.ts'
import { policy } from '../policy/sample-policy.ts'

const situation: Situation = {
  owner: { login: 'ada', realm: 'sales' },
  address: '192.0.2.7',
  userAgent: 'PAM/1',
  now: instant(0),
}
const undecided: Partial<Policy> = { conditions: [['HTTP Request header', 'X-Way', 'equals', 'vpn', true]] }
const noReason = (rest: Partial<Policy> = {}) => policy('a', { hide_specific_error_message: true }, rest)
const noDetail = (rest: Partial<Policy> = {}) =>
  policy('b', { no_detail_on_fail: true }, { scope: 'authorization', ...rest })

it.each<[string, readonly Policy[], string]>([
  ['everything without a policy', [], 'full'],
  ['no reason where a policy hides it', [noReason()], 'without_reason'],
  ['nothing where a policy hides the detail', [noDetail()], 'nothing'],
  ['nothing where both do', [noReason(), noDetail()], 'nothing'],
  ['no reason where that cannot be decided', [noReason(undecided)], 'without_reason'],
  ['nothing where that cannot be decided', [noReason(undecided), noDetail(undecided)], 'nothing'],
])('a rejected login tells %s', (_, policies, expected) => {
  expect(disclosurePolicy(compilePolicies(policies), situation)).toBe(expected)
})
