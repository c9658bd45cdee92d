import { describe, expect, it } from 'vitest'
import { checkUsable, isSameOwner, isVoid } from '../../../src/rules/token/token.ts'
import { revision } from '../../../src/vocabulary.ts'
import { after } from '../login/sample-login.ts'

const usable = { state: 'enrolled', active: true, revoked: false, phoneKey: 'key', signingKey: 'k1' } as const
const ada = { login: 'ada', realm: 'sales' }

describe('a token', () => {
  it.each<[string, Partial<Parameters<typeof checkUsable>[0]>, string]>([
    ['takes part in a login when it is enrolled and enabled', {}, 'ok'],
    ['does not when it is revoked, even if it is disabled as well', { revoked: true, active: false }, 'token_revoked'],
    ['does not when it is disabled', { active: false }, 'no_suitable_token'],
    ['does not while its phone has not registered', { state: 'clientwait' }, 'no_suitable_token'],
    ['does not without a key of its phone', { phoneKey: undefined }, 'no_suitable_token'],
    ['does not without a key to sign its prompts', { signingKey: undefined }, 'no_suitable_token'],
    ['takes part from the first instant of its validity', { validFrom: after(10) }, 'ok'],
    ['does not before that', { validFrom: after(11) }, 'outside_validity'],
    ['takes part until the last instant of its validity', { validUntil: after(10) }, 'ok'],
    ['does not after that', { validUntil: after(9) }, 'outside_validity'],
    ['is called disabled before it is called outdated', { active: false, validUntil: after(9) }, 'no_suitable_token'],
  ])('%s', (_, change, expected) => {
    const checked = checkUsable({ ...usable, ...change }, after(10))
    expect(checked.ok ? 'ok' : checked.refusal.reason).toBe(expected)
  })
})

describe('an owner', () => {
  it('is the same when login and realm are, or when there is none', () => {
    expect(isSameOwner(ada, { ...ada })).toBe(true)
    expect(isSameOwner(undefined, undefined)).toBe(true)
    expect(isSameOwner(ada, undefined)).toBe(false)
    expect(isSameOwner(undefined, ada)).toBe(false)
    expect(isSameOwner(ada, { ...ada, realm: 'it' })).toBe(false)
    expect(isSameOwner(ada, { ...ada, login: 'bob' })).toBe(false)
  })
})

describe('a login whose token has changed since it opened', () => {
  it.each<[string, Parameters<typeof isVoid>, boolean]>([
    ['does not count when it opened before the change', [{ voidBefore: revision(5) }, { revision: revision(4) }], true],
    ['counts when it opened with the change', [{ voidBefore: revision(5) }, { revision: revision(5) }], false],
    ['counts when the change voids nothing', [{}, { revision: revision(4) }], false],
    ['counts when it is not known which revision it opened with', [{ voidBefore: revision(5) }, {}], false],
    ['does not count when the token has another owner', [{ owner: { ...ada, login: 'bob' } }, { owner: ada }], true],
    ['does not count when the token has no owner any more', [{}, { owner: ada }], true],
    ['counts when the owner is the same', [{ owner: ada }, { owner: ada }], false],
    ['counts when nobody owned the token', [{ owner: ada }, {}], false],
  ])('%s', (_, [token, opened], expected) => {
    expect(isVoid(token, opened)).toBe(expected)
  })
})
