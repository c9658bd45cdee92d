import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePolicyForm, renderPolicy } from '../../../src/protocol/policy/policy-form.ts'
import { parsePolicy } from '../../../src/protocol/policy/policy-request.ts'
import type { Policy } from '../../../src/vocabulary.ts'
import { policy } from './sample-policy.ts'

const judged = (name: string, params: Record<string, unknown>, existing?: Policy) => {
  const sent = parsePolicy({ ...params, name: 'any' })
  return sent.ok ? parsePolicyForm(name, sent.value.fields, existing) : sent
}
const parsed = (params: Record<string, unknown>, existing?: Policy): Policy => {
  const outcome = judged('demo', params, existing)
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusal))
  return outcome.value
}
const action = (value: unknown) => parsed({ scope: 'authentication', action: value }).action

describe('writing a policy', () => {
  it('needs only a scope and an action', () => {
    const form = { scope: 'enrollment', action: 'push_ttl=5', realm: 'realm1,realm2' }
    expect(parsed(form)).toEqual(
      policy('demo', { push_ttl: '5' }, { scope: 'enrollment', realm: ['realm1', 'realm2'] }),
    )
  })

  it.each<[string, unknown, Policy['action']]>([
    ['text', 'push_wait=5, push_title_on_mobile=ACME', { push_wait: '5', push_title_on_mobile: 'ACME' }],
    ['text with a switch', 'push_require_presence, push_wait=5', { push_require_presence: true, push_wait: '5' }],
    ['text in quotes', "push_text_on_mobile='Log in?'", { push_text_on_mobile: 'Log in?' }],
    [
      'text with a comma kept',
      'challenge_text=Hello\\, you, push_wait=5',
      { challenge_text: 'Hello\\, you', push_wait: '5' },
    ],
    [
      'value with an equals sign',
      'push_registration_url=https://nod.example/?x=1&y=2',
      { push_registration_url: 'https://nod.example/?x=1&y=2' },
    ],
    [
      'text with quotes inside it',
      "push_text_on_mobile=It's 'ok', challenge_text='a' b",
      { push_text_on_mobile: "It's 'ok'", challenge_text: "'a' b" },
    ],
    ['value with spaces around it', 'push_wait = 5 ', { push_wait: '5' }],
    ['part without a name', '=5', { '': '5' }],
    ['value with spaces', 'preferred_client_mode=poll interactive', { preferred_client_mode: 'poll interactive' }],
    ['text with commas at its ends', ', push_wait=5,', { push_wait: '5' }],
    ['value that is empty', 'push_wait=', { push_wait: '' }],
    [
      'object',
      { push_text_on_mobile: 'Hello {user}', push_require_presence: true },
      { push_text_on_mobile: 'Hello {user}', push_require_presence: true },
    ],
    ['object with a number', { push_wait: 5 }, { push_wait: '5' }],
    [
      'object with switches that are off',
      { push_wait: 5, push_require_presence: false, otppin: null },
      { push_wait: '5' },
    ],
    [
      'list',
      ['push_require_presence', 'push_text_on_mobile=Yes, or no?'],
      { push_require_presence: true, push_text_on_mobile: 'Yes, or no?' },
    ],
  ])('accepts actions as %s', (_, value, expected) => {
    expect(action(value)).toEqual(expected)
  })

  it.each<[string, unknown, boolean]>([
    ['active', true, true],
    ['active', 'True', true],
    ['active', '1', true],
    ['active', 1, true],
    ['active', false, false],
    ['active', 'false', false],
    ['active', '0', false],
    ['active', 0, false],
    ['active', 'FALSE', false],
    ['active', '', true],
    ['active', null, true],
  ])('reads %s=%j as %s', (name, value, expected) => {
    expect(parsed({ scope: 'authentication', action: 'push_wait=5', [name]: value }).active).toBe(expected)
  })

  it.each(['untrue', 'true1', '11', '10', '00', 'falsely', '-0', 2, -1])('does not read active=%j', (value) => {
    expect(judged('demo', { scope: 'authentication', action: 'push_wait=5', active: value })).toEqual({
      ok: false,
      refusal: { reason: 'parameter_invalid', name: 'active', why: 'neither true nor false' },
    })
  })

  it('trims its scope, priority, time and description', () => {
    const spaced = {
      scope: ' enrollment ',
      action: 'push_ttl=5',
      priority: ' 3 ',
      time: ' Mon: 8-9 ',
      description: ' a ',
    }
    expect(parsed(spaced)).toEqual(
      policy('demo', { push_ttl: '5' }, { scope: 'enrollment', priority: 3, time: 'Mon: 8-9', description: 'a' }),
    )
  })

  it('accepts lists as lists and as text with commas, and trims spaces', () => {
    const base = { scope: 'authentication', action: 'push_wait=5' }
    expect(parsed({ ...base, user: ' ada , bob,' }).user).toEqual(['ada', 'bob'])
    expect(parsed({ ...base, user: ['ada ', '', 'bob'] }).user).toEqual(['ada', 'bob'])
    expect(parsed({ ...base, user_agents: 'PAM, privacyIDEA-cp' }).userAgents).toEqual(['PAM', 'privacyIDEA-cp'])
  })

  it('accepts conditions as a list and as JSON', () => {
    const base = { scope: 'authentication', action: 'push_wait=5' }
    const conditions = [['userinfo', 'department', 'equals', 'it', true]]
    expect(parsed({ ...base, conditions }).conditions).toEqual(conditions)
    expect(parsed({ ...base, conditions: JSON.stringify(conditions) }).conditions).toEqual(conditions)
  })

  it('reads an action as text back into the same action', () => {
    const name = fc.stringMatching(/^[a-z_]{1,8}$/)
    // Commas are kept as they are written, with a backslash; around a value there is nothing to keep.
    const value = fc
      .stringMatching(/^[ -~äß€]{1,20}$/)
      .map((text) => text.replaceAll(/[\\']/g, '').replaceAll(',', '\\,').trim())
      .filter((text) => text !== '')
    const spelled = (text: string): string => (/ /.test(text) ? `'${text}'` : text)
    fc.assert(
      fc.property(fc.dictionary(name, fc.oneof(value, fc.constant(true as const)), { minKeys: 1 }), (actions) => {
        const parts = Object.entries(actions).map(([key, one]) => (one === true ? key : `${key}=${spelled(one)}`))
        expect(action(parts.join(', '))).toEqual({ ...actions })
      }),
    )
  })

  it('needs no action in scope user, where none means that nothing is allowed', () => {
    expect(parsed({ scope: 'user' }).action).toEqual({})
  })
})

describe('changing a policy', () => {
  const existing = policy(
    'demo',
    { push_text_on_mobile: 'Hello {user}', push_require_presence: true },
    {
      user: ['alice'],
      realm: ['realm1'],
      client: ['10.0.0.0/8'],
      priority: 2,
      active: false,
      description: 'why',
      userCaseInsensitive: true,
    },
  )

  it('keeps fields that are not sent, and resets the priority', () => {
    const changed = parsed({ scope: 'authentication', action: 'push_require_presence' }, existing)
    expect(changed).toEqual({ ...existing, action: { push_require_presence: true }, priority: 1 })
  })

  it('keeps scope and actions as well', () => {
    expect(parsed({ active: 'true', priority: '2', user: undefined, time: undefined }, existing)).toEqual({
      ...existing,
      active: true,
    })
  })

  it('keeps its conditions and times unless it is sent others, and loses them where it is sent none', () => {
    const conditions = [['userinfo', 'email', 'equals', 'x', true]]
    const restricted = policy('demo', { push_wait: '5' }, { conditions, time: 'Mon: 8-9' })
    expect(parsed({ active: '1' }, restricted)).toEqual(restricted)
    for (const none of [null, '', []])
      expect(parsed({ conditions: none }, restricted)).toEqual({ ...restricted, conditions: [] })
    for (const none of [null, '', ' ']) expect(parsed({ time: none }, restricted)).toEqual({ ...restricted, time: '' })
    for (const invalid of [' ', 'null', '{}', '5'])
      expect(judged('demo', { conditions: invalid }, restricted)).toEqual({
        ok: false,
        refusal: { reason: 'parameter_invalid', name: 'conditions', why: 'not a list' },
      })
  })

  it('empties fields that are sent empty', () => {
    const changed = parsed({ user: '', realm: [], client: null, description: '', priority: 2 }, existing)
    expect(changed).toEqual({ ...existing, user: [], realm: [], client: [], description: '' })
  })
})

describe('a policy that cannot be read', () => {
  const ok = { scope: 'authentication', action: 'push_wait=5' }

  // The first four: golden 27-policy-api.
  it.each<[string, Record<string, unknown>, object]>([
    ['bad', { action: 'push_wait=5' }, { reason: 'parameter_missing', name: 'scope' }],
    ['bad', { scope: 'authentication' }, { reason: 'parameter_missing', name: 'action' }],
    [
      'bad name;',
      ok,
      {
        reason: 'policy_invalid',
        field: 'name',
        why: 'The name of the policy may only contain the characters a-zA-Z0-9_. -',
      },
    ],
    [
      '',
      ok,
      {
        reason: 'policy_invalid',
        field: 'name',
        why: 'The name of the policy may only contain the characters a-zA-Z0-9_. -',
      },
    ],
    [
      'check',
      ok,
      {
        reason: 'policy_invalid',
        field: 'name',
        why: "'check' is not a name for a policy: /policy/check is something else",
      },
    ],
    [
      '..',
      ok,
      { reason: 'policy_invalid', field: 'name', why: "'..' is not a name for a policy: /policy/.. is something else" },
    ],
    ['bad', { ...ok, scope: ' ' }, { reason: 'parameter_missing', name: 'scope' }],
    ['bad', { ...ok, scope: 5 }, { reason: 'parameter_invalid', name: 'scope', why: 'not a text' }],
    ['bad', { ...ok, action: '' }, { reason: 'parameter_missing', name: 'action' }],
    ['bad', { ...ok, action: ' , ' }, { reason: 'parameter_missing', name: 'action' }],
    ['bad', { ...ok, action: {} }, { reason: 'parameter_missing', name: 'action' }],
    [
      'bad',
      { ...ok, action: 5 },
      { reason: 'parameter_invalid', name: 'action', why: 'not a text, a list or an object' },
    ],
    ['bad', { ...ok, action: [1] }, { reason: 'parameter_invalid', name: 'action', why: 'not a list of texts' }],
    [
      'bad',
      { ...ok, action: { push_wait: [5] } },
      { reason: 'parameter_invalid', name: 'action', why: 'the value of push_wait is neither a text nor true' },
    ],
    [
      'bad',
      { ...ok, action: 'a=1, a=2' },
      { reason: 'parameter_invalid', name: 'action', why: 'a stands there twice' },
    ],
    [
      'bad',
      { ...ok, priority: 0 },
      { reason: 'parameter_invalid', name: 'priority', why: 'not a whole number of 1 or more' },
    ],
    [
      'bad',
      { ...ok, priority: '1.5' },
      { reason: 'parameter_invalid', name: 'priority', why: 'not a whole number of 1 or more' },
    ],
    [
      'bad',
      { ...ok, active: 'perhaps' },
      { reason: 'parameter_invalid', name: 'active', why: 'neither true nor false' },
    ],
    [
      'bad',
      { ...ok, user: [{ login: 'ada' }] },
      { reason: 'parameter_invalid', name: 'user', why: 'neither a list of texts nor a text with commas' },
    ],
    ['bad', { ...ok, time: 8 }, { reason: 'parameter_invalid', name: 'time', why: 'not a text' }],
    ['bad', { ...ok, description: [] }, { reason: 'parameter_invalid', name: 'description', why: 'not a text' }],
    ['bad', { ...ok, conditions: '{' }, { reason: 'parameter_invalid', name: 'conditions', why: 'not a list' }],
    ['bad', { ...ok, conditions: {} }, { reason: 'parameter_invalid', name: 'conditions', why: 'not a list' }],
  ])('%j %j', (name, params, refusal) => {
    expect(judged(name, params)).toEqual({ ok: false, refusal })
  })
})

describe('a policy as it is shown', () => {
  it('has the fields privacyIDEA shows', () => {
    const demo2 = {
      scope: 'authentication',
      action: { push_text_on_mobile: 'Hello {user}', push_require_presence: true },
      active: true,
      user: 'alice',
      realm: 'realm1',
      priority: 2,
    }
    // Source: golden 27-policy-api, "get one".
    expect(renderPolicy(parsed(demo2))).toEqual({
      action: { push_require_presence: true, push_text_on_mobile: 'Hello {user}' },
      active: true,
      adminrealm: [],
      adminuser: [],
      check_all_resolvers: false,
      client: [],
      conditions: [],
      description: null,
      name: 'demo',
      pinode: [],
      priority: 2,
      realm: ['realm1'],
      resolver: [],
      scope: 'authentication',
      time: '',
      user: ['alice'],
      user_agents: [],
      user_case_insensitive: false,
    })
  })

  const entry = fc.stringMatching(/^[a-z!*][a-z0-9.]{0,5}$/)
  const entries = fc.array(entry, { maxLength: 3 })
  const word = fc.stringMatching(/^[a-z]{1,8}$/)
  const written = fc.record({
    scope: word,
    action: fc.dictionary(word, fc.oneof(fc.string(), fc.constant(true as const)), { minKeys: 1 }),
    realm: entries,
    resolver: entries,
    user: entries,
    client: entries,
    adminrealm: entries,
    adminuser: entries,
    pinode: entries,
    userAgents: entries,
    time: word,
    conditions: fc.array(fc.array(word)),
    priority: fc.integer({ min: 1, max: 999 }),
    active: fc.boolean(),
    description: fc.string().map((text) => text.trim()),
    checkAllResolvers: fc.boolean(),
    userCaseInsensitive: fc.boolean(),
  })

  it('can be written back and is the same policy', () => {
    fc.assert(
      fc.property(written, (fields) => {
        const one: Policy = { name: 'demo', ...fields }
        expect(parsed({ ...renderPolicy(one) })).toEqual(one)
        expect(parsed({ ...renderPolicy(one) }, policy('demo', { x: true }, { user: ['eve'] }))).toEqual(one)
      }),
    )
  })
})
