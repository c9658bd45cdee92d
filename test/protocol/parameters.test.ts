import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import {
  undoDoubleEncoding,
  flag,
  parseForm,
  parseQuery,
  isTrue,
  mergeParameters,
  optional,
  optionalOrEmpty,
  parseParameters,
  required,
} from '../../src/protocol/parameters.ts'

describe('a form or query', () => {
  it('is decoded once, and the last of a repeated name counts', () => {
    expect(parseForm('user=a%40b+c&pass=&user=x%2540y&empty')).toEqual({ user: 'x%40y', pass: '', empty: '' })
    expect(parseQuery('?serial=A&x=1')).toEqual({ serial: 'A', x: '1' })
    expect(parseQuery('serial=A')).toEqual({ serial: 'A' })
    expect(parseForm('?a=1')).toEqual({ '?a': '1' })
  })

  it('cannot reach the prototype of anything', () => {
    const params = mergeParameters({ form: parseForm('__proto__=1&constructor=2') })
    expect(Object.getPrototypeOf(params)).toBe(Object.prototype)
    expect(Object.keys(params)).toEqual(['__proto__', 'constructor'])
  })

  it('never makes the decoder throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('%=&+a0fFé\u{1f600}')) }), (text) => {
        const params = undoDoubleEncoding(parseForm(text), 'FreeRADIUS')
        expect(Object.values(params).every((value) => typeof value === 'string')).toBe(true)
      }),
    )
  })
})

describe('the sources of parameters', () => {
  it('count in the order form, query, JSON, path', () => {
    const [form, query, json, path] = [{ a: 'f', b: 'f', c: 'f', d: 'f' }, { b: 'q', c: 'q' }, { c: 1 }, { d: 'p' }]
    expect(mergeParameters({ path, json, query, form })).toEqual({ a: 'f', b: 'q', c: 1, d: 'p' })
    expect(mergeParameters({})).toEqual({})
  })
})

describe('the second decoding', () => {
  const params = { user: 'a%40b', pass: 'x+y%2', tail: '%ff%41', number: 1 }

  it('undoes what java-client and FreeRADIUS encode once more', () => {
    for (const agent of [
      'privacyIDEA-Keycloak/1.8.0 Keycloak/26',
      'entraid-via-keycloak/1',
      'FreeRADIUS',
      'freeradius',
    ]) {
      expect(undoDoubleEncoding(params, agent)).toEqual({ user: 'a@b', pass: 'x+y%2', tail: '%ff%41', number: 1 })
    }
  })

  it('leaves everyone else their percent signs', () => {
    for (const agent of [
      'simpleSAMLphp/1',
      'PAM/1.1.0',
      '',
      'privacyidea-cp',
      'xFreeRADIUS',
      'FreeRADIUSx',
      'curl FreeRADIUS',
    ]) {
      expect(undoDoubleEncoding(params, agent)).toBe(params)
    }
  })
})

describe('a yes', () => {
  it('has six spellings', () => {
    for (const value of [1, '1', true, 'true', 'True', 'TRUE']) expect(isTrue(value)).toBe(true)
    for (const value of [0, '0', false, 'yes', 'on', '', 'tRUE', undefined, null, [1], {}])
      expect(isTrue(value)).toBe(false)
  })
})

describe('reading parameters', () => {
  const schema = z.object({
    name: required('A name', 10),
    note: optional('A note', 10),
    pass: optionalOrEmpty('A word'),
    sure: flag('A yes or no'),
  })

  it('takes text, and what JSON has in its place', () => {
    expect(parseParameters(schema, { name: 7, note: '', pass: '', sure: true, other: {} })).toEqual({
      ok: true,
      value: { name: '7', note: undefined, pass: '', sure: true },
    })
    expect(parseParameters(schema, { name: 'x', note: null, pass: null, sure: null })).toEqual({
      ok: true,
      value: { name: 'x', note: undefined, pass: undefined, sure: false },
    })
  })

  it('replaces a lone surrogate, which no signature could cover', () => {
    expect(parseParameters(schema, { name: 'a\ud800' })).toMatchObject({ ok: true, value: { name: 'a\ufffd' } })
  })

  it('says which parameter is missing', () => {
    for (const params of [{}, { name: '' }, { name: null }]) {
      expect(parseParameters(schema, params)).toEqual({
        ok: false,
        refusal: { reason: 'parameter_missing', name: 'name' },
      })
    }
  })

  it('says which parameter is not acceptable, and why', () => {
    const refusal = { reason: 'parameter_invalid', name: 'name', why: 'expected text of at most 10 characters' }
    for (const name of ['x'.repeat(11), {}, ['x']])
      expect(parseParameters(schema, { name })).toEqual({ ok: false, refusal })
    expect(parseParameters(schema, { name: 'x', note: {} })).toMatchObject({ ok: false, refusal: { name: 'note' } })
  })
})
