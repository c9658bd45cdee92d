import { describe, expect, it } from 'vitest'
import { policyConflicts } from '../../../src/rules/policy/conflicts.ts'
import { policy } from './sample-policy.ts'

const five = policy('five', { push_wait: '5' })
const six = policy('six', { push_wait: '6', push_title_on_mobile: 'Six' })

describe('two policies', () => {
  it('contradict each other where they set an action differently for the same requests', () => {
    const conflict = { kind: 'refused', action: 'push_wait', policies: ['five', 'six'], values: ['5', '6'] }
    expect(policyConflicts([five, six])).toEqual([conflict])
    expect(policyConflicts([five, six, policy('other', {})], 'six')).toEqual([conflict])
    expect(policyConflicts([five, six, policy('other', {})], 'other')).toEqual([])
  })

  it.each([
    ['the priority decides', { priority: 2 }],
    ['one does not apply', { active: false }],
    ['they are about other users', { user: ['bob'] }],
    ['they are about other addresses', { client: ['192.0.2.0/24'] }],
    ['they are about other administrators', { adminuser: ['bob'] }],
  ])('go together where %s', (_, rest) => {
    const one = { ...five, user: ['ada'], client: ['10.0.0.0/8'], adminuser: ['ada'] }
    expect(
      policyConflicts([
        one,
        policy('six', { push_wait: '6' }, { user: ['ada'], client: ['10.0.0.0/8'], adminuser: ['ada'], ...rest }),
      ]),
    ).toEqual([])
  })

  it.each([
    ['is about everybody', {}, { user: ['ada'] }],
    ['is about all its users', { user: ['ada', 'bob'] }, { user: ['ada'] }],
    ['is about a wider network', { client: ['10.0.0.0/8'] }, { client: ['10.1.0.0/16'] }],
  ])('are told where what one sets never counts, because one that takes precedence %s', (_, wide, narrow) => {
    expect(
      policyConflicts([
        policy('late', { push_wait: '6' }, { priority: 2, ...narrow }),
        policy('first', { push_wait: '5' }, wide),
      ]),
    ).toEqual([{ kind: 'never_counts', action: 'push_wait', policies: ['first', 'late'], values: ['5', '6'] }])
  })

  it.each([
    ['an exception for some', { user: ['ada'] }, {}],
    ['a rule with a condition', { conditions: [['userinfo', 'username', 'equals', 'ada', true]] }, { user: ['ada'] }],
    ['a rule for some administrators', { adminuser: ['hedy'] }, {}],
  ])('are a rule and %s', (_, exception, rule) => {
    expect(
      policyConflicts([
        policy('rule', { push_wait: '6' }, { priority: 2, ...rule }),
        policy('exception', { push_wait: '5' }, exception),
      ]),
    ).toEqual([])
  })

  it('go together where the values of all count', () => {
    const rest = { scope: 'authorization' }
    expect(
      policyConflicts([policy('one', { tokentype: 'push' }, rest), policy('other', { tokentype: 'edupush' }, rest)]),
    ).toEqual([])
  })
})
