import { describe, expect, it } from 'vitest'
import { parseEnrollmentRequest } from '../../../src/protocol/token/enrollment-request.ts'
import { exchange } from '../recordings.ts'

const init = (label: string) => parseEnrollmentRequest(exchange('02-enroll-step1', label).request.body ?? {})

describe('an enrollment request', () => {
  it('says for whom and how', () => {
    expect(init('init with pin, serial, description')).toEqual({
      ok: true,
      value: {
        type: 'push',
        serial: 'PIPU00000201',
        user: 'alice',
        realm: 'realm1',
        pin: 'pin1',
        description: 'my phone',
        tokenRealms: [],
        rollover: false,
      },
    })
  })

  it.each(['init genkey true (json bool)', 'init with genkey=0', 'init type PUSH upper case', 'init without user'])(
    'may be spelled: %s',
    (label) => {
      expect(init(label)).toMatchObject({ ok: true, value: { type: 'push' } })
    },
  )

  it.each([
    ['init without genkey', { reason: 'genkey_missing' }],
    ['init with otpkey', { reason: 'genkey_missing' }],
    ['init unknown type', { reason: 'token_type_unknown', type: 'nosuch' }],
    ['init bad serial', { reason: 'serial_malformed' }],
  ])('is refused: %s', (label, refusal) => {
    expect(init(label)).toEqual({ ok: false, refusal })
  })

  it('is for a push token unless it says otherwise', () => {
    expect(init('init missing type')).toMatchObject({ ok: true, value: { type: 'push' } })
  })

  it('may have texts, realms and a validity period', () => {
    const params = {
      type: 'push',
      genkey: '1',
      description: '\u{1f600}'.repeat(81),
      tokenrealm: 'R1, r2,,',
      tokenlabel: '{user}',
      validity_period_start: '2026-01-01T00:00+0100',
      validity_period_end: '2027-01-01T00:00+0000',
      rollover: 'true',
    }
    expect(parseEnrollmentRequest(params)).toMatchObject({
      ok: true,
      value: {
        description: '\u{1f600}'.repeat(80),
        tokenRealms: ['r1', 'r2'],
        tokenLabel: '{user}',
        validFrom: Date.UTC(2025, 11, 31, 23),
        validUntil: Date.UTC(2027, 0, 1),
        rollover: true,
      },
    })
    expect(parseEnrollmentRequest({ ...params, validity_period_end: 'soon' })).toMatchObject({
      ok: false,
      refusal: { reason: 'period_unparsable', bound: 'end' },
    })
    expect(parseEnrollmentRequest({ ...params, validity_period_start: '2026-02-30' })).toMatchObject({
      ok: false,
      refusal: { reason: 'period_unparsable', bound: 'start' },
    })
  })

  it('is for the user without the blanks around the name, or for nobody', () => {
    const user = (text: string) => {
      const request = parseEnrollmentRequest({ type: 'push', genkey: '', user: text })
      return request.ok ? request.value : request.refusal
    }
    expect(user(' ada ')).toMatchObject({ user: 'ada', description: '' })
    expect(user('  ')).toMatchObject({ type: 'push', user: undefined })
  })

  it('of another type is refused by type and serial', () => {
    expect(parseEnrollmentRequest({ type: 'totp', serial: 'T1', genkey: '1' })).toEqual({
      ok: false,
      refusal: { reason: 'token_type_unknown', type: 'totp', serial: 'T1' },
    })
  })
})
