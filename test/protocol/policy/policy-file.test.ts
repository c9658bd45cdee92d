import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePolicyFile, renderPolicyFile } from '../../../src/protocol/policy/policy-file.ts'
import { renderPolicy } from '../../../src/protocol/policy/policy-form.ts'
import { type Literal, parseLiteral, renderLiteral } from '../../../src/protocol/policy/python-literal.ts'
import type { Policy } from '../../../src/vocabulary.ts'
import { policy } from '../../rules/policy/sample-policy.ts'

// What a privacyIDEA 3.14 exported.
const exported = readFileSync(join(import.meta.dirname, 'privacyidea-3.14.policies.cfg'), 'utf8')
const read = (params: Record<string, unknown>): readonly Policy[] => {
  const outcome = parsePolicyFile(params)
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusal))
  return outcome.value
}
const whyNot = (params: Record<string, unknown>): unknown => {
  const outcome = parsePolicyFile(params)
  return outcome.ok ? undefined : outcome.refusal
}

describe('a file of privacyIDEA', () => {
  it('is read completely', () => {
    const policies = read({ file: exported })
    expect(policies.map(({ name }) => name)).toEqual(['helpdesk', 'rollout', 'nodes', 'dump', 'enroll', 'texts'])
    expect(policies[0]).toEqual(
      policy(
        'helpdesk',
        { enrollPUSH: true, enrollHOTP: true, disable: true, container_list: true },
        { scope: 'admin', active: false, adminuser: ['helper'] },
      ),
    )
    expect(policies[5]).toEqual(
      policy(
        'texts',
        {
          push_text_on_mobile: String.raw`It's "you"\, {user}?`,
          push_wait: '20',
          push_require_presence: true,
        },
        {
          realm: ['realm1'],
          user: ['alice', '!bob', 'c.*'],
          client: ['10.0.0.0/8'],
          time: 'Mon-Fri: 8:00-17:30, Sat: 9-12',
          conditions: [['userinfo', 'email', 'matches', '.*@x, y', true, 'condition_is_false']],
          priority: 3,
          description: 'first = line second # line',
          userAgents: ['PAM'],
        },
      ),
    )
  })

  it('is read the same with the line breaks of Windows', () => {
    expect(read({ file: exported.replaceAll('\n', '\r\n') })).toEqual(read({ file: exported }))
  })
})

describe('a policy with a field that Nod does not know', () => {
  const sent = { name: 'a', scope: 'user' }

  it('is not read without it, because the field may be a restriction', () => {
    const refusal = { reason: 'parameter_invalid', name: 'file' }
    const why = "cannot be read: the policy 'a': there is no field groups"
    for (const groups of [['staff'], 'staff', 1, true, { staff: true }])
      expect(whyNot({ policies: [{ ...sent, groups }] })).toEqual({ ...refusal, why })
    expect(whyNot({ file: "[a]\nscope = user\ngroups = ['staff']\n" })).toEqual({ ...refusal, why })
  })

  it('is read if the field says nothing', () => {
    for (const groups of [[], '', null, false])
      expect(read({ policies: [{ ...sent, groups }] })).toEqual([policy('a', {}, { scope: 'user' })])
  })

  it('keeps the nodes it is restricted to, which eduMFA calls edumfanode', () => {
    const nodes = policy('a', {}, { scope: 'user', pinode: ['node1'] })
    expect(read({ file: "[a]\nscope = user\nedumfanode = ['node1']\n" })).toEqual([nodes])
    expect(read({ policies: [{ ...sent, edumfanode: 'node1', pinode: [] }] })).toEqual([nodes])
    expect(read({ policies: [{ ...sent, edumfanode: [], pinode: 'node1' }] })).toEqual([nodes])
    expect(read({ policies: [{ ...sent, edumfanode: [] }] })).toEqual([policy('a', {}, { scope: 'user' })])
  })
})

describe('a file that somebody edited', () => {
  it('may have blanks after a name, blank lines, and fields without a value', () => {
    const file = "  \n[a]  \n\nscope = user\n  \ntime =\ndescription =\nrealm = [ 'sales' ]\nconditions = None\n"
    expect(read({ file })).toEqual([policy('a', {}, { scope: 'user', realm: ['sales'] })])
  })

  it('may go on with a description in further lines', () => {
    const file = '[a]\nscope = user\ndescription = one\n  two  \n\n# three\n[b]\nscope = user\n'
    expect(read({ file })).toEqual([
      policy('a', {}, { scope: 'user', description: 'one two # three' }),
      policy('b', {}, { scope: 'user' }),
    ])
  })

  it('may have as many as 1000 policies', () => {
    const policies = Array.from({ length: 1_000 }, (_, number) => ({ name: `p${number}`, scope: 'user' }))
    expect(read({ policies })).toHaveLength(1_000)
  })
})

