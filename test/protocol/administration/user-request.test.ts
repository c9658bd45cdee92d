import { describe, expect, it } from 'vitest'
import {
  parseNamedUser,
  parseNewRealm,
  parseRealm,
  parseUser,
  parseUserList,
} from '../../../src/protocol/administration/user-request.ts'

const invalid = (name: string) => ({ ok: false, refusal: { reason: 'parameter_invalid', name } })
const missing = (name: string) => ({ ok: false, refusal: { reason: 'parameter_missing', name } })
const list = (params: Record<string, unknown>) => {
  const outcome = parseUserList(params)
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusal))
  return outcome.value
}

describe('a user', () => {
  it('has a login name, and the names that were sent', () => {
    expect(
      parseUser({ user: ' ada ', realm: 'sales', givenname: 'Ada', surname: '', email: 'ada@example.org' }),
    ).toEqual({
      ok: true,
      value: { user: 'ada', realm: 'sales', names: { givenName: 'Ada', surname: '', email: 'ada@example.org' } },
    })
    expect(parseUser({ user: 'ada' })).toEqual({ ok: true, value: { user: 'ada', names: {} } })
    expect(parseUser({ user: 'ada', email: 'x'.repeat(256) })).toMatchObject(invalid('email'))
  })

  it.each(['.', '..', ' .. '])('cannot be called %j, which no path to delete the user can hold', (user) => {
    expect(parseUser({ user })).toMatchObject(invalid('user'))
  })

  it('is named by resolver and login name', () => {
    expect(parseNamedUser({ resolver: 'nod', user: ' ada ', realm: 'sales' })).toEqual({
      ok: true,
      value: { user: 'ada', realm: 'sales' },
    })
    expect(parseNamedUser({ user: 'ada' })).toEqual(missing('resolver'))
  })

  it.each([{}, { user: '' }, { user: '  ' }])('is refused without a login name: %j', (params) => {
    expect(parseUser(params)).toEqual(missing('user'))
    expect(parseNamedUser({ resolver: 'nod', ...params })).toEqual(missing('user'))
  })
})

describe('a list of users', () => {
  it('has everybody, 500 on a page, unless it is filtered', () => {
    expect(list({})).toEqual({ texts: [], matchesNobody: false, page: 1, pageSize: 500 })
    expect(list({ username: '*', surname: '**', mobile: '*', phone: '***' })).toMatchObject({
      texts: [],
      matchesNobody: false,
    })
    expect(list({ page: '2', pagesize: '10' })).toMatchObject({ page: 2, pageSize: 10 })
  })

  it('is filtered by every field that was sent, and by a login name under each of its three names', () => {
    const filter = { username: 'a*', user: '*d*', userid: 'ada', realm: 'sales', resolver: 'nod' }
    expect(list({ ...filter, givenname: 'Ada', surname: 'L*', email: '*@example.org' })).toEqual({
      texts: [
        { text: 'login', pattern: 'a*' },
        { text: 'login', pattern: '*d*' },
        { text: 'login', pattern: 'ada' },
        { text: 'givenName', pattern: 'Ada' },
        { text: 'surname', pattern: 'L*' },
        { text: 'email', pattern: '*@example.org' },
      ],
      realm: 'sales',
      resolver: 'nod',
      matchesNobody: false,
      page: 1,
      pageSize: 500,
    })
  })

  it.each([{ mobile: '1' }, { phone: '*1' }, { mobile: '1*' }, { mobile: '*', phone: '1' }])(
    'finds nobody by a number: %j',
    (params) => {
      expect(list(params)).toMatchObject({ matchesNobody: true })
    },
  )

  it('is refused with a page that is none', () => {
    expect(parseUserList({ page: '0' })).toMatchObject(invalid('page'))
    expect(parseUserList({ pagesize: 'all' })).toMatchObject({ refusal: { name: 'pagesize' } })
  })
})

describe('a realm', () => {
  it('is named in lower case', () => {
    expect(parseRealm({ realm: 'Sales-EU.1_a' })).toEqual({ ok: true, value: 'sales-eu.1_a' })
    expect(parseRealm({})).toEqual(missing('realm'))
  })

  it.each(['a b', 'a/b', '/a', 'a/', 'a@b', ' a', 'ä'])('cannot be named %j', (realm) => {
    expect(parseRealm({ realm })).toMatchObject(invalid('realm'))
    expect(parseNewRealm({ realm })).toMatchObject(invalid('realm'))
  })

  it('is added with resolvers, a list or a text with commas', () => {
    for (const resolvers of [' nod, other,,', ['nod ', ' other', '']])
      expect(parseNewRealm({ realm: 'Sales', resolvers })).toEqual({
        ok: true,
        value: { realm: 'sales', resolvers: ['nod', 'other'] },
      })
    expect(parseNewRealm({ realm: 'sales' })).toEqual({ ok: true, value: { realm: 'sales', resolvers: [] } })
    for (const resolvers of [7, [7], { nod: 1 }])
      expect(parseNewRealm({ realm: 'sales', resolvers })).toMatchObject(invalid('resolvers'))
  })
})
