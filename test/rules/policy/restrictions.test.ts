/** Restrictions at their limits: a policy that applies to one user, minute or client too many. */
import { describe, expect, it } from 'vitest'
import { checkPolicy } from '../../../src/rules/policy/check-policy.ts'
import type { ConditionLookup } from '../../../src/rules/policy/conditions.ts'
import { assessPolicies, compilePolicies, singleValue, type Situation } from '../../../src/rules/policy/policy-set.ts'
import { realmFault } from '../../../src/rules/policy/restriction-faults.ts'
import { wallClock } from '../../../src/rules/policy/wall-clock.ts'
import { instant, type Policy } from '../../../src/vocabulary.ts'
import { policy } from './sample-policy.ts'

/** A Tuesday. */
const now = instant(Date.UTC(2026, 10, 24, 7, 9, 4))
const nobody: Situation = { address: '192.0.2.7', userAgent: 'PAM/1', now }
const faultOf = (rest: Partial<Policy>): string | undefined => {
  const checked = checkPolicy(policy('p', { push_wait: '5' }, rest))
  return checked.ok || checked.refusal.reason !== 'policy_invalid' ? undefined : checked.refusal.why
}
const ask = (rest: Partial<Policy>, situation: Situation, settings = {}) => {
  expect(faultOf(rest)).toBeUndefined()
  const set = compilePolicies([policy('p', { push_wait: '5' }, rest)], settings)
  return singleValue(set, 'authentication', 'push_wait', situation)
}
const applies = (rest: Partial<Policy>, situation: Situation, settings = {}): boolean => {
  const found = ask(rest, situation, settings)
  return found.ok && found.value === '5'
}

describe('the times of a policy', () => {
  it.each<[string, string, boolean, string?]>([
    ['Wed-Fri: 8-17', '2026-11-24T09:00:00Z', false],
    ['Wed-Fri: 8-17', '2026-11-25T09:00:00Z', true],
    ['Mon-Tue: 8-17', '2026-11-25T09:00:00Z', false],
    ['Tue-Tue: 8-17', '2026-11-24T09:00:00Z', true],
    ['Tue: 8-8', '2026-11-24T08:00:59Z', true],
    ['Tue: 8-8', '2026-11-24T08:01:00Z', false],
    ['Tue: 8-17', '2026-11-24T17:00:59Z', true],
    ['Tue: 8-17', '2026-11-24T17:01:00Z', false],
    ['Tue: 8-8:15', '2026-11-24T07:15:00Z', true, 'Europe/Berlin'],
    ['Tue: 8-8:15', '2026-11-24T07:16:00Z', false, 'Europe/Berlin'],
    ['Tue: 0-0:30', '2026-11-23T23:30:00Z', true, 'Europe/Berlin'],
    ['Mon: 23-23:59', '2026-11-23T23:30:00Z', false, 'Europe/Berlin'],
  ])('%s at %s: %s (%s)', (time, moment, expected, zone) => {
    const situation = { ...nobody, now: instant(Date.parse(moment)) }
    expect(applies({ time }, situation, zone === undefined ? {} : { PolicyTimeZone: zone })).toBe(expected)
  })

  it.each(['Xyz: 8-9', 'Xyz-Fri: 8-9', 'Mon-Xyz: 8-9', '8-9', 'Mon', 'Mon: 8', 'Monday: 8-9', 'Mon: 8-9 Tue: 8-9'])(
    'cannot be %s',
    (time) => {
      expect(faultOf({ time })).toBe(`time: '${time}' is no time such as Mon-Fri: 8:00-17:30`)
    },
  )

  it('are refused as a whole if one of them cannot be read, which is named without its blanks', () => {
    expect(faultOf({ time: 'Mon: 8-9, Fri-Mon: 8-9 ' })).toBe("time: 'Fri-Mon: 8-9' ends before it begins")
    expect(faultOf({ time: 'Mon: 8-9, ever ' })).toBe("time: 'ever' is no time such as Mon-Fri: 8:00-17:30")
  })

  it('never come if a policy kept by an older version states none that can be read', () => {
    const set = compilePolicies([policy('p', { push_wait: '5' }, { time: 'Fri-Mon: 8-17' })])
    expect(singleValue(set, 'authentication', 'push_wait', nobody)).toEqual({ ok: true, value: undefined })
  })

  it('need a time zone that there is', () => {
    expect(wallClock('Mars/Olympus')).toBeUndefined()
    expect(wallClock('Asia/Kathmandu')?.(now)).toEqual({ day: 1, minute: 12 * 60 + 54 })
    expect(wallClock('UTC')?.(now)).toEqual({ day: 1, minute: 7 * 60 + 9 })
  })
})

