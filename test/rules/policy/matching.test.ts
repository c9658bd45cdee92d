/** docs/protocol.md, "Matching", line by line: for whom, where and when a policy applies. */
import { describe, expect, it } from 'vitest'
import { checkPolicy } from '../../../src/rules/policy/check-policy.ts'
import type { ConditionLookup } from '../../../src/rules/policy/conditions.ts'
import {
  compilePolicies,
  singleValue,
  type Situation,
  type UnmetRestriction,
  assessPolicies,
} from '../../../src/rules/policy/policy-set.ts'
import { instant, type Policy } from '../../../src/vocabulary.ts'
import { policy } from './sample-policy.ts'

const ada = { login: 'ada', realm: 'Realm1' }
/** A Tuesday. */
const now = instant(Date.UTC(2026, 10, 24, 7, 9, 4))
const at = (address: string, owner: Situation['owner'] = ada): Situation => ({
  ...(owner && { owner }),
  address,
  userAgent: 'PAM/1',
  now,
})
const nobody: Situation = { address: '192.0.2.7', userAgent: 'PAM/1', now }
const owned = (login: string, realm = 'realm1'): Situation => at('192.0.2.7', { login, realm })

/** Whether a policy with these restrictions applies in the situation. */
const applies = (rest: Partial<Policy>, situation: Situation, settings = {}): boolean => {
  const written = policy('p', { push_wait: '5' }, rest)
  expect(checkPolicy(written)).toMatchObject({ ok: true })
  const found = singleValue(compilePolicies([written], settings), 'authentication', 'push_wait', situation)
  return found.ok && found.value === '5'
}

describe('matching', () => {
  it.each<[string, Partial<Policy>, Situation, boolean]>([
    ['applies to everyone without restrictions', {}, nobody, true],
    ['does not apply while inactive', { active: false }, at('192.0.2.7'), false],
    ['applies to its realm in any case', { realm: ['rEALM1'] }, at('192.0.2.7'), true],
    ['does not apply to another realm', { realm: ['realm2'] }, at('192.0.2.7'), false],
    ['applies to its user', { user: ['bob', 'ada'] }, at('192.0.2.7'), true],
    ['does not apply to another user', { user: ['bob'] }, at('192.0.2.7'), false],
    ['tells users apart by case', { user: ['Ada'] }, at('192.0.2.7'), false],
    [
      'ignores the case of users with user_case_insensitive',
      { user: ['Ada'], userCaseInsensitive: true },
      at('192.0.2.7'),
      true,
    ],
    ['applies to every user by *', { user: ['*'] }, at('192.0.2.7'), true],
    ['excludes a user by !', { user: ['*', '!ada'] }, at('192.0.2.7'), false],
    ['excludes a user by -', { user: ['*', '-ada'] }, at('192.0.2.7'), false],
    [
      'excludes a user in any case with user_case_insensitive',
      { user: ['*', '!ADA'], userCaseInsensitive: true },
      at('192.0.2.7'),
      false,
    ],
    ['excludes a user that it names as well', { user: ['ada', '!ada'] }, at('192.0.2.7'), false],
    ['applies to those not excluded', { user: ['*', '!bob'] }, at('192.0.2.7'), true],
    ['applies to nobody with exclusions alone', { user: ['!bob'] }, at('192.0.2.7'), false],
    ['excludes a realm', { realm: ['*', '!realm1'] }, at('192.0.2.7'), false],
    ['needs an owner if it names a realm', { realm: ['*'] }, nobody, false],
    ['needs an owner if it names a user', { user: ['*'] }, nobody, false],
    ['applies to its client', { client: ['192.0.2.7'] }, nobody, true],
    ['does not apply to another client', { client: ['192.0.2.8'] }, nobody, false],
    ['applies to a block of clients', { client: ['192.0.2.0/29'] }, nobody, true],
    ['does not apply outside the block', { client: ['192.0.2.0/30'] }, nobody, false],
    ['ignores the bits of a block after its prefix', { client: ['192.0.2.6/31'] }, nobody, true],
    ['applies to every IPv4 client by /0', { client: ['0.0.0.0/0'] }, nobody, true],
    ['applies to no IPv6 client by an IPv4 block', { client: ['0.0.0.0/0'] }, at('2001:db8::7'), false],
    ['excludes a client', { client: ['192.0.2.0/24', '!192.0.2.7'] }, nobody, false],
    ['excludes a block of clients', { client: ['192.0.2.0/24', '-192.0.2.4/30'] }, nobody, false],
    ['applies to no client with exclusions alone', { client: ['!10.0.0.0/8'] }, nobody, false],
    ['applies to an IPv6 client however it is written', { client: ['2001:DB8:0:0::7'] }, at('2001:db8::0007'), true],
    ['applies to an IPv6 block', { client: ['2001:db8::/32'] }, at('2001:db8:1::1'), true],
    ['reads a mapped address as the IPv4 one', { client: ['192.0.2.0/24'] }, at('::ffff:192.0.2.7'), true],
    ['reads a mapped block as the IPv4 one', { client: ['::ffff:192.0.2.0/120'] }, nobody, true],
    ['applies to no client without an address', { client: ['0.0.0.0/0'] }, at(''), false],
    ['needs every restriction to be met', { realm: ['realm1'], client: ['10.0.0.0/8'] }, at('192.0.2.7'), false],
  ])('%s', (_, rest, situation, expected) => {
    expect(applies(rest, situation)).toBe(expected)
  })
})

