import { describe, expect, it } from 'vitest'
import { realmAdded, realmItems, resolverItems, userItem } from '../../../src/protocol/administration/user-items.ts'

describe('a user in a list', () => {
  it('has the fields that privacyIDEA has, and no phone number', () => {
    const ada = { login: 'ada', realm: 'sales', givenName: 'Ada', surname: 'L', email: 'ada@example.org' }
    expect(userItem(ada)).toEqual({
      username: 'ada',
      userid: 'ada',
      givenname: 'Ada',
      surname: 'L',
      email: 'ada@example.org',
      mobile: '',
      phone: '',
      resolver: 'nod',
      realm: 'sales',
      editable: true,
    })
  })
})

describe('the list of realms', () => {
  it('marks the default realm, and no other', () => {
    const resolver = [{ name: 'nod', type: 'nod', node: '', priority: null }]
    expect(realmItems(new Set(['sales', 'corp']), 'corp')).toEqual({
      sales: { default: false, resolver },
      corp: { default: true, resolver },
    })
  })

  it('has a new realm with the one resolver; others fail', () => {
    expect(realmAdded(['nod', 'ldap'])).toEqual({ added: ['nod'], failed: ['ldap'] })
    expect(realmAdded([])).toEqual({ added: ['nod'], failed: [] })
  })
})

describe('the list of resolvers', () => {
  it('has one, and nothing under another name', () => {
    const nod = { nod: { resolvername: 'nod', type: 'nod', data: {}, censor_keys: [] } }
    expect(resolverItems()).toEqual(nod)
    expect(resolverItems('nod')).toEqual(nod)
    expect(resolverItems('ldap')).toEqual({})
  })
})
