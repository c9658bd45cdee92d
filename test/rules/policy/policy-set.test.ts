import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { directoryFaults } from '../../../src/rules/policy/directory-faults.ts'
import { checkPolicy } from '../../../src/rules/policy/check-policy.ts'
import type { ConditionLookup } from '../../../src/rules/policy/conditions.ts'
import {
  allValues,
  hasActivePolicy,
  isActionUsed,
  compilePolicies,
  singleValue,
  type Situation,
  unionOfWords,
} from '../../../src/rules/policy/policy-set.ts'
import { instant, type Policy } from '../../../src/vocabulary.ts'
import { policy } from './sample-policy.ts'

/** A Tuesday. */
const now = instant(Date.UTC(2026, 10, 24, 7, 9, 4))
const nobody: Situation = { address: '192.0.2.7', userAgent: 'PAM/1', now }

describe('the value of an action', () => {
  const wait = (...policies: Policy[]) => singleValue(compilePolicies(policies), 'authentication', 'push_wait', nobody)

  it('is undefined if no policy sets it', () => {
    expect(wait()).toEqual({ ok: true, value: undefined })
    expect(wait(policy('other', { push_title_on_mobile: 'ACME' }))).toEqual({ ok: true, value: undefined })
  })

  it('is not taken from another scope', () => {
    expect(wait(policy('p', { push_wait: '5' }, { scope: 'enrollment' }))).toEqual({ ok: true, value: undefined })
  })

  it('is that of the matching policy with the lowest priority number', () => {
    const two = policy('two', { push_wait: '2' }, { priority: 2 })
    const one = policy('one', { push_wait: '1' }, { priority: 1, user: ['bob'] })
    const three = policy('three', { push_wait: '3' }, { priority: 3 })
    expect(wait(three, two, one)).toEqual({ ok: true, value: '2' })
  })

  it('may be set by several policies if it is the same', () => {
    expect(wait(policy('a', { push_wait: '5' }), policy('b', { push_wait: '5' }))).toEqual({ ok: true, value: '5' })
  })

  it('is refused if policies conflict, naming them', () => {
    const demo = policy('demo', { push_wait: '5' })
    const demo4 = policy('demo4', { push_wait: '6' })
    expect(wait(demo, demo4)).toEqual({ ok: false, refusal: { reason: 'policy_conflict', values: ['demo4', 'demo'] } })
  })

  it('is not affected by a conflict at a higher priority number', () => {
    const first = policy('first', { push_wait: '1' })
    const later = ['2', '3'].map((value) => policy(`p${value}`, { push_wait: value }, { priority: 2 }))
    expect(wait(...later, first)).toEqual({ ok: true, value: '1' })
  })
})

describe('the words of an action', () => {
  it('are those of every matching policy, whatever its priority', () => {
    const set = compilePolicies([
      policy('a', { disabled_token_types: 'sms push' }, { priority: 3 }),
      policy('b', { disabled_token_types: 'hotp  push' }),
      policy('c', { disabled_token_types: 'totp' }, { client: ['10.0.0.1'] }),
    ])
    expect(unionOfWords(set, 'authentication', 'disabled_token_types', nobody)).toEqual({
      ok: true,
      value: ['hotp', 'push', 'sms'],
    })
  })
})

describe('policies of the same priority', () => {
  it('are in the order of their names, however they were written', () => {
    const serial = (name: string, priority = 1) =>
      policy(name, { serial: `^${name}` }, { scope: 'authorization', priority })
    const all = [serial('c'), serial('a'), serial('z', 2), serial('b'), serial('B', 3)]
    for (const policies of [all, all.toReversed()])
      expect(allValues(compilePolicies(policies), 'authorization', 'serial', nobody)).toEqual({
        ok: true,
        value: ['^a', '^b', '^c', '^z', '^B'],
      })
  })
})

describe('an action', () => {
  it('is used if any active policy of its scope sets it, for whomever', () => {
    const set = compilePolicies([
      policy('p', { push_wait: '5' }, { user: ['bob'] }),
      policy('off', { otppin: 'none' }, { active: false }),
    ])
    const used = (scope: string, action: string) => isActionUsed(set, scope, action)
    expect(used('authentication', 'push_wait')).toBe(true)
    expect(used('authentication', 'otppin')).toBe(false)
    expect(used('authentication', 'push_title_on_mobile')).toBe(false)
    expect(used('enrollment', 'push_wait')).toBe(false)
  })
})