describe('names', () => {
  it.each<[string, Partial<Policy>, Situation, boolean]>([
    ['a pattern matches the whole name', { user: ['ad.*'] }, owned('ada'), true],
    ['and not for a part of it', { user: ['user1+'] }, owned('user12'), false],
    ['a full stop alone is no pattern', { user: ['ada.lovelace'] }, owned('adaxlovelace'), false],
    ['but the name it is', { user: ['ada.lovelace'] }, owned('ada.lovelace'), true],
    ['a pattern distinguishes upper and lower case', { user: ['AD.*'] }, owned('ada'), false],
    ['unless the policy ignores case', { user: ['AD.*'], userCaseInsensitive: true }, owned('ada'), true],
    ['or the pattern', { user: ['(?i)AD.*'] }, owned('ada'), true],
    ['a pattern of realms ignores case', { realm: ['REALM\\d'] }, owned('ada'), true],
    ['an exclusion takes precedence over a pattern', { user: ['a.*', '!ada'] }, owned('ada'), false],
    ['a name beside a pattern', { user: ['bob', 'a.*'] }, owned('bob'), true],
    ['a login with letters beyond ASCII', { user: ['\\w+'] }, owned('jürgen'), true],
    ['the only resolver', { resolver: ['nod'] }, owned('ada'), true],
    ['every resolver', { resolver: ['*'] }, owned('ada'), true],
    ['every resolver except the only one', { resolver: ['*', '!nod'] }, owned('ada'), false],
    ['a resolver, without an owner', { resolver: ['nod'] }, nobody, false],
    ['all resolvers of a user', { resolver: ['nod'], checkAllResolvers: true }, owned('ada'), true],
    ['a client by its name', { userAgents: ['pam'] }, nobody, true],
    ['another client', { userAgents: ['privacyidea-cp', 'FreeRADIUS'] }, nobody, false],
    ['a client without a version', { userAgents: ['PAM'] }, { ...nobody, userAgent: 'PAM' }, true],
    ['a client whose name is longer', { userAgents: ['PAM'] }, { ...nobody, userAgent: 'PAMphlet/1' }, false],
    ['no client at all', { userAgents: ['PAM'] }, { ...nobody, userAgent: '' }, false],
    [
      'users do not restrict what is about no user',
      { user: ['bob'], realm: ['x'] },
      { ...nobody, concernsNoUser: true },
      true,
    ],
  ])('%s', (_, rest, situation, expected) => {
    expect(applies(rest, situation)).toBe(expected)
  })

  it.each<[string, Partial<Policy>, Partial<Situation>, boolean]>([
    ['an administrator', { adminuser: ['root'] }, { administrator: 'root' }, true],
    ['another administrator', { adminuser: ['root'] }, { administrator: 'grace' }, false],
    ['administrators by a pattern', { adminuser: ['gr.*'] }, { administrator: 'grace' }, true],
    ['no administrator', { adminuser: ['*'] }, {}, false],
    ['any realm of administrators', { adminrealm: ['*'] }, { administrator: 'grace' }, true],
    ['a realm of administrators, of which Nod has none', { adminrealm: ['super'] }, { administrator: 'grace' }, false],
  ])('in the scope admin: %s', (_, rest, acting, expected) => {
    const set = compilePolicies([policy('p', { enable: true }, { scope: 'admin', ...rest })])
    const found = singleValue(set, 'admin', 'enable', { ...nobody, ...acting })
    expect(found.ok && found.value === true).toBe(expected)
  })
})

