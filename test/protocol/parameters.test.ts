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
  it('is decoded once, and the last of repeated names wins', () => {
    expect(parseForm('user=a%40b+c&pass=&user=x%2540y&empty')).toEqual({ user: 'x%40y', pass: '', empty: '' })
    expect(parseQuery('?serial=A&x=1')).toEqual({ serial: 'A', x: '1' })
    expect(parseQuery('serial=A')).toEqual({ serial: 'A' })
    expect(parseForm('?a=1')).toEqual({ '?a': '1' })
  })

  it('cannot set a prototype', () => {
    const params = mergeParameters({ form: parseForm('__proto__=1&constructor=2') })
    expect(Object.getPrototypeOf(params)).toBe(Object.prototype)
    expect(Object.keys(params)).toEqual(['__proto__', 'constructor'])
  })

  it('never throws, however malformed', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...Array.from('%=&+a0fFé\u{1f600}')) }), (text) => {
        const params = undoDoubleEncoding(parseForm(text), 'FreeRADIUS')
        expect(Object.values(params).every((value) => typeof value === 'string')).toBe(true)
      }),
    )
  })
})

describe('the parameters of a request', () => {
  it('win in the order form, query, JSON, path', () => {
    const [form, query, json, path] = [{ a: 'f', b: 'f', c: 'f', d: 'f' }, { b: 'q', c: 'q' }, { c: 1 }, { d: 'p' }]
    expect(mergeParameters({ path, json, query, form })).toEqual({ a: 'f', b: 'q', c: 1, d: 'p' })
    expect(mergeParameters({})).toEqual({})
  })
})

describe('the second decoding', () => {
  const params = { user: 'a%40b', pass: 'x+y%2', tail: '%ff%41', number: 1 }

  it('undoes the double encoding of the Java client and FreeRADIUS', () => {
    for (const agent of [
      'privacyIDEA-Keycloak/1.8.0 Keycloak/26',
      'entraid-via-keycloak/1',
      'privacyIDEA-Shibboleth/1.0.0 ShibbolethIdP/5.1',
      'FreeRADIUS',
      'freeradius',
    ]) {
      expect(undoDoubleEncoding(params, agent)).toEqual({ user: 'a@b', pass: 'x+y%2', tail: '%ff%41', number: 1 })
    }
  })

  it('leaves the percent signs of other clients alone', () => {
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

describe('a true value', () => {
  it('has six spellings', () => {
    for (const value of [1, '1', true, 'true', 'True', 'TRUE']) expect(isTrue(value)).toBe(true)
    for (const value of [0, '0', false, 'yes', 'on', '', 'tRUE', undefined, null, [1], {}])
      expect(isTrue(value)).toBe(false)
  })
})

describe('parsing parameters', () => {
  const schema = z.object({
    name: required('A name', 10),
    note: optional('A note', 10),
    pass: optionalOrEmpty('A word'),
    sure: flag('A yes or no'),
  })

  it('accepts text, and numbers and booleans of JSON', () => {
    expect(parseParameters(schema, { name: 7, note: '', pass: '', sure: true, other: {} })).toEqual({
      ok: true,
      value: { name: '7', note: undefined, pass: '', sure: true },
    })
    expect(parseParameters(schema, { name: 'x', note: null, pass: null, sure: null })).toEqual({
      ok: true,
      value: { name: 'x', note: undefined, pass: undefined, sure: false },
    })
  })

  it('replaces lone surrogates, which have no UTF-8', () => {
    expect(parseParameters(schema, { name: 'a\ud800' })).toMatchObject({ ok: true, value: { name: 'a\ufffd' } })
  })

  it('names the missing parameter', () => {
    for (const params of [{}, { name: '' }, { name: null }]) {
      expect(parseParameters(schema, params)).toEqual({
        ok: false,
        refusal: { reason: 'parameter_missing', name: 'name' },
      })
    }
  })

  it('names the invalid parameter, and why it is invalid', () => {
    const refusal = { reason: 'parameter_invalid', name: 'name', why: 'expected text of at most 10 characters' }
    for (const name of ['x'.repeat(11), {}, ['x']])
      expect(parseParameters(schema, { name })).toEqual({ ok: false, refusal })
    expect(parseParameters(schema, { name: 'x', note: {} })).toMatchObject({ ok: false, refusal: { name: 'note' } })
  })
})
