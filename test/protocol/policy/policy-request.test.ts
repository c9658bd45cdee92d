import { describe, expect, it } from 'vitest'
import {
  parseDefinitionsOf,
  parseNamedPolicyFilter,
  parsePolicyExport,
  parsePolicyFilter,
  parsePolicyImport,
  parsePolicyName,
  parseRenaming,
} from '../../../src/protocol/policy/policy-request.ts'
import { parsePolicyCheck, parseSimulation } from '../../../src/protocol/policy/simulation-request.ts'

describe('a list of policies', () => {
  it('is of all policies unless it is filtered', () => {
    const value = { scope: undefined, realm: undefined, active: undefined }
    expect(parsePolicyFilter({})).toEqual({ ok: true, value })
    expect(parsePolicyFilter({ scope: '', realm: '' })).toEqual({ ok: true, value })
  })

  it('is of those of a scope, of a realm in any case, and of those that are active or not', () => {
    const filter = (active: unknown) => parsePolicyFilter({ scope: 'user', realm: 'Sales', active })
    const found = (active: boolean) => ({ ok: true, value: { scope: 'user', realm: 'sales', active } })
    for (const active of ['1', 'true', 'True', true, 1]) expect(filter(active)).toEqual(found(true))
    for (const active of ['0', 'false', 'False', false, 0]) expect(filter(active)).toEqual(found(false))
  })

  it('is filtered beside the name of a policy', () => {
    expect(parseNamedPolicyFilter({ name: 'demo', realm: 'Sales' })).toEqual({
      ok: true,
      value: { name: 'demo', scope: undefined, realm: 'sales', active: undefined },
    })
    expect(parseNamedPolicyFilter({ realm: 'Sales' })).toEqual({
      ok: false,
      refusal: { reason: 'parameter_missing', name: 'name' },
    })
  })
})

describe('the name of a policy', () => {
  it('is needed', () => {
    expect(parsePolicyName({ name: 'demo' })).toEqual({ ok: true, value: 'demo' })
    for (const parse of [parsePolicyName, parsePolicyImport])
      expect(parse({})).toMatchObject({ ok: false, refusal: { reason: 'parameter_missing' } })
    expect(parsePolicyExport({ filename: 'all.cfg' })).toEqual({ ok: true, value: 'all.cfg' })
    expect(parseDefinitionsOf({ scope: 'user' })).toEqual({ ok: true, value: 'user' })
  })

  it('can be changed to another name that a policy may have', () => {
    expect(parseRenaming({ old_name: 'demo', name: 'demo.2' })).toEqual({
      ok: true,
      value: { name: 'demo', newName: 'demo.2' },
    })
    // A policy kept by an older version may have a name that is no longer accepted. It can be renamed.
    expect(parseRenaming({ old_name: 'check', name: 'demo' })).toEqual({
      ok: true,
      value: { name: 'check', newName: 'demo' },
    })
    expect(parseRenaming({ old_name: 'demo', name: 'a b' })).toEqual({
      ok: false,
      refusal: {
        reason: 'policy_invalid',
        why: 'The name of the policy may only contain the characters a-zA-Z0-9_. -',
      },
    })
    for (const name of ['check', 'defs', 'simulate', '.', '..'])
      expect(parseRenaming({ old_name: 'demo', name })).toEqual({
        ok: false,
        refusal: {
          reason: 'policy_invalid',
          why: `'${name}' is not a name for a policy: /policy/${name} is something else`,
        },
      })
  })
})

describe('an import', () => {
  it('hands on what was sent, and leaves nothing out unless it is asked to', () => {
    expect(parsePolicyImport({ filename: 'a.cfg', file: '[a]', skip: '1' })).toMatchObject({
      ok: true,
      value: { filename: 'a.cfg', sent: { file: '[a]', skip: true } },
    })
    for (const skip of [undefined, '0', 'false', ''])
      expect(parsePolicyImport({ filename: 'a.cfg', file: '[a]', skip })).toMatchObject({
        ok: true,
        value: { sent: { skip: false } },
      })
  })
})

describe('a simulation of policies', () => {
  it('is for the request that it describes', () => {
    const sent = {
      user: 'ada',
      realm: 'sales',
      serial: 'PIPU0001',
      client: '192.0.2.7',
      user_agent: 'PAM/1',
      time: '2026-11-24T08:00+01:00',
      scope: 'user',
      adminuser: 'hedy',
      headers: { 'X-Zone': 'Office' },
    }
    expect(parseSimulation(sent)).toEqual({
      ok: true,
      value: {
        user: 'ada',
        realm: 'sales',
        serial: 'PIPU0001',
        client: '192.0.2.7',
        userAgent: 'PAM/1',
        time: Date.UTC(2026, 10, 24, 7),
        scope: 'user',
        administrator: 'hedy',
        headers: new Map([['x-zone', 'Office']]),
      },
    })
  })

  it('needs nothing', () => {
    expect(parseSimulation({})).toEqual({ ok: true, value: { headers: new Map() } })
  })

  it('is refused for a time that cannot be read, and is not one for now', () => {
    expect(parseSimulation({ time: 'tomorrow' })).toEqual({
      ok: false,
      refusal: {
        reason: 'parameter_invalid',
        name: 'time',
        why: 'expected a time such as 2026-11-24T08:00+01:00',
      },
    })
  })

  it('of one action needs its user, realm, scope and name', () => {
    const sent = { user: 'ada', realm: 'sales', scope: 'user', action: 'disable' }
    expect(parsePolicyCheck(sent)).toEqual({ ok: true, value: { ...sent, headers: new Map() } })
    expect(parsePolicyCheck({ ...sent, client: '10.0.0.1' })).toEqual({
      ok: true,
      value: { ...sent, client: '10.0.0.1', headers: new Map() },
    })
    for (const name of Object.keys(sent))
      expect(parsePolicyCheck({ ...sent, [name]: '' })).toEqual({
        ok: false,
        refusal: { reason: 'parameter_missing', name },
      })
  })
})