describe('times', () => {
  it.each<[string, string, boolean, string?]>([
    ['Mon-Fri: 8:00-17:30', '2026-11-24T08:00:00Z', true],
    ['Mon-Fri: 8:00-17:30', '2026-11-24T07:59:59Z', false],
    ['Mon-Fri: 8:00-17:30', '2026-11-24T17:30:59Z', true],
    ['Mon-Fri: 8:00-17:30', '2026-11-24T17:31:00Z', false],
    ['Mon-Fri: 8:00-17:30', '2026-11-28T09:00:00Z', false],
    ['Mon-Fri: 8:00-17:30, Sat: 9-12', '2026-11-28T09:00:00Z', true],
    ['mon-fri:8-17,sun:0-23:59', '2026-11-29T23:59:00Z', true],
    ['Thu: 0-0:30', '1970-01-01T00:15:00Z', true],
    ['Tue: 8-9', '2026-11-24T07:30:00Z', true, 'Europe/Berlin'],
    ['Tue: 8-9', '2026-07-07T06:30:00Z', true, 'Europe/Berlin'],
    ['Tue: 0-1', '2026-11-23T23:30:00Z', true, 'Europe/Berlin'],
    ['Mon: 20-23:59', '2026-11-24T03:30:00Z', true, 'America/New_York'],
    ['Tue: 8-9', '2026-11-24T07:30:00Z', false],
  ])('%s at %s: %s (%s)', (time, moment, expected, zone) => {
    const situation = { ...nobody, now: instant(Date.parse(moment)) }
    expect(applies({ time }, situation, zone === undefined ? {} : { PolicyTimeZone: zone })).toBe(expected)
  })
})

