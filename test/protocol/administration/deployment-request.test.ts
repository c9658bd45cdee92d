import { describe, expect, it } from 'vitest'
import {
  parseRefusedChange,
  parseName,
  parseServiceKey,
  parseSettingKey,
  parseSettings,
} from '../../../src/protocol/administration/deployment-request.ts'

const invalid = (name: string) => ({ ok: false, refusal: { reason: 'parameter_invalid', name } })
const missing = (name: string) => ({ ok: false, refusal: { reason: 'parameter_missing', name } })

describe('a new service key', () => {
  it('may only validate logins, unless the request names another role', () => {
    const validate = { ok: true, value: { name: 'vpn', role: 'validate' } }
    expect(parseServiceKey({ name: 'vpn' })).toEqual(validate)
    expect(parseServiceKey({ name: 'vpn', role: '' })).toEqual(validate)
    expect(parseServiceKey({ name: 'vpn', role: 'validate' })).toEqual(validate)
    for (const role of ['helpdesk', 'admin'])
      expect(parseServiceKey({ name: 'vpn', role })).toEqual({ ok: true, value: { name: 'vpn', role } })
  })

  it.each(['user', 'Admin', 'root'])('cannot have the role %s', (role) => {
    expect(parseServiceKey({ name: 'vpn', role })).toMatchObject(invalid('role'))
  })

  it.each(['.', '..', 'a b', 'vpn/', '/vpn', ' vpn', 'a@b', 'x'.repeat(65)])('cannot have the name %j', (name) => {
    expect(parseServiceKey({ name })).toMatchObject(invalid('name'))
  })

  it('has a name of letters, digits and three signs', () => {
    expect(parseServiceKey({ name: 'VPN-1.eu_west' })).toMatchObject({ value: { name: 'VPN-1.eu_west' } })
    expect(parseServiceKey({})).toEqual(missing('name'))
  })
})

describe('what is kept under a name', () => {
  it('is asked for by this name', () => {
    expect(parseName({ name: 'fcm' })).toEqual({ ok: true, value: 'fcm' })
    expect(parseName({ name: '' })).toEqual(missing('name'))
    expect(parseSettingKey({ key: 'splitAtSign' })).toEqual({ ok: true, value: 'splitAtSign' })
    expect(parseSettingKey({})).toEqual(missing('key'))
    expect(parseRefusedChange({ name: '' })).toEqual({ ok: true, value: {} })
  })
})

describe('settings', () => {
  it('are those that were sent, unknown ones too, which the operation refuses', () => {
    const read = parseSettings({ splitAtSign: '', PushChallengeValidityTime: 60, nosuch: 'x' })
    expect(read).toEqual({ ok: true, value: { splitAtSign: '', PushChallengeValidityTime: '60', nosuch: 'x' } })
    expect(Object.keys(read.ok ? read.value : {})).toHaveLength(3)
  })
})