describe('a scope', () => {
  const denying = compilePolicies([policy('none', {}, { scope: 'user', realm: ['realm1'] })])

  it('has an active policy even if that sets no action', () => {
    expect(hasActivePolicy(denying, 'user')).toBe(true)
    expect(hasActivePolicy(denying, 'admin')).toBe(false)
  })

  it('has no active policy if all are inactive', () => {
    expect(hasActivePolicy(compilePolicies([policy('p', {}, { scope: 'user', active: false })]), 'user')).toBe(false)
  })
})

const ACTIONS = ['push_wait', 'push_text_on_mobile', 'push_allow_polling']
const somePolicy = fc
  .record({
    action: fc.dictionary(fc.constantFrom(...ACTIONS), fc.constantFrom('1', '2', '3'), { minKeys: 1 }),
    realm: fc.subarray(['realm1', 'realm2', '*', '!realm1']),
    user: fc.subarray(['ada', 'bob', '*', '!ada', '(a|e).*', 'b.b']),
    client: fc.subarray(['192.0.2.7', '10.0.0.0/8', '!192.0.2.0/24', '::/0']),
    userAgents: fc.subarray(['pam', 'FreeRADIUS']),
    time: fc.constantFrom('', '', 'Mon-Fri: 8-17', 'Tue: 7-8, Sun: 0-23'),
    conditions: fc.subarray([
      ['userinfo', 'email', 'matches', 'a.*', true],
      ['tokeninfo', 'batch', '<', '5', true, 'condition_is_false'],
    ]),
    priority: fc.integer({ min: 1, max: 3 }),
    active: fc.boolean(),
  })
  .map(({ action, ...rest }) => policy('', action, rest))
const somePolicies = fc
  .array(somePolicy, { maxLength: 12 })
  .map((all) => all.map((one, i) => ({ ...one, name: `p${i}` })))
const someSituation = fc.record({
  owner: fc.record({ login: fc.constantFrom('ada', 'bob', 'eve'), realm: fc.constantFrom('realm1', 'REALM2', 'x') }),
  address: fc.constantFrom('192.0.2.7', '10.9.8.7', '2001:db8::1', 'unknown'),
  userAgent: fc.constantFrom('PAM/1', 'FreeRADIUS/3', ''),
  now: fc.constantFrom(now, instant(now + 36 * 3_600_000)),
  lookup: fc.constantFrom<ConditionLookup>(
    () => undefined,
    (section) => (section === 'userinfo' ? 'ada@nod.example' : '7'),
  ),
})
const effect = (policies: readonly Policy[], situation: Situation) => {
  const set = compilePolicies(policies)
  return ACTIONS.map((action) => [
    singleValue(set, 'authentication', action, situation),
    unionOfWords(set, 'authentication', action, situation),
  ])
}

describe('a set of policies', () => {
  it('answers the same in whichever order they were written', () => {
    const shuffled = somePolicies.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    )
    fc.assert(
      fc.property(shuffled, someSituation, ([one, other], situation) => {
        expect(effect(other, situation)).toEqual(effect(one, situation))
      }),
    )
  })

  it('answers the same with another policy that does not match', () => {
    const stranger = { user: ['somebody else'], priority: 1 }
    fc.assert(
      fc.property(somePolicies, somePolicy, someSituation, fc.nat(), (all, extra, situation, place) => {
        const more = all.toSpliced(place % (all.length + 1), 0, { ...extra, ...stranger, name: 'stranger' })
        expect(effect(more, situation)).toEqual(effect(all, situation))
      }),
    )
  })

  it('answers the same when it is asked twice', () => {
    fc.assert(
      fc.property(somePolicies, someSituation, (all, situation) => {
        const set = compilePolicies(all)
        const ask = () => ACTIONS.map((action) => singleValue(set, 'authentication', action, situation))
        expect(ask()).toEqual(ask())
      }),
    )
  })
})