describe('conditions', () => {
  const facts: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    userinfo: { email: 'ada@example.test', givenname: 'Ada' },
    token: { failcount: 3, active: true, realms: ['realm1', 'sales'], description: '' },
    tokeninfo: { last_auth: '2026-11-20 07:00:00.123000+0000', batch: '17', kind: 'a, b' },
    'HTTP Request header': { 'X-Zone': 'office' },
  }
  const lookup: ConditionLookup = (section, key) => facts[section]?.[key]
  const informed = { ...nobody, lookup }

  it.each<[string, string, string, string, boolean]>([
    ['userinfo', 'givenname', 'equals', 'Ada', true],
    ['userinfo', 'givenname', 'equals', 'ada', false],
    ['userinfo', 'givenname', '!equals', 'Bob', true],
    ['userinfo', 'email', 'matches', '.*@example\\.test', true],
    ['userinfo', 'email', 'matches', 'ada', false],
    ['userinfo', 'email', '!matches', '.*@other', true],
    ['userinfo', 'email', 'string_contains', 'EXAMPLE', true],
    ['userinfo', 'email', '!string_contains', 'other', true],
    ['userinfo', 'givenname', 'in', 'Bob, Ada', true],
    ['userinfo', 'givenname', 'in', 'Adam, Bob', false],
    ['userinfo', 'givenname', '!in', 'Bob,Carol', true],
    ['tokeninfo', 'kind', 'in', String.raw`"a, b", c`, true],
    ['tokeninfo', 'kind', 'in', String.raw`x, a\, b`, true],
    ['token', 'failcount', '<', '4', true],
    ['token', 'failcount', '>', '3', false],
    ['token', 'failcount', 'equals', '3', true],
    ['token', 'active', 'equals', 'True', true],
    ['token', 'description', 'equals', 'x', false],
    ['token', 'realms', 'contains', 'sales', true],
    ['token', 'realms', '!contains', 'sales', false],
    ['tokeninfo', 'batch', '>', '9', true],
    ['tokeninfo', 'last_auth', 'date_before', '2026-11-21', true],
    ['tokeninfo', 'last_auth', 'date_after', '2026-11-20T08:00:00+02:00', true],
    ['tokeninfo', 'last_auth', 'date_within_last', '7d', true],
    ['tokeninfo', 'last_auth', 'date_within_last', '4d', false],
    ['tokeninfo', 'last_auth', '!date_within_last', '15m', true],
    ['HTTP Request header', 'X-Zone', 'equals', 'office', true],
  ])('%s %s %s %j: %s', (section, key, comparator, value, expected) => {
    expect(applies({ conditions: [[section, key, comparator, value, true]] }, informed)).toBe(expected)
  })

  it('all have to be met, except those that are inactive', () => {
    const met = ['userinfo', 'givenname', 'equals', 'Ada', true]
    const unmet = ['userinfo', 'givenname', 'equals', 'Bob', true]
    expect(applies({ conditions: [met, met] }, informed)).toBe(true)
    expect(applies({ conditions: [met, unmet] }, informed)).toBe(false)
    expect(applies({ conditions: [met, ['nosuch', '', 'is', '', false]] }, informed)).toBe(true)
  })

  describe('without a value to compare', () => {
    const about = (missing?: string) =>
      policy(
        'p',
        { push_wait: '5' },
        { conditions: [['tokeninfo', 'nosuch', '!equals', 'x', true, ...(missing === undefined ? [] : [missing])]] },
      )
    const ask = (one: Policy, situation: Situation) =>
      singleValue(compilePolicies([one]), 'authentication', 'push_wait', situation)
    const refused = { ok: false, refusal: { reason: 'condition_unknown', policy: 'p', about: "tokeninfo 'nosuch'" } }

    it('are an error, unless the policy says whether they count as met', () => {
      expect(ask(about(), informed)).toEqual(refused)
      expect(ask(about('raise_error'), nobody)).toEqual(refused)
      expect(ask(about('condition_is_true'), informed)).toEqual({ ok: true, value: '5' })
      expect(ask(about('condition_is_false'), nobody)).toEqual({ ok: true, value: undefined })
    })

    it('are no error if another restriction is not met', () => {
      expect(ask({ ...about(), client: ['10.0.0.1'] }, informed)).toEqual({ ok: true, value: undefined })
      const both = [...about().conditions, ['userinfo', 'givenname', 'equals', 'Bob', true]]
      expect(ask({ ...about(), conditions: both }, informed)).toEqual({ ok: true, value: undefined })
    })

    it('are no error if a policy of higher priority decides', () => {
      const first = policy('first', { push_wait: '1' })
      const set = compilePolicies([{ ...about(), priority: 2 }, first])
      expect(singleValue(set, 'authentication', 'push_wait', nobody)).toEqual({ ok: true, value: '1' })
    })

    it('treat a value of the wrong kind as missing', () => {
      const compared = (comparator: string, value: string) =>
        ask(
          policy('p', { push_wait: '5' }, { conditions: [['userinfo', 'givenname', comparator, value, true]] }),
          informed,
        ).ok
      expect(compared('<', '4')).toBe(false)
      expect(compared('date_before', '2026-11-21')).toBe(false)
      expect(compared('equals', 'Ada')).toBe(true)
    })
  })

  it.each<[unknown, string]>([
    ['userinfo', 'a condition is [section, key, comparator, value, active] and, if need be, handle_missing'],
    [
      ['userinfo', 'email', 'equals', 'x'],
      'a condition is [section, key, comparator, value, active] and, if need be, handle_missing',
    ],
    [['userinfo', 'email', 'equals', 'x', 'yes'], 'whether a condition is active is true or false'],
    [['userinfo', 'email', 'equals', '', true], 'section, key, comparator and value are texts of 1 to 500 characters'],
    [['userinfo', 'email', 'equals', 5, true], 'section, key, comparator and value are texts of 1 to 500 characters'],
    [['container', 'type', 'equals', 'x', true], "'container': Nod has no containers"],
    [['container_info', 'x', 'equals', 'x', true], "'container_info': Nod has no containers"],
    [['nosuch', 'x', 'equals', 'x', true], "there is no section 'nosuch'"],
    [['constructor', 'x', 'equals', 'x', true], "there is no section 'constructor'"],
    [
      ['userinfo', 'memberOf', 'equals', 'x', true],
      "userinfo: 'memberOf' is not known; there are username, userid, givenname, surname, email",
    ],
    [['Request Data', 'pass', 'equals', 'x', true], "Request Data: 'pass' is not known; there are user, realm"],
    [
      ['HTTP Environment', 'PATH_INFO', 'equals', 'x', true],
      "HTTP Environment: 'PATH_INFO' is not known; there are REMOTE_ADDR and HTTP_<header>",
    ],
    [
      ['HTTP Environment', 'HTTP_AUTHORIZATION', 'equals', 'x', true],
      "HTTP Environment: 'HTTP_AUTHORIZATION' is not known; there are REMOTE_ADDR and HTTP_<header>",
    ],
    [
      ['HTTP Request header', 'PI-Authorization', 'matches', '.*', true],
      "HTTP Request header: 'PI-Authorization' is not known; there are the headers of a request but Authorization, PI-Authorization and Cookie",
    ],
    [
      ['userinfo', 'email', 'resembles', 'x', true],
      "userinfo 'email': 'resembles' compares nothing; there are equals !equals contains !contains matches !matches in !in string_contains !string_contains date_within_last !date_within_last < > date_before date_after",
    ],
    [
      ['userinfo', 'email', '!<', '1', true],
      "userinfo 'email': '!<' compares nothing; there are equals !equals contains !contains matches !matches in !in string_contains !string_contains date_within_last !date_within_last < > date_before date_after",
    ],
    [['userinfo', 'email', 'contains', 'x', true], "contains compares lists, and of these there is token 'realms'"],
    [['userinfo', 'email', 'matches', '(?=x)', true], "userinfo 'email': '(?=' looks around"],
    [['token', 'failcount', '<', 'many', true], "token 'failcount': 'many' is not a whole number"],
    [
      ['tokeninfo', 'last_auth', 'date_before', 'soon', true],
      "tokeninfo 'last_auth': 'soon' is not a date such as 2026-11-24T08:00+01:00",
    ],
    [
      ['tokeninfo', 'last_auth', 'date_within_last', '1w', true],
      "tokeninfo 'last_auth': '1w' is no span such as 1y, 7d, 6h or 15m",
    ],
    [
      ['userinfo', 'email', 'equals', 'x', true, 'ignore'],
      'what is missing is one of raise_error, condition_is_true, condition_is_false',
    ],
  ])('are refused when written: %j', (condition, why) => {
    const checked = checkPolicy(policy('p', { push_wait: '5' }, { conditions: [condition] }))
    expect(checked).toEqual({
      ok: false,
      refusal: { reason: 'policy_invalid', field: 'conditions', why: `conditions: ${why}` },
    })
  })
})

