import { describe, expect, it } from 'vitest'
import { allowedTokens } from '../../../src/rules/login/allowed-tokens.ts'
import { compilePolicies } from '../../../src/rules/policy/policy-set.ts'
import type { Instant, Policy, TokenType } from '../../../src/vocabulary.ts'
import { policy } from '../policy/sample-policy.ts'
import { after } from './sample-login.ts'

interface Token {
  readonly serial: string
  readonly type: TokenType
  readonly firebase: string
  readonly pollingAllowed?: boolean
  readonly lastUse?: Instant
}
const push: Token = { serial: 'PIPU0001', type: 'push', firebase: 'fb1', lastUse: after(0) }
const edupush: Token = { serial: 'EDUP0002', type: 'edupush', firebase: 'poll only' }

const serials = (action: Policy['action'], tokens: readonly Token[] = [push, edupush], rest: Partial<Policy> = {}) => {
  const set = compilePolicies([policy('p', action, { scope: 'authorization', ...rest })])
  const situation = { owner: { login: 'ada', realm: 'sales' }, address: '192.0.2.7', userAgent: 'x', now: after(3600) }
  const allowed = allowedTokens(set, () => situation, tokens, after(3600))
  return allowed.ok ? allowed.value.map(({ serial }) => serial) : allowed.refusal
}
const notAllowed = (why: string) => ({ reason: 'token_not_allowed', why })

describe('a login is allowed by', () => {
  it.each<[string, Policy['action'], readonly string[]]>([
    ['every token where no policy says more', {}, ['PIPU0001', 'EDUP0002']],
    ['tokens of a type, whatever its case', { tokentype: 'PUSH' }, ['PIPU0001']],
    ['tokens of several types', { tokentype: 'hotp push edupush' }, ['PIPU0001', 'EDUP0002']],
    ['tokens whose serial matches', { serial: '^PIPU' }, ['PIPU0001']],
    ['tokens with a Firebase configuration', { tokeninfo: 'push_firebase_configuration/fb/' }, ['PIPU0001']],
    ['tokens that are software, which all are', { tokeninfo: 'tokenkind/software/' }, ['PIPU0001', 'EDUP0002']],
    ['tokens used within an hour, and those never used', { last_auth: '1h' }, ['PIPU0001', 'EDUP0002']],
    ['tokens never used, where the others are too old', { last_auth: '59m' }, ['EDUP0002']],
  ])('%s', (_, action, expected) => {
    expect(serials(action)).toEqual(expected)
  })

  it('tokens that may poll, where policy asks for it', () => {
    const info = { tokeninfo: 'polling_allowed/True/' }
    expect(
      serials(info, [
        { ...push, pollingAllowed: true },
        { ...edupush, pollingAllowed: false },
      ]),
    ).toEqual(['PIPU0001'])
    expect(serials({ tokeninfo: 'polling_allowed/^$/' }, [push])).toEqual(['PIPU0001'])
  })
})

describe('a login that no token is allowed for', () => {
  it.each<[Policy['action'], unknown]>([
    [{ tokentype: 'hotp' }, notAllowed('Tokentype not allowed for authentication!')],
    [{ serial: '^X' }, notAllowed('Serial is not allowed for authentication!')],
    [
      { tokeninfo: 'tokenkind/hardware/' },
      notAllowed('Tokeninfo field tokenkind with contents does not match regular expression.'),
    ],
    // What is not known of a token is empty; the name of a property of every object is not known either.
    [
      { tokeninfo: 'constructor/Object/' },
      notAllowed('Tokeninfo field constructor with contents does not match regular expression.'),
    ],
  ])('says why: %j', (action, refusal) => {
    expect(serials(action)).toEqual(refusal)
  })

  it('says when its last token was last used', () => {
    expect(serials({ last_auth: '59m' }, [push])).toEqual({ reason: 'unused_too_long', since: after(0) })
  })

  it('is refused at once where a condition is unknown, whatever other tokens there are', () => {
    const conditions = [['HTTP Request header', 'X-Way', 'equals', 'vpn', true]]
    expect(serials({ tokentype: 'push' }, [push], { conditions })).toMatchObject({ reason: 'condition_unknown' })
  })

  it('without any token is refused elsewhere', () => {
    expect(serials({ tokentype: 'hotp' }, [])).toEqual([])
  })
})
