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

describe('policies in JSON', () => {
  const one = policy('one', { push_wait: '20' }, { realm: ['realm1'], user: ['*', '!ada'] })
  const shown = renderPolicy(one)

  it.each<[string, Record<string, unknown>]>([
    ['as the value of a list', { policies: [shown] }],
    ['as the whole answer of a server', { jsonrpc: '2.0', result: { status: true, value: [shown] } }],
    ['as a file with a list', { file: JSON.stringify([shown]) }],
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
  ])('%s', (text, value) => {
    expect(parseLiteral(text)).toEqual(value)
  })

  it.each(["'a", "['a' 'b']", '[,]', "{'a'}", "{1: 'a'}", "'a' + 'b'", '__import__("os")', '1.5', '['.repeat(20), ''])(
    '%s is not read',
    (text) => {
      expect(parseLiteral(text)).toBeUndefined()
    },
  )

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
