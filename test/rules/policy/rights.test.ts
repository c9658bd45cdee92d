import { describe, expect, it } from 'vitest'
import { compilePolicies } from '../../../src/rules/policy/policy-set.ts'
import {
  type Actor,
  type RightTarget,
  lockoutFault,
  checkRight,
  permittedRealms,
  grantedRights,
} from '../../../src/rules/policy/rights.ts'
import type { Right } from '../../../src/rules/policy/actions/rights.ts'
import { instant, type Policy } from '../../../src/vocabulary.ts'
import { policy } from './sample-policy.ts'

const hedy: Actor = {
  scope: 'admin',
  administrator: 'hedy',
  address: '192.0.2.7',
  userAgent: 'curl/8',
  now: instant(0),
}
const ada: Actor = {
  scope: 'user',
  owner: { login: 'ada', realm: 'sales' },
  address: '192.0.2.7',
  userAgent: '',
  now: instant(0),
}
const granted = (name: string, action: Policy['action'], rest: Partial<Policy> = {}): Policy =>
  policy(name, action, { scope: 'admin', ...rest })
const may = (policies: readonly Policy[], right: Right, affected: RightTarget, actor: Actor = hedy): boolean =>
  checkRight(compilePolicies(policies), actor, right, affected).ok

const OF_SALES = { login: 'ada', realm: 'sales' }
const OF_LEGAL = { login: 'bob', realm: 'legal' }

describe('a right', () => {
  it('is granted to everybody while the scope has no active policy', () => {
    expect(may([], 'delete', OF_SALES)).toBe(true)
    expect(may([granted('off', { disable: true }, { active: false })], 'delete', OF_SALES)).toBe(true)
    expect(may([granted('users', { disable: true }, { scope: 'user' })], 'delete', OF_SALES)).toBe(true)
  })

  it('of Nod’s own comes to users with the one of privacyIDEA’s that reaches further, and to administrators by its name', () => {
    const users = [granted('own', { disable: true, auditlog: true }, { scope: 'user' })]
    expect(may(users, 'pause_rings', OF_SALES, ada)).toBe(true)
    expect(may(users, 'logins_read', OF_SALES, ada)).toBe(true)
    expect(may(users, 'revoke', OF_SALES, ada)).toBe(false)
    expect(may([granted('one', { disable: true, auditlog: true })], 'pause_rings', OF_SALES)).toBe(false)
    expect(may([granted('one', { disable: true, auditlog: true })], 'logins_read', OF_SALES)).toBe(false)
  })

  it('is granted by its name or by *', () => {
    expect(may([granted('one', { disable: true })], 'disable', OF_SALES)).toBe(true)
    expect(may([granted('one', { disable: true })], 'delete', OF_SALES)).toBe(false)
    expect(may([granted('all', { '*': true })], 'delete', OF_SALES)).toBe(true)
    // Of several policies one is enough, whatever its priority.
    expect(
      may([granted('a', { disable: true }), granted('b', { delete: true }, { priority: 9 })], 'delete', OF_SALES),
    ).toBe(true)
  })

  it('about users is restricted to realms and users; one about the deployment is not', () => {
    const sales = [granted('sales', { disable: true, policywrite: true }, { realm: ['sales'] })]
    expect(may(sales, 'disable', OF_SALES)).toBe(true)
    expect(may(sales, 'disable', OF_LEGAL)).toBe(false)
    expect(may(sales, 'disable', 'nobody')).toBe(false)
    expect(may(sales, 'policywrite', 'deployment')).toBe(true)
    const one = [granted('ada', { disable: true }, { realm: ['sales'], user: ['ada'] })]
    expect(may(one, 'disable', OF_SALES)).toBe(true)
    expect(may(one, 'disable', { login: 'eve', realm: 'sales' })).toBe(false)
  })

  it.each<[Partial<Policy>, boolean]>([
    [{ adminuser: ['hedy'] }, true],
    [{ adminuser: ['HEDY'] }, false],
    [{ adminuser: ['lise'] }, false],
    [{ adminuser: ['*', '!hedy'] }, false],
    [{ adminrealm: ['*'] }, true],
    [{ adminrealm: ['sales'] }, false],
    [{ client: ['192.0.2.0/24'] }, true],
    [{ client: ['198.51.100.0/24'] }, false],
  ])('is granted to the administrators that the policy names: %j', (rest, expected) => {
    expect(may([granted('some', { disable: true }, rest)], 'disable', OF_SALES)).toBe(expected)
  })

  it('is granted to users by policies of the scope user', () => {
    const users = granted('users', { disable: true }, { scope: 'user', realm: ['sales'] })
    expect(may([users], 'disable', OF_SALES, ada)).toBe(true)
    expect(may([users], 'delete', OF_SALES, ada)).toBe(false)
    expect(may([granted('admins', { delete: true })], 'setpin', OF_SALES, ada)).toBe(true)
  })
})

