import { describe, expect, it } from 'vitest'
import { compilePolicies } from '../../../src/rules/policy/policy-set.ts'
import type { Actor } from '../../../src/rules/policy/rights.ts'
import { checkEnrollmentPin, checkPin } from '../../../src/rules/token/pin.ts'
import { instant, type Policy } from '../../../src/vocabulary.ts'
import { policy } from '../policy/sample-policy.ts'

const grace: Actor = {
  scope: 'admin',
  administrator: 'grace',
  address: '192.0.2.7',
  userAgent: 'x',
  now: instant(0),
}
const ada = { login: 'ada', realm: 'sales' }
const set = (...actions: readonly Policy['action'][]) =>
  compilePolicies(actions.map((action, index) => policy(`p${index}`, action, { scope: 'admin' })))
const verdict = (action: Policy['action'], pin: string) => {
  const checked = checkPin(set(action), grace, ada, pin)
  return checked.ok ? 'fits' : 'why' in checked.refusal ? checked.refusal.why : checked.refusal.reason
}

describe('a PIN', () => {
  it.each<[Policy['action'], string, string]>([
    [{}, '', 'fits'],
    [{ otp_pin_minlength: '4' }, '1234', 'fits'],
    [{ otp_pin_minlength: '4' }, '123', 'The minimum OTP PIN length is 4'],
    // One character, though two units of UTF-16.
    [{ otp_pin_minlength: '4' }, '🔑🔑', 'The minimum OTP PIN length is 4'],
    [{ otp_pin_maxlength: '4' }, '1234', 'fits'],
    [{ otp_pin_maxlength: '4' }, '12345', 'The maximum OTP PIN length is 4'],
    [{ otp_pin_contents: 'n' }, '1', 'fits'],
    [{ otp_pin_contents: 'n' }, 'a', 'Missing character in PIN: 0123456789'],
    [{ otp_pin_contents: 'cn' }, 'a1', 'fits'],
    [{ otp_pin_contents: 'cn' }, '1', 'Missing character in PIN: abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'],
    [{ otp_pin_contents: 'cns' }, 'aZ9', `Missing character in PIN: !"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~`],
    [{ otp_pin_contents: 'cns' }, 'z0~', 'fits'],
    [{ otp_pin_contents: 's' }, '!', 'fits'],
    // With a plus, one character of any of these kinds is enough.
    [{ otp_pin_contents: '+cn' }, '1', 'fits'],
    [{ otp_pin_contents: '+cn' }, 'Z', 'fits'],
    [
      { otp_pin_contents: '+cn' },
      '!',
      'Missing character in PIN: abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
    ],
  ])('under %j: %s: %s', (action, pin, expected) => {
    expect(verdict(action, pin)).toBe(expected)
  })

  it('at enrollment needs the right to give one, unless it is empty', () => {
    const enroll = (pin: string, ...actions: readonly Policy['action'][]) => {
      const checked = checkEnrollmentPin(set(...actions), grace, ada, pin)
      return checked.ok ? 'ok' : checked.refusal.reason
    }
    expect(enroll('1234')).toBe('ok')
    expect(enroll('1234', { enable: true })).toBe('right_missing')
    expect(enroll('', { enable: true })).toBe('ok')
    expect(enroll('1234', { enrollpin: true })).toBe('ok')
    expect(enroll('1234', { enrollpin: true, otp_pin_minlength: '6' })).toBe('pin_invalid')
    expect(enroll('', { enable: true, otp_pin_minlength: '6' })).toBe('pin_invalid')
  })
})
