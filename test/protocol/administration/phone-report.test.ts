import { describe, expect, it } from 'vitest'
import { parsePhoneReport, phoneItem } from '../../../src/protocol/administration/phone-report.ts'
import type { Serial } from '../../../src/vocabulary.ts'
import { instant } from '../../../src/vocabulary.ts'

describe('a request for the phone report', () => {
  it('asks for the phones that push does not reach, unless it names a cause or all phones', () => {
    expect(parsePhoneReport({})).toEqual({ ok: true, value: { cause: 'unreached', page: 1, pageSize: 15 } })
    expect(parsePhoneReport({ why: '*' })).toMatchObject({ value: { cause: 'any' } })
    for (const why of ['quarantined', 'no_registration_token', 'poll_only', 'gateway_missing'])
      expect(parsePhoneReport({ why })).toMatchObject({ value: { cause: why } })
  })

  it('may filter by serial, owner, realm and app', () => {
    const filter = { serial: 'PIPU*', user: 'ada', realm: 'sales', app: 'privacyIDEA-App/4.6*' }
    expect(parsePhoneReport({ ...filter, page: '2', pagesize: '3' })).toEqual({
      ok: true,
      value: { ...filter, cause: 'unreached', page: 2, pageSize: 3 },
    })
  })

  it.each([
    [{ why: 'any' }, 'why'],
    [{ why: 'unreached' }, 'why'],
    [{ why: 'quarantined*' }, 'why'],
    [{ page: '0' }, 'page'],
  ])('is refused: %j', (params, name) => {
    expect(parsePhoneReport(params)).toMatchObject({ ok: false, refusal: { reason: 'parameter_invalid', name } })
  })
})

describe('a phone in the report', () => {
  const phone = {
    serial: 'PIPU00000001' as Serial,
    type: 'push',
    active: true,
    firebase: 'fcm',
    ability: 'unknown',
  } as const

  it('has nulls and empty texts for what is not known', () => {
    expect(phoneItem(phone)).toEqual({
      serial: 'PIPU00000001',
      tokentype: 'push',
      username: '',
      user_realm: '',
      active: true,
      firebase_configuration: 'fcm',
      why: null,
      quarantine_cause: null,
      since: null,
      app: null,
      system: null,
      capabilities: null,
      code_to_phone: 'unknown',
    })
  })

  it('tells whose it is, what keeps push from it and since when', () => {
    const quarantined = {
      owner: { login: 'ada', realm: 'sales' },
      cause: 'quarantined',
      quarantineCause: 'unregistered',
      since: instant(Date.UTC(2026, 10, 24, 7, 11, 55, 9)),
      app: 'privacyIDEA-App/4.6.2',
      system: 'Android/14',
      capabilities: ['code_to_phone'],
      ability: 'able',
    } as const
    expect(phoneItem({ ...phone, ...quarantined })).toMatchObject({
      username: 'ada',
      user_realm: 'sales',
      why: 'quarantined',
      quarantine_cause: 'unregistered',
      since: '2026-11-24T07:11:55+00:00',
      app: 'privacyIDEA-App/4.6.2',
      system: 'Android/14',
      capabilities: ['code_to_phone'],
      code_to_phone: 'able',
    })
  })
})
