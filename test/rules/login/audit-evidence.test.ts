import { describe, expect, it } from 'vitest'
import { isStrangers } from '../../../src/rules/login/audit-evidence.ts'

const anonymous = { isLogin: true, hasCredential: false, namesAdministrator: false }

describe('evidence is never counted as a stranger’s', () => {
  it.each([
    ['a wrong PIN, which exists only for a token that exists', { ...anonymous, reason: 'pin_wrong' }],
    ['the wrong password of an administrator', { ...anonymous, reason: 'credentials_wrong', namesAdministrator: true }],
    [
      'what an administrator may not do',
      { reason: 'right_missing', isLogin: false, hasCredential: true, namesAdministrator: false },
    ],
    [
      'what an administrator mistypes',
      { reason: 'token_unknown', isLogin: false, hasCredential: true, namesAdministrator: false },
    ],
  ] as const)('%s', (_, refused) => expect(isStrangers(refused)).toBe(false))
})

describe('strangers cause', () => {
  it.each([
    ['an unknown user', { ...anonymous, reason: 'user_unknown' }],
    [
      'an unknown user, also if a service passes the name on',
      { ...anonymous, reason: 'user_unknown', hasCredential: true },
    ],
    ['tries at a token that is locked', { ...anonymous, reason: 'attempts_exceeded', hasCredential: true }],
    ['finalizing too early, again and again', { ...anonymous, reason: 'not_accepted', hasCredential: true }],
    ['passwords of administrators who do not exist', { ...anonymous, reason: 'credentials_wrong' }],
    ['passwords during the pause', { ...anonymous, reason: 'sign_in_paused', namesAdministrator: true }],
    ['requests without a credential', { ...anonymous, reason: 'authorization_missing', isLogin: false }],
    [
      'requests with one that is refused',
      { reason: 'authorization_expired', isLogin: false, hasCredential: true, namesAdministrator: false },
    ],
    ['answers of phones that are no phones', { ...anonymous, reason: 'signature_invalid', isLogin: false }],
  ] as const)('%s', (_, refused) => expect(isStrangers(refused)).toBe(true))
})