it('covers the realms of the policies that grant it, and all by one without realms', () => {
  const realms = ['sales', 'legal', 'board']
  const reach = (...policies: readonly Policy[]) =>
    permittedRealms(compilePolicies(policies), hedy, 'tokenlist', realms)
  expect(reach()).toBe('everywhere')
  expect(reach(granted('all', { tokenlist: true }))).toBe('everywhere')
  expect(reach(granted('two', { tokenlist: true }, { realm: ['sales', 'legal'] }))).toEqual(['sales', 'legal'])
  expect(reach(granted('but', { tokenlist: true }, { realm: ['*', '!board'] }))).toEqual(['sales', 'legal'])
  // A policy for one user lists no realm.
  expect(reach(granted('one', { tokenlist: true }, { realm: ['sales'], user: ['ada'] }))).toEqual([])
  expect(reach(granted('other', { disable: true }))).toEqual([])
})

it('does not cover the list of a realm by a policy restricted to single users', () => {
  const reach = (more: Partial<Policy>) =>
    permittedRealms(
      compilePolicies([granted('some', { tokenlist: true }, { realm: ['sales'], ...more })]),
      hedy,
      'tokenlist',
      ['sales'],
    )
  expect(reach({ user: ['*'] })).toEqual(['sales'])
  expect(reach({ user: ['*', '!ada'] })).toEqual([])
  expect(reach({ user: ['.*'] })).toEqual([])
  expect(reach({ conditions: [['userinfo', 'email', 'equals', 'x', true, 'condition_is_true']] })).toEqual([])
})

it('the granted rights are those that apply to at least one target', () => {
  const set = compilePolicies([granted('some', { disable: true, policyread: true }, { realm: ['sales'] })])
  expect(grantedRights(set, hedy, () => true)).toEqual(['disable', 'policyread'])
  expect(grantedRights(set, hedy, (right) => right !== 'policyread')).toEqual(['disable'])
})

it('policies that lock all administrators out are noticed', () => {
  const fault = (...policies: readonly Policy[]) => lockoutFault(compilePolicies(policies), ['hedy', 'lise'], hedy)
  expect(fault()).toBeUndefined()
  expect(fault(granted('one', { policywrite: true }, { adminuser: ['lise'] }))).toBeUndefined()
  expect(fault(granted('one', { disable: true }))).toMatch(/^Nobody could write policies/)
  expect(fault(granted('one', { '*': true }, { adminuser: ['grace'] }))).toMatch(/^Nobody could write policies/)
  expect(fault(granted('one', { '*': true }, { client: ['203.0.113.1'] }))).toMatch(/^Nobody could write policies/)
})

