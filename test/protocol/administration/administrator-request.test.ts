import { describe, expect, it } from 'vitest'
import {
  parseAdministrator,
  parseAdministratorLogin,
  parsePasswordChange,
} from '../../../src/protocol/administration/administrator-request.ts'

const password = 'anything at all'
const invalid = (name: string) => ({ ok: false, refusal: { reason: 'parameter_invalid', name } })
const missing = (name: string) => ({ ok: false, refusal: { reason: 'parameter_missing', name } })

describe('a new administrator', () => {
  it('belongs to the helpdesk, unless the request says admin', () => {
    const helpdesk = { ok: true, value: { login: 'ada', password, role: 'helpdesk' } }
    expect(parseAdministrator({ login: 'ada', password })).toEqual(helpdesk)
    expect(parseAdministrator({ login: 'ada', password, role: '' })).toEqual(helpdesk)
    expect(parseAdministrator({ login: 'ada', password, role: 'helpdesk' })).toEqual(helpdesk)
    expect(parseAdministrator({ login: 'ada', password, role: 'admin' })).toMatchObject({ value: { role: 'admin' } })
  })

  it.each(['user', 'enrolling', 'Admin', 'admin '])('cannot have the role %j', (role) => {
    expect(parseAdministrator({ login: 'ada', password, role })).toMatchObject(invalid('role'))
  })

  it.each(['a', 'Ada.B_c@example.org', 'a+b-1', 'x'.repeat(64)])('may have the login %s', (login) => {
    expect(parseAdministrator({ login, password })).toMatchObject({ ok: true, value: { login } })
  })

  it.each(['.', '..', 'password', 'a b', ' ada', 'ada/', '/ada', 'a\nb', 'ада', 'x'.repeat(65)])(
    'cannot have the login %j',
    (login) => {
      expect(parseAdministrator({ login, password })).toMatchObject(invalid('login'))
    },
  )

  it('needs a login and a password', () => {
    expect(parseAdministrator({ password })).toEqual(missing('login'))
    expect(parseAdministrator({ login: 'ada' })).toEqual(missing('password'))
    expect(parseAdministrator({ login: 'ada', password: '' })).toEqual(missing('password'))
  })
})

describe('a change of the own password', () => {
  it('needs the old password and a new one', () => {
    expect(parsePasswordChange({ password: 'old', new_password: password })).toEqual({
      ok: true,
      value: { password: 'old', next: password },
    })
    expect(parsePasswordChange({ new_password: password })).toEqual(missing('password'))
    expect(parsePasswordChange({ password })).toEqual(missing('new_password'))
  })
})

describe('an administrator', () => {
  it('is named by their login', () => {
    expect(parseAdministratorLogin({ login: 'ada' })).toEqual({ ok: true, value: 'ada' })
    expect(parseAdministratorLogin({})).toEqual(missing('login'))
  })
})
