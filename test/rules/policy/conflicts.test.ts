import { describe, expect, it } from 'vitest'
import { policyConflicts } from '../../../src/rules/policy/conflicts.ts'
import { policy } from './sample-policy.ts'

const five = policy('five', { push_wait: '5' })
const six = policy('six', { push_wait: '6', push_title_on_mobile: 'Six' })

describe('two policies', () => {
  it('contradict each other where they set an action differently for the same requests', () => {
    const conflict = { action: 'push_wait', policies: ['five', 'six'], values: ['5', '6'] }
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

  it('go together where the values of all count', () => {
    const rest = { scope: 'authorization' }
    expect(
      policyConflicts([policy('one', { tokentype: 'push' }, rest), policy('other', { tokentype: 'edupush' }, rest)]),
    ).toEqual([])
  })
})