describe('a list of names or clients', () => {
  it('does not exclude everybody, which would exclude nobody but a user called *', () => {
    for (const entry of ['!*', '-*', '! *'])
      for (const field of ['user', 'realm'] as const)
        expect(faultOf({ [field]: ['*', entry] })).toBe(
          `${field}: '${entry}' would exclude who is called exactly so; an exclusion is no pattern`,
        )
  })

  it('may have blanks after the sign of an exclusion', () => {
    const ada = { ...nobody, owner: { login: 'ada', realm: 'sales' } }
    expect(applies({ user: ['*', '! ada'] }, ada)).toBe(false)
    expect(applies({ client: ['192.0.2.0/24', '- 192.0.2.7'] }, nobody)).toBe(false)
    expect(applies({ resolver: ['*', '! nod'] }, ada)).toBe(false)
  })

  it('applies to nobody where there is no user, or no administrator', () => {
    expect(applies({ user: ['Ada'], userCaseInsensitive: true }, nobody)).toBe(false)
    const may = (rest: Partial<Policy>) =>
      singleValue(
        compilePolicies([policy('p', { enable: true }, { scope: 'admin', ...rest })]),
        'admin',
        'enable',
        nobody,
      )
    expect(may({ adminuser: ['*'], userCaseInsensitive: true })).toEqual({ ok: true, value: undefined })
    expect(may({ adminrealm: ['*'] })).toEqual({ ok: true, value: undefined })
    expect(may({ adminrealm: ['.*'], userCaseInsensitive: true })).toEqual({ ok: true, value: undefined })
  })

  it('does not include a user who is called like an exclusion', () => {
    expect(applies({ user: ['ada', '!bob'] }, { ...nobody, owner: { login: '!bob', realm: 'sales' } })).toBe(false)
  })

  it('is refused for any of its entries', () => {
    expect(faultOf({ user: ['ada', '(bob'] })).toBe("user: '(bob': '(' is not closed")
    expect(faultOf({ client: ['10.0.0.1', '10.0.0'] })).toMatch(/^client: '10.0.0' is neither/)
  })

  it('names the only resolver, and nothing that looks like it', () => {
    expect(faultOf({ resolver: ['nod', '*', '!nod', '-nod'] })).toBeUndefined()
    for (const entry of ['xnod', 'nodx', '*x', '!x', '!*'])
      expect(faultOf({ resolver: [entry] })).toBe(`resolver: '${entry}': the only resolver is nod`)
  })

  it('names clients by the first word of their User-Agent only', () => {
    for (const userAgent of ['(compatible) PAM/1', 'curl/8 PAM/1', ' PAM/1', 'x.PAM/1'])
      expect(applies({ userAgents: ['PAM'] }, { ...nobody, userAgent })).toBe(false)
    expect(applies({ userAgents: ['PAM'] }, { ...nobody, userAgent: 'PAM 1.2' })).toBe(true)
    for (const name of ['-PAM', 'PAM 1', 'P.M', '']) expect(faultOf({ userAgents: [name] })).toMatch(/^user_agents: /)
  })

  it('that an older version kept with an entry it cannot read applies to the other entries only', () => {
    const kept = (rest: Partial<Policy>) =>
      singleValue(compilePolicies([policy('p', { push_wait: '5' }, rest)]), 'authentication', 'push_wait', {
        ...nobody,
        owner: { login: 'ada', realm: 'sales' },
      })
    expect(kept({ client: ['anywhere'] })).toEqual({ ok: true, value: undefined })
    expect(kept({ client: ['anywhere', '192.0.2.7'] })).toEqual({ ok: true, value: '5' })
    expect(kept({ user: ['(ada'] })).toEqual({ ok: true, value: undefined })
    expect(kept({ user: ['(ada', 'ada'] })).toEqual({ ok: true, value: '5' })
  })

  it('names administrators in any case if the policy says so', () => {
    const may = (adminuser: string[], administrator: string, userCaseInsensitive: boolean): boolean => {
      const set = compilePolicies([policy('p', { enable: true }, { scope: 'admin', adminuser, userCaseInsensitive })])
      const found = singleValue(set, 'admin', 'enable', { ...nobody, administrator })
      return found.ok && found.value === true
    }
    expect(may(['Root'], 'rOOT', true)).toBe(true)
    expect(may(['Root'], 'rOOT', false)).toBe(false)
    expect(may(['*', '!Root'], 'rOOT', true)).toBe(false)
    expect(may(['Root'], 'root2', true)).toBe(false)
  })

  it('of administrators restricts policies of the scopes admin and webui only', () => {
    const why = 'adminrealm and adminuser restrict policies of the scopes admin and webui'
    expect(faultOf({ adminrealm: ['x'] })).toBe(why)
    const may = (scope: string, action: Policy['action'], rest: Partial<Policy>) =>
      checkPolicy(policy('p', action, { scope, ...rest })).ok
    expect(may('admin', { enable: true }, { adminuser: ['root'] })).toBe(true)
    expect(may('webui', { logout_time: '60' }, { adminrealm: ['*'] })).toBe(true)
    expect(may('user', { enable: true }, { adminuser: ['root'] })).toBe(false)
    expect(may('admin', { enable: true }, { adminuser: ['(root'] })).toBe(false)
    expect(may('admin', { enable: true }, { adminrealm: ['(root'] })).toBe(false)
  })

  it('names only realms that there are, in any case', () => {
    const realms = new Set(['sales', 'legal'])
    const fault = (...realm: string[]) => realmFault(policy('p', {}, { realm }), realms)
    expect(fault()).toBeUndefined()
    expect(fault('*', 'Sales', '!LEGAL', 'b.*')).toBeUndefined()
    expect(fault('sales', 'board', '!hr')).toBe(
      "Undefined User-realms: ['board', 'hr']! POST /realm/<realm> creates a realm.",
    )
  })
})