describe('a right that is refused', () => {
  const check = (policies: readonly Policy[], right: Right, target: RightTarget, actor: Actor = hedy) =>
    checkRight(compilePolicies(policies), actor, right, target)
  const asks = [['userinfo', 'email', 'equals', 'x', true]]

  it('is named with its scope', () => {
    expect(check([granted('one', { disable: true })], 'delete', OF_SALES)).toEqual({
      ok: false,
      refusal: { reason: 'right_missing', scope: 'admin', right: 'delete' },
    })
    expect(check([granted('one', { disable: true }, { scope: 'user' })], 'delete', OF_SALES, ada)).toEqual({
      ok: false,
      refusal: { reason: 'right_missing', scope: 'user', right: 'delete' },
    })
  })

  it('is refused where a policy asks for what nobody knows, although * would grant it', () => {
    const refused = { ok: false, refusal: { reason: 'condition_unknown', policy: 'asks', about: "userinfo 'email'" } }
    const asking = granted('asks', { delete: true }, { conditions: asks })
    expect(check([asking], 'delete', OF_SALES)).toEqual(refused)
    expect(check([asking, granted('all', { '*': true })], 'delete', OF_SALES)).toEqual(refused)
    expect(check([granted('asks', { '*': true }, { conditions: asks })], 'delete', OF_SALES)).toEqual(refused)
  })

  it('is refused to a user whom no policy names, whosever token it is about', () => {
    const bobs = granted('bobs', { disable: true }, { scope: 'user', realm: ['legal'], user: ['bob'] })
    expect(check([bobs], 'disable', OF_LEGAL, ada).ok).toBe(false)
    expect(check([bobs], 'disable', 'deployment', ada).ok).toBe(false)
    expect(check([bobs], 'disable', 'nobody', ada).ok).toBe(false)
    expect(check([bobs], 'disable', OF_SALES, { ...ada, owner: OF_LEGAL }).ok).toBe(true)
  })

  it('is refused by policies of the scope admin to whoever has no login', () => {
    const { administrator, ...nameless } = hedy
    expect(administrator).toBe('hedy')
    expect(check([granted('some', { disable: true }, { adminuser: ['*'] })], 'disable', OF_SALES, nameless).ok).toBe(
      false,
    )
  })

  it('is not listed among those that are granted', () => {
    const set = compilePolicies([
      granted('some', { disable: true }, { adminuser: ['lise'] }),
      granted('b', { enable: true }),
    ])
    expect(grantedRights(set, hedy, () => true)).toEqual(['enable'])
    const users = compilePolicies([
      granted('legal', { disable: true }, { scope: 'user', realm: ['legal'] }),
      granted('sales', { enable: true }, { scope: 'user', realm: ['sales'] }),
    ])
    expect(grantedRights(users, ada, () => true)).toEqual(['enable'])
  })
})

it('a condition on one user or token does not cover the list of a realm; one on the request does', () => {
  const reach = (...condition: unknown[]) =>
    permittedRealms(
      compilePolicies([granted('some', { tokenlist: true }, { realm: ['sales'], conditions: [condition] })]),
      hedy,
      'tokenlist',
      ['sales', 'legal'],
    )
  for (const section of ['userinfo', 'token', 'tokeninfo'])
    expect(reach(section, 'username', 'equals', 'x', true, 'condition_is_true')).toEqual([])
  expect(reach('HTTP Request header', 'X-Zone', 'equals', 'x', true, 'condition_is_true')).toEqual(['sales'])
  expect(reach('HTTP Request header', 'X-Zone', 'equals', 'x', true, 'condition_is_false')).toEqual([])
})

it('policies do not lock administrators out if one of them may write policies by *', () => {
  const fault = (...policies: readonly Policy[]) => lockoutFault(compilePolicies(policies), ['hedy', 'lise'], hedy)
  expect(fault(granted('one', { '*': true }, { adminuser: ['lise'], realm: ['sales'] }))).toBeUndefined()
  expect(lockoutFault(compilePolicies([granted('one', { '*': true })]), [], hedy)).toMatch(
    /^Nobody could write policies/,
  )
})
