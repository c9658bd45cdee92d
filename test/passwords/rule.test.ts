import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { passwordFault } from '../../src/passwords/rule.ts'

describe('a password', () => {
  it.each([
    'correct horse battery',
    'adminpw-of-tests',
    'Zk8q-03mF/x_9rTeW1',
    'ein Satz mit Wörtern',
    '猫が屋根の上で静かに眠っている午後',
  ])('may be %j', (password) => {
    expect(passwordFault(password, 'admin')).toBeUndefined()
  })

  it('has fifteen characters or more, as a reader counts them', () => {
    expect(passwordFault('fourteen chars', 'admin')).toMatch(/^14 characters/)
    expect(passwordFault('🔑'.repeat(14), 'admin')).toMatch(/^14 characters/)
    expect(passwordFault('', 'admin')).toMatch(/^0 characters/)
  })

  it.each(['PasswordPassword', 'qwertyuiop12345', '123456789987654321', 'Password123456789', 'letmeinpassword'])(
    'is not among the commonest: %j',
    (password) => {
      expect(passwordFault(password, 'admin')).toMatch(/commonest|repeated/)
    },
  )

  it.each(['aaaaaaaaaaaaaaa', 'abcabcabcabcabc', 'Fx9!kQ2zFx9!kQ2z'])('is no short piece, repeated: %j', (password) => {
    expect(passwordFault(password, 'admin')).toMatch(/repeated/)
  })

  it('is more than the login', () => {
    expect(passwordFault('Hopper-2026-hopper', 'hopper')).toBe('little more than the login')
    expect(passwordFault('hopper sees the bug', 'hopper')).toBeUndefined()
  })

  it('that is random may be chosen', () => {
    const random = fc.array(
      fc.constantFrom(...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')),
      {
        minLength: 20,
        maxLength: 20,
      },
    )
    let refused = 0
    fc.assert(
      fc.property(random, (characters) => {
        if (passwordFault(characters.join(''), 'admin') !== undefined) refused += 1
      }),
      { numRuns: 2000 },
    )
    // Fast-check also draws what no random generator would: one letter, repeated.
    expect(refused).toBeLessThan(20)
  })
})