describe('a condition', () => {
  const facts: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    userinfo: { givenname: 'Ada', surname: null, email: 'x'.repeat(2_000), username: 'x'.repeat(2_001) },
    token: { failcount: 3, active: false, realms: ['realm1', 'sales'], description: '' },
    tokeninfo: {
      at: '2026-11-24T07:09:04Z',
      day_ago: '2026-11-23T07:09:04Z',
      batch: 'a17',
      quoted: 'x"a"',
      half: '"a"x',
      spaced: ' 17 ',
    },
  }
  const lookup: ConditionLookup = (section, key) => facts[section]?.[key]
  const informed = { ...nobody, lookup }
  const outcome = (...condition: readonly string[]) => {
    const found = ask({ conditions: [[...condition, true]] }, informed)
    return found.ok ? found.value === '5' : found.refusal.reason
  }

  it.each<[string, string, string, string, boolean | string]>([
    ['token', 'failcount', '<', '3', false],
    ['token', 'failcount', '<', ' 4 ', true],
    ['token', 'failcount', '>', '2', true],
    ['token', 'failcount', '>', '-1', true],
    ['tokeninfo', 'spaced', '>', '16', true],
    ['tokeninfo', 'batch', '>', '1', 'condition_unknown'],
    ['token', 'active', 'equals', 'False', true],
    ['token', 'realms', 'equals', 'realm1,sales', 'condition_unknown'],
    ['token', 'realms', '!equals', 'x', 'condition_unknown'],
    ['token', 'realms', 'contains', 'sale', false],
    ['token', 'description', 'in', 'a,,b', false],
    ['userinfo', 'surname', '!equals', 'x', 'condition_unknown'],
    ['userinfo', 'givenname', 'in', 'Ada , Bob', true],
    ['userinfo', 'givenname', 'in', '"Ada" , Bob', true],
    ['tokeninfo', 'quoted', 'in', 'x"a"', true],
    ['tokeninfo', 'half', 'in', '"a"x', true],
    ['userinfo', 'email', 'matches', 'x+', true],
    ['userinfo', 'username', 'matches', 'x+', 'condition_unknown'],
    ['userinfo', 'username', '!equals', 'x', 'condition_unknown'],
    ['tokeninfo', 'at', 'date_before', '2026-11-24T07:09:04Z', false],
    ['tokeninfo', 'at', 'date_after', '2026-11-24T07:09:04Z', false],
    ['tokeninfo', 'at', 'date_after', '2026-11-24T07:09:03Z', true],
    ['tokeninfo', 'at', 'date_after', '2026-11-24T07:09:05Z', false],
    ['tokeninfo', 'at', 'date_before', '2026-11-24T07:09:03Z', false],
    ['tokeninfo', 'day_ago', 'date_within_last', '1d', false],
    ['tokeninfo', 'day_ago', 'date_within_last', '86401s', true],
    ['tokeninfo', 'batch', 'date_within_last', '1d', 'condition_unknown'],
    ['tokeninfo', 'batch', '!date_within_last', '1d', 'condition_unknown'],
  ])('%s %s %s %j: %s', (section, key, comparator, value, expected) => {
    expect(outcome(section, key, comparator, value)).toBe(expected)
  })

  it.each<[readonly unknown[], RegExp]>([
    [['userinfo', 'email', 'equals', 'x', true, 'raise_error', 1], /a condition is \[section/],
    [['token', 'failcount', '<', '5x', true], /'5x' is not a whole number/],
    [['token', 'failcount', '<', 'x5', true], /'x5' is not a whole number/],
    [['tokeninfo', 'realms', 'contains', 'x', true], /contains compares lists/],
    [['token', 'serial', '!contains', 'x', true], /!contains compares lists/],
    [[5, 'email', 'equals', 'x', true], /are texts of 1 to 500 characters/],
    [['userinfo', 5, 'equals', 'x', true], /are texts of 1 to 500 characters/],
    [['userinfo', 'email', 5, 'x', true], /are texts of 1 to 500 characters/],
    [['userinfo', 'email', 'equals', 'x'.repeat(501), true], /are texts of 1 to 500 characters/],
    [['userinfo', 'email', '!matches', '(?=x)', true], /'\(\?=' looks around/],
    [['tokeninfo', 'at', '!date_within_last', '1w', true], /'1w' is no span/],
    [['HTTP Request header', 'cookie', 'matches', '.*', true], /'cookie' is not known/],
    [['HTTP Environment', 'HTTP_COOKIE', 'matches', '.*', true], /'HTTP_COOKIE' is not known/],
  ])('cannot be %j', (condition, why) => {
    expect(faultOf({ conditions: [condition] })).toMatch(why)
  })

  it('that is not met is shown with what the request has', () => {
    const restricted = policy(
      'p',
      { push_wait: '5' },
      { conditions: [['userinfo', 'givenname', 'equals', 'Bob', true]] },
    )
    expect(assessPolicies(compilePolicies([restricted]), 'authentication', informed)).toEqual([
      {
        policy: restricted,
        unmet: [
          { field: 'conditions', expected: "userinfo 'givenname' equals 'Bob'", actual: '"Ada"', isUnknown: false },
        ],
      },
    ])
  })

  it('may have a value of 500 characters', () => {
    expect(faultOf({ conditions: [['userinfo', 'email', 'equals', 'x'.repeat(500), true]] })).toBeUndefined()
  })

  it('on the info of a token is refused in the scope enrollment; one on the user is not', () => {
    const checked = (section: string, key: string) =>
      checkPolicy(
        policy('p', { push_ttl: '5' }, { scope: 'enrollment', conditions: [[section, key, 'equals', 'x', true]] }),
      ).ok
    expect(checked('tokeninfo', 'batch')).toBe(false)
    expect(checked('userinfo', 'email')).toBe(true)
  })

  it('on the token makes decisions differ from one token to the next', () => {
    const concernsTokens = (...conditions: unknown[][]) =>
      compilePolicies([
        policy('a', { push_wait: '5' }, { client: ['10.0.0.0/8'] }),
        policy('b', { push_wait: '5' }, { conditions }),
      ]).concernsTokens
    expect(concernsTokens()).toBe(false)
    expect(concernsTokens(['userinfo', 'email', 'equals', 'x', true])).toBe(false)
    expect(concernsTokens(['token', 'serial', 'equals', 'x', false])).toBe(false)
    expect(concernsTokens(['token', 'serial', 'equals', 'x', true])).toBe(true)
    expect(
      concernsTokens(['userinfo', 'email', 'equals', 'x', true], ['tokeninfo', 'batch', 'equals', 'x', true]),
    ).toBe(true)
  })

  it('that an older version kept and that cannot be read is never met', () => {
    const kept = policy('p', { push_wait: '5' }, { conditions: [['container', 'type', 'equals', 'x', true]] })
    expect(singleValue(compilePolicies([kept]), 'authentication', 'push_wait', informed)).toEqual({
      ok: true,
      value: undefined,
    })
  })
})