describe('policies in JSON', () => {
  const one = policy('one', { push_wait: '20' }, { realm: ['realm1'], user: ['*', '!ada'] })
  const shown = renderPolicy(one)

  it.each<[string, Record<string, unknown>]>([
    ['as the value of a list', { policies: [shown] }],
    ['as the whole answer of a server', { jsonrpc: '2.0', result: { status: true, value: [shown] } }],
    ['as a file with a list', { file: JSON.stringify([shown]) }],
    ['as a file that begins with a blank line', { file: `\n  ${JSON.stringify([shown], undefined, 2)}` }],
    ['as a file with the answer of a server', { file: JSON.stringify({ result: { value: [shown] } }) }],
  ])('are read %s', (_, params) => {
    expect(read(params)).toEqual([one])
  })
})

describe('a file that cannot be read', () => {
  const unread = (why: string) => ({ reason: 'parameter_invalid', name: 'file', why: `cannot be read: ${why}` })

  it.each<[Record<string, unknown>, object]>([
    [{}, { reason: 'parameter_missing', name: 'file' }],
    [{ file: '' }, unread('no policy in it')],
    [{ policies: [] }, unread('no policy in it')],
    [{ policies: 'all' }, unread('not a list of policies')],
    [{ policies: [null] }, unread('a policy without a name')],
    [{ policies: [['a']] }, unread('a policy without a name')],
    [{ policies: [5] }, unread('a policy without a name')],
    [{ policies: [{ scope: 'user' }] }, unread('a policy without a name')],
    [{ policies: [{ name: 'a' }] }, unread("the policy 'a': scope is missing")],
    [
      { policies: [{ name: 'a', scope: 'user', priority: 0 }] },
      unread("the policy 'a': not a whole number of 1 or more"),
    ],
    [
      { policies: Array.from({ length: 2 }, () => ({ name: 'a', scope: 'user' })) },
      unread("the policy 'a' stands there twice"),
    ],
    [{ policies: Array.from({ length: 1001 }, () => 0) }, unread('more than 1000 policies')],
    [{ file: '[{"name": ' }, unread('not JSON')],
    [{ file: '{"a": 1}' }, { reason: 'parameter_missing', name: 'file' }],
    [{ file: 'scope = user' }, unread("'scope = user' stands before any policy")],
    [{ file: '[a]\nscope = user\nrealm = [open(1)]' }, unread("realm in the policy 'a'")],
    [{ file: "[a]\nscope = user\naction = {'x': 'y'" }, unread("action in the policy 'a'")],
    [{ file: '[a]\nscope = user\nwhat is this' }, unread("'what is this' in the policy 'a'")],
    [{ file: '[a]\nscope = user\n[b] x' }, unread("'[b] x' in the policy 'a'")],
    [{ file: '[a]\nscope = user\n[b]x' }, unread("'[b]x' in the policy 'a'")],
    [{ file: '[a]\nscope = user\n realm = []' }, unread("' realm = []' in the policy 'a'")],
    [{ file: '[a]\nscope = user\ntime =Mon: 8-9' }, unread("'time =Mon: 8-9' in the policy 'a'")],
    [{ file: '[a]\nscope = user\nrealm =' }, unread("realm in the policy 'a'")],
    [{ file: 'x'.repeat(41) }, unread(`'${'x'.repeat(40)}' stands before any policy`)],
    [{ file: `[a]\nscope = user\n${'?'.repeat(41)}` }, unread(`'${'?'.repeat(40)}' in the policy 'a'`)],
    [
      { file: "[a]\nscope = user\nrealm = ['sales']\ndescription = of sales\nrealm = []" },
      unread("realm stands twice in the policy 'a'"),
    ],
    [
      { file: "[a]\nscope = user\ndescription = of sales\nrealm = []\nrealm = ['sales']" },
      unread("realm stands twice in the policy 'a'"),
    ],
    [
      { file: '[a;b]\nscope = user' },
      unread("the policy 'a;b': The name of the policy may only contain the characters a-zA-Z0-9_. -"),
    ],
  ])('%j', (params, refusal) => {
    expect(whyNot(params)).toEqual(refusal)
  })

  it('is refused without an exception, whatever is sent', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.stringMatching(/^\[\w{1,3}\]\n(?:(?:scope|action|realm|time) = [[\](){}'"\\,: \w]{0,12}\n){0,4}$/),
      fc.json(),
    )
    fc.assert(
      fc.property(anything, (file) => {
        expect(typeof parsePolicyFile({ file }).ok).toBe('boolean')
      }),
      { numRuns: 300 },
    )
  })
})

describe('an export', () => {
  const text = fc.string({ minLength: 1, maxLength: 12, unit: 'binary' })
  const entry = fc.stringMatching(/^[a-z!*][a-z0-9.]{0,5}$/)
  const entries = fc.array(entry, { maxLength: 3 })
  const written = fc.record({
    scope: fc.constantFrom('authentication', 'enrollment'),
    action: fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.oneof(text, fc.constant(true as const)), {
      minKeys: 1,
    }),
    realm: entries,
    user: entries,
    client: entries,
    userAgents: entries,
    conditions: fc.array(fc.array(fc.oneof(text, fc.boolean()), { maxLength: 6 }), { maxLength: 2 }),
    priority: fc.integer({ min: 1, max: 99 }),
    active: fc.boolean(),
    description: fc.stringMatching(/^(?:[a-z=[\]]{1,5} ?){0,3}$/).map((one) => one.trim()),
    userCaseInsensitive: fc.boolean(),
  })

  it('gives the same policies when it is imported', () => {
    fc.assert(
      fc.property(fc.array(written, { minLength: 1, maxLength: 3 }), (all) => {
        const policies = all.map(({ action, ...rest }, number) => policy(`p${number}`, action, rest))
        expect(read({ file: renderPolicyFile(policies) })).toEqual(policies)
      }),
    )
  })

  it('has each field in a line of its own, texts as they are and all others as Python writes them', () => {
    const one = policy(
      'one',
      { push_text_on_mobile: `It's "you"?`, push_title_on_mobile: "Ada's", push_require_presence: true },
      {
        user: ['ada', '!bob'],
        time: 'Mon: 8-9',
        description: 'first \r\n\n second\nthird',
        priority: 3,
        active: false,
      },
    )
    expect(renderPolicyFile([one])).toBe(
      [
        '[one]',
        String.raw`action = {'push_text_on_mobile': 'It\'s "you"?', 'push_title_on_mobile': "Ada's", 'push_require_presence': True}`,
        'active = False',
        'adminrealm = []',
        'adminuser = []',
        'check_all_resolvers = False',
        'client = []',
        'conditions = []',
        'description = first second third',
        'name = one',
        'pinode = []',
        'priority = 3',
        'realm = []',
        'resolver = []',
        'scope = authentication',
        'time = Mon: 8-9',
        "user = ['ada', '!bob']",
        'user_agents = []',
        'user_case_insensitive = False',
        '',
        '',
      ].join('\n'),
    )
  })

  it('does not let a text begin another policy', () => {
    const sly = policy(
      'sly',
      { push_wait: '5\n\n[other]\nscope = admin' },
      { description: 'a\n\n[other]\nscope = admin' },
    )
    expect(read({ file: renderPolicyFile([sly]) }).map(({ name }) => name)).toEqual(['sly'])
  })
})

