import { describe, expect, it } from 'vitest'
import type { Parameters, RequestParser } from '../../../src/protocol/parameters.ts'
import type { TokenChangeRequest } from '../../../src/protocol/token/token-change-request.ts'
import * as requests from '../../../src/protocol/token/token-change-request.ts'
import { done, type Outcome } from '../../../src/refusal.ts'
import { exchange } from '../recordings.ts'

const { parseAssign } = requests
/** The change a request asks for, whichever tokens it selects. */
const change =
  <T>(parse: RequestParser<TokenChangeRequest<T>>) =>
  (params: Parameters): Outcome<T> => {
    const meant = parse({ serial: 'A', ...params })
    return meant.ok ? done(meant.value.change) : meant
  }
const parseSettings = change(requests.parseTokenSettings)
const parseDescription = change(requests.parseDescription)
const parsePin = change(requests.parsePinChange)
const parseRealms = change(requests.parseTokenRealms)
const parseNote = change(requests.parseInfoEntry)
const parseNoteKey = change(requests.parseInfoKey)
const parseTokens = (params: Parameters) => {
  const meant = requests.parseTokenSelection(params)
  return meant.ok ? done(meant.value.tokens) : meant
}

const body = (label: string) => exchange('16-token-admin', label).request.body ?? {}
const missing = (name: string) => ({ ok: false, refusal: { reason: 'parameter_missing', name } })
const invalid = (name: string) => ({ ok: false, refusal: { reason: 'parameter_invalid', name } })

describe('the selected tokens', () => {
  it('are named one by one, or are all of a user', () => {
    expect(parseTokens(body('enable, serial in body'))).toEqual({ ok: true, value: { serials: ['PIPU00001601'] } })
    expect(parseTokens(body('disable by user'))).toEqual({ ok: true, value: { user: 'alice' } })
    expect(parseTokens({ serials: 'A, B,A,' })).toEqual({ ok: true, value: { serials: ['A', 'B'] } })
    expect(parseTokens({ serials: ['A', 'B'], serial: 'C' })).toEqual({ ok: true, value: { serials: ['C', 'A', 'B'] } })
  })

  it('have to be named: an empty list does not select all tokens of a user', () => {
    for (const params of [body('disable without parameters'), { serial: '', user: '' }, { realm: 'sales' }])
      expect(parseTokens(params)).toEqual(missing("'serial' or 'serials'"))
    expect(parseTokens({ serials: ',', user: 'ada' })).toEqual({ ok: true, value: { serials: [], user: 'ada' } })
  })

  it('are a hundred at most', () => {
    const many = Array.from({ length: 101 }, (_, index) => `T${index}`)
    expect(parseTokens({ serials: many.slice(1) }).ok).toBe(true)
    for (const serials of [many, many.join(',')]) expect(parseTokens({ serials })).toMatchObject(invalid('serials'))
    for (const serials of [[['A']], { a: 1 }, 7]) expect(parseTokens({ serials })).toMatchObject(invalid('serials'))
  })
})

describe('the fields to set', () => {
  it('are those the request names, and no others', () => {
    expect(parseSettings(body('set several'))).toEqual({
      ok: true,
      value: { description: 'd2', maxAttempts: 5, maxUses: 100, maxSuccesses: 50 },
    })
    expect(parseSettings(body('validity period'))).toEqual({
      ok: true,
      value: { validFrom: Date.UTC(2020, 0, 1), validUntil: Date.UTC(2040, 0, 1) },
    })
    expect(parseSettings(body('set pin via /token/set'))).toEqual({ ok: true, value: {} })
    expect(parseSettings({ count_window: '5', sync_window: '5', hashlib: 'sha1' })).toEqual({ ok: true, value: {} })
  })

  it('remove a limit by 0 or an empty text', () => {
    const none = { count_auth_max: '0', count_auth_success_max: 0, validity_period_start: '', validity_period_end: '' }
    expect(parseSettings(none)).toEqual({
      ok: true,
      value: { maxUses: null, maxSuccesses: null, validFrom: null, validUntil: null },
    })
  })

  it.each(['many', '0', '-1', '1.5', '1e3', '1001', ' 3', '٣'])('may not lock after %s attempts', (value) => {
    expect(parseSettings({ max_failcount: value })).toMatchObject(invalid('max_failcount'))
  })

  it('may have numbers up to the greatest, and not one more', () => {
    expect(parseSettings({ max_failcount: '1000' })).toEqual({ ok: true, value: { maxAttempts: 1000 } })
    expect(parseSettings({ max_failcount: '1' })).toEqual({ ok: true, value: { maxAttempts: 1 } })
    for (const [name, field] of [
      ['count_auth_max', 'maxUses'],
      ['count_auth_success_max', 'maxSuccesses'],
    ] as const) {
      expect(parseSettings({ [name]: '1000000' })).toEqual({ ok: true, value: { [field]: 1_000_000 } })
      for (const value of ['1000001', '-1', 'many', '1x', 'x1'])
        expect(parseSettings({ [name]: value })).toMatchObject(invalid(name))
    }
  })

  it('have a beginning and an end that are timestamps', () => {
    expect(parseSettings(body('validity period bad date'))).toEqual({
      ok: false,
      refusal: { reason: 'period_unparsable', bound: 'end' },
    })
    expect(parseSettings({ validity_period_start: '01.02.2026' })).toMatchObject({ refusal: { bound: 'start' } })
    expect(parseSettings({ validity_period_end: '2026-11-24T07:10+0100' })).toMatchObject({
      value: { validUntil: Date.UTC(2026, 10, 24, 6, 10) },
    })
  })
})