describe('a policy that is written', () => {
  const whyNot = (action: Policy['action'], rest: Partial<Policy> = {}): string | undefined => {
    const checked = checkPolicy(policy('bad', action, rest))
    return checked.ok || checked.refusal.reason !== 'policy_invalid' ? undefined : checked.refusal.why
  }

  // The first three: golden 27-policy-api.
  it.each<[Policy['action'], Partial<Policy>, string]>([
    [{ push_wait: '5' }, { scope: 'nosuch' }, "Invalid scope 'nosuch' in policy 'bad'!"],
    [{ nosuch: '5' }, {}, "Invalid actions ['nosuch']!"],
    [
      { push_wait: '5' },
      { scope: 'enrollment' },
      "Invalid actions ['push_wait']! It is an action of the scope authentication.",
    ],
    [{ a: true, push_wait: '5', b: '1' }, {}, "Invalid actions ['a', 'b']!"],
    [Object.fromEntries([['toString', '1']]), {}, "Invalid actions ['toString']!"],
    [{}, { scope: 'container' }, "Invalid scope 'container' in policy 'bad'! Nod has no containers."],
    [{ push_wait: '5' }, { scope: 'constructor' }, "Invalid scope 'constructor' in policy 'bad'!"],
    [
      { totp_otplen: '8' },
      { scope: 'admin' },
      'Nod does not carry out the action totp_otplen: it is about a type of token that Nod does not have',
    ],
    [{ passthru: true }, {}, 'Nod does not carry out the action passthru: Nod keeps no passwords of a directory'],
    [
      { policywrite: true },
      { scope: 'user' },
      'Nod does not carry out the action policywrite: Nod has nothing of the kind to allow',
    ],
  ])('is refused: %j %j: %s', (action, rest, why) => {
    expect(whyNot(action, rest)).toBe(why)
  })

  it.each<[string, string, string | true]>([
    ['authentication', 'push_wait', 'long'],
    ['authentication', 'push_wait', '121'],
    ['authentication', 'push_wait', '-1'],
    ['authentication', 'push_wait', '1.5'],
    ['authentication', 'push_wait', true],
    ['authentication', 'push_presence_num_options', '1'],
    ['authentication', 'push_presence_num_options', '11'],
    ['authentication', 'push_presence_options', 'numeric'],
    ['authentication', 'push_presence_custom_options', '01'],
    ['authentication', 'push_presence_custom_options', '01:01'],
    ['authentication', 'push_presence_custom_options', '01:'],
    ['authentication', 'push_presence_custom_options', '01: 02'],
    ['authentication', 'push_presence_custom_options', '01:0,2'],
    ['authentication', 'push_presence_custom_options', '01:0|2'],
    ['authentication', 'push_presence_custom_options', '01:decline'],
    ['authentication', 'push_presence_custom_options', '01:cancelled'],
    ['authentication', 'push_presence_custom_options', '01:unknown_trigger'],
    ['authentication', 'push_code_to_phone_digits', '1'],
    ['authentication', 'push_code_to_phone_digits', '9'],
    ['authentication', 'push_allow_polling', 'yes'],
    ['authentication', 'push_ssl_verify', 'true'],
    ['authentication', 'push_text_on_mobile', 'yes|no'],
    ['authentication', 'push_text_on_mobile', 'x'.repeat(501)],
    ['authentication', 'push_title_on_mobile', 'A|B'],
    ['authentication', 'push_title_on_mobile', ' '],
    ['authentication', 'push_require_presence', 'False'],
    ['authentication', 'otppin', 'secret'],
    ['authentication', 'preferred_client_mode', 'poll telepathy'],
    ['enrollment', 'push_ttl', '0'],
    ['enrollment', 'push_ssl_verify', '2'],
    ['enrollment', 'push_app_force_unlock', 'face'],
    ['enrollment', 'push_registration_url', 'ftp://nod.example/ttype/push'],
    ['enrollment', 'push_registration_url', 'https:///ttype/push'],
    ['enrollment', 'push_registration_url', 'https:nod.example'],
    ['enrollment', 'push_registration_url', 'https://nod.example/a|b'],
    ['enrollment', 'push_registration_url', 'https://nod.example/a\nb'],
    ['enrollment', 'push_registration_url', 'https://nod.example:port/'],
    ['enrollment', 'push_firebase_configuration', ''],
    ['enrollment', 'appimageurl', 'javascript:alert(1)'],
  ])('is refused for %s %s=%j, which a login or an enrollment would refuse later', (scope, action, value) => {
    expect(whyNot({ [action]: value }, { scope })).toMatch(new RegExp(`^${action}: `))
  })

  it('that has passwords of a directory checked is refused only where nobody can', () => {
    const checked = { scope: 'authentication', action: { otppin: 'userstore' } } as const
    expect(whyNot(checked.action)).toBeUndefined()
    expect(directoryFaults(checked, true)).toEqual([])
    expect(directoryFaults({ ...checked, action: { otppin: 'none' } }, false)).toEqual([])
    const [fault] = directoryFaults(checked, false)
    expect(fault?.why).toMatch(/Nod keeps no passwords of a directory.*docs\/password-check\.md/)
  })

  it.each<[Partial<Policy>, string]>([
    [{ user: ['(ada'] }, "user: '(ada': '(' is not closed"],
    [{ user: ['(a)\\1'] }, "user: '(a)\\1': '\\1' refers back"],
    [
      { realm: ['!realm[12]'] },
      "realm: '!realm[12]' would exclude who is called exactly so; an exclusion is no pattern",
    ],
    [{ user: ['!'] }, "user: '!' names nobody"],
    [{ client: ['10.0.0.0/33'] }, "client: '10.0.0.0/33' is neither an IP address nor a block such as 10.0.0.0/8"],
    [{ client: ['10.0.0'] }, "client: '10.0.0' is neither an IP address nor a block such as 10.0.0.0/8"],
    [{ client: ['!010.0.0.1'] }, "client: '!010.0.0.1' is neither an IP address nor a block such as 10.0.0.0/8"],
    [{ client: ['1::2::3'] }, "client: '1::2::3' is neither an IP address nor a block such as 10.0.0.0/8"],
    [{ client: ['fe80::1%eth0'] }, "client: 'fe80::1%eth0' is neither an IP address nor a block such as 10.0.0.0/8"],
    [{ client: ['1:2:3:4:5:6:7'] }, "client: '1:2:3:4:5:6:7' is neither an IP address nor a block such as 10.0.0.0/8"],
    [{ resolver: ['reso1'] }, "resolver: 'reso1': the only resolver is nod"],
    [{ pinode: ['localnode'] }, 'pinode: Nod has no nodes; a policy holds everywhere'],
    [{ userAgents: ['PAM/1'] }, "user_agents: 'PAM/1' is not the name of a client, without its version"],
    [{ adminuser: ['root'] }, 'adminrealm and adminuser restrict policies of the scopes admin and webui'],
    [{ time: 'always' }, "time: 'always' is no time such as Mon-Fri: 8:00-17:30"],
    [{ time: 'Mon: 8-24' }, "time: 'Mon: 8-24' is no time such as Mon-Fri: 8:00-17:30"],
    [{ time: 'Mon: 8:60-9' }, "time: 'Mon: 8:60-9' is no time such as Mon-Fri: 8:00-17:30"],
    [{ time: 'Mon-Fri: 8-17, ' }, "time: '' is no time such as Mon-Fri: 8:00-17:30"],
    [{ time: 'Fri-Mon: 8-17' }, "time: 'Fri-Mon: 8-17' ends before it begins"],
    [{ time: 'Sat: 22-6' }, "time: 'Sat: 22-6' ends before it begins"],
    [{ priority: 0 }, 'The priority has to be 1 or more'],
  ])('is refused for a restriction that Nod does not support: %j', (rest, why) => {
    expect(whyNot({ push_wait: '5' }, rest)).toBe(why)
  })

  it('keeps its values, and a switch that is written True is on', () => {
    const fit = policy(
      'push',
      {
        push_firebase_configuration: 'poll only',
        push_registration_url: 'https://nod.example:8443/a b/ttype/push?x=1&y=2',
        push_force_app_pin: 'True',
        push_use_pia_scheme: true,
      },
      {
        scope: 'enrollment',
        realm: ['*', '!guests'],
        user: ['ada@home', 'DOMAIN-x.y_z'],
        client: ['10.0.0.0/8', '!::1'],
      },
    )
    expect(checkPolicy(fit)).toEqual({
      ok: true,
      value: { ...fit, action: { ...fit.action, push_force_app_pin: true } },
    })
  })
})