describe('a Python literal', () => {
  it.each<[string, Literal]>([
    ["'It\\'s'", "It's"],
    ['"It\'s"', "It's"],
    [String.raw`'\x41\u00fc\U0001f600\n\t\\'`, 'Aü😀\n\t\\'],
    [String.raw`'\, \d'`, String.raw`\, \d`],
    ["('a', True, None, -5)", ['a', true, null, -5]],
    ["['a',]", ['a']],
    ["{'a': {'b': []}}", { a: { b: [] } }],
    [" [ 'a' , ( 'b' , ) , { 'c' : 1 , } ] ", ['a', ['b'], { c: 1 }]],
    [String.raw`'\U00000041\U0010ffff'`, 'A\u{10ffff}'],
    ["'a\\\nb'", 'a\\\nb'],
    ["u'a'", 'a'],
    ["'u'", 'u'],
    ['999999999999999', 999_999_999_999_999],
    [`${'['.repeat(9)}${']'.repeat(9)}`, [[[[[[[[[]]]]]]]]]],
  ])('%s', (text, value) => {
    expect(parseLiteral(text)).toEqual(value)
  })

  it.each([
    "'a",
    "['a' 'b']",
    '[,]',
    "{'a'}",
    "{1: 'a'}",
    "'a' + 'b'",
    "{'a': }",
    "{'a': x}",
    "{'a' 'b'}",
    "'a' 5",
    'Trueish',
    '1234567890123456',
    "'a\nb'",
    '['.repeat(10) + ']'.repeat(10),
    '('.repeat(10) + ')'.repeat(10),
    "{'a':".repeat(10) + '1' + '}'.repeat(10),
    '__import__("os")',
    '1.5',
    '['.repeat(20),
    '',
  ])('%s is not read', (text) => {
    expect(parseLiteral(text)).toBeUndefined()
  })

  it.each<[unknown, string]>([
    ['plain', "'plain'"],
    ["It's", `"It's"`],
    ['say "x"', `'say "x"'`],
    [`It's "x"`, String.raw`'It\'s "x"'`],
    ['a\n\r\t\\', String.raw`'a\n\r\t\\'`],
    ['\u0007\u2028', String.raw`'\u0007\u2028'`],
    [undefined, 'None'],
    [{ a: [true, false, null, 5] }, "{'a': [True, False, None, 5]}"],
  ])('%j is written as %s', (value, text) => {
    expect(renderLiteral(value)).toBe(text)
  })

  it('is read back as it was written', () => {
    const literal = fc.letrec<{ value: Literal }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'binary' }),
        fc.boolean(),
        fc.constant(null),
        fc.integer(),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(
          fc.string({ maxLength: 4 }).filter((key) => key !== '__proto__'),
          tie('value'),
          { maxKeys: 3, noNullPrototype: true },
        ),
      ),
    })).value
    fc.assert(
      fc.property(literal, (value) => {
        const text = renderLiteral(value)
        if (JSON.stringify(value).replaceAll(/[^[{]/g, '').length < 8) expect(parseLiteral(text)).toEqual(value)
      }),
    )
  })
})