describe('a description', () => {
  it('may be empty, is cut, and has to be there', () => {
    expect(parseDescription(body('description empty'))).toEqual({ ok: true, value: { description: '' } })
    expect(parseDescription({ description: '😀'.repeat(90) })).toEqual({
      ok: true,
      value: { description: '😀'.repeat(80) },
    })
    expect(parseDescription(body('description missing'))).toEqual(missing('description'))
  })
})

describe('an owner', () => {
  it('is given to one token, which has to be named', () => {
    expect(parseAssign(body('assign to bob with pin'))).toEqual({
      ok: true,
      value: { serial: 'PIPU00001601', user: 'bob', realm: 'realm1', pin: 'bobpin' },
    })
    expect(parseAssign(body('assign missing serial'))).toEqual(missing('serial'))
    expect(parseAssign({ serial: 'A' })).toEqual(missing('user'))
  })

  it('may choose an empty PIN, or none', () => {
    expect(parsePin({ otppin: '', pin: 'x' })).toEqual({ ok: true, value: '' })
    expect(parsePin({ pin: 'x' })).toEqual({ ok: true, value: 'x' })
    expect(parsePin({})).toEqual({ ok: true, value: undefined })
  })
})

describe('realms', () => {
  it('come with commas or as a list, and may be none', () => {
    expect(parseRealms(body('realms'))).toEqual({ ok: true, value: ['realm1', 'realm2'] })
    expect(parseRealms({ realms: ['one', ' two '] })).toEqual({ ok: true, value: ['one', 'two'] })
    expect(parseRealms({ realms: [] })).toEqual({ ok: true, value: [] })
    for (const params of [{}, { realms: '' }]) expect(parseRealms(params)).toEqual(missing('realms'))
  })
})

describe('an info entry', () => {
  it('has a key and a value', () => {
    expect(parseNote({ key: 'mykey', value: 'v' })).toEqual({
      ok: true,
      value: { kind: 'info', key: 'mykey', value: 'v' },
    })
    expect(parseNoteKey({ key: 'mykey' })).toEqual({ ok: true, value: { kind: 'info', key: 'mykey' } })
    expect(parseNote({ key: 'mykey' })).toEqual(missing('value'))
    expect(parseNote({ key: 'mykey', value: 'x'.repeat(256) })).toMatchObject(invalid('value'))
    expect(parseNote({ key: 'mykey', value: { nested: true } })).toMatchObject(invalid('value'))
  })

  it('for polling is true or false', () => {
    const of = (value: string) => parseNote({ key: 'polling_allowed', value })
    expect(of('True')).toEqual({ ok: true, value: { kind: 'polling_allowed', allowed: true } })
    expect(of('no')).toEqual({ ok: true, value: { kind: 'polling_allowed', allowed: false } })
    expect(parseNoteKey({ key: 'polling_allowed' })).toEqual({ ok: true, value: { kind: 'polling_allowed' } })
  })

  it.each([
    'private_key_server',
    'private_key_server.type',
    'Private_Key_Server',
    'public_key_smartphone',
    'firebase_token',
    'enrollment_credential',
    'push_firebase_configuration',
    'edupush_firebase_configuration',
    'count_auth',
    'count_auth_success_max',
    'last_auth',
    'validity_period_end',
    'creation_date',
    'tokenkind',
    'mykey.type',
    'a key',
    'a/key',
    'x'.repeat(65),
    'ключ',
  ])('is not written under %s', (key) => {
    expect(parseNote({ key, value: 'v' })).toMatchObject(invalid('key'))
    expect(parseNoteKey({ key })).toMatchObject(invalid('key'))
  })
})