it('conditions on the token are refused in the scope enrollment', () => {
  const conditions = [['token', 'failcount', '<', '3', true]]
  const checked = checkPolicy(policy('p', { push_ttl: '5' }, { scope: 'enrollment', conditions }))
  const why = 'conditions: where a token is enrolled there is none yet to ask about'
  expect(checked).toEqual({ ok: false, refusal: { reason: 'policy_invalid', field: 'conditions', why } })
})

describe('an administrator who asks why a policy does not match', () => {
  it('sees each restriction that is not met, and what it was compared with', () => {
    const restricted = policy(
      'p',
      { push_wait: '5' },
      {
        realm: ['sales'],
        user: ['ada'],
        client: ['10.0.0.0/8'],
        userAgents: ['FreeRADIUS'],
        time: 'Sat: 9-12',
        conditions: [['userinfo', 'email', 'equals', 'x', true]],
      },
    )
    const [found] = assessPolicies(compilePolicies([restricted]), 'authentication', at('192.0.2.7'))
    const unmet: UnmetRestriction[] = [
      { field: 'realm', expected: 'sales', actual: 'realm1', isUnknown: false },
      { field: 'user_agents', expected: 'FreeRADIUS', actual: 'pam', isUnknown: false },
      { field: 'client', expected: '10.0.0.0/8', actual: '192.0.2.7', isUnknown: false },
      { field: 'time', expected: 'Sat: 9-12', actual: 'tue 7:09', isUnknown: false },
      { field: 'conditions', expected: "userinfo 'email' equals 'x'", actual: undefined, isUnknown: true },
    ]
    expect(found).toEqual({ policy: restricted, unmet })
  })
})
