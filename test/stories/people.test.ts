import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Service } from '../simulation/service.ts'
import type { Driver } from '../driver/driver.ts'
import { openNod } from './scene.ts'

let nod: Driver
let service: Service

beforeAll(async () => {
  nod = await openNod('people')
  service = nod.service
  await service.call('POST', '/realm/known')
  for (const [user, givenname, surname] of [
    ['ada', 'Ada', 'Lovelace'],
    ['adele', 'Adele', 'Goldberg'],
    ['grace', 'Grace', 'Hopper'],
  ] as const)
    await service.call('POST', '/user/', {
      form: { user, realm: 'known', givenname, surname, email: `${user}@x.example` },
    })
})
afterAll(async () => {
  await service.call('DELETE', '/user/nod/holder?realm=people')
  await service.call('POST', '/defaultrealm/defrealm')
  for (const user of ['ada', 'adele', 'grace']) await service.call('DELETE', `/user/nod/${user}?realm=known`)
  await service.call('DELETE', '/realm/known')
  await nod.close()
})

const ask = (query: Record<string, string>) => service.call('GET', '/user/', { query })
const found = async (query: Record<string, string>) =>
  ((await ask({ realm: 'known', ...query })).value as { username: string }[]).map(({ username }) => username)

describe('the list of users', () => {
  it('has what clients read of each', async () => {
    const { value } = await ask({ realm: 'Known', username: 'ada' })
    expect(value).toEqual([
      {
        username: 'ada',
        userid: 'ada',
        givenname: 'Ada',
        surname: 'Lovelace',
        email: 'ada@x.example',
        mobile: '',
        phone: '',
        resolver: 'nod',
        realm: 'known',
        editable: true,
      },
    ])
  })

  it.each<[Record<string, string>, readonly string[]]>([
    [{}, ['ada', 'adele', 'grace']],
    [{ username: 'ad*' }, ['ada', 'adele']],
    [{ user: '*e' }, ['adele', 'grace']],
    [{ username: 'AD*' }, []],
    [{ username: '*', surname: '*per' }, ['grace']],
    [{ givenname: 'ada*', email: '*@X.example' }, ['ada']],
    [{ username: 'a[d]*' }, []],
    [{ username: '?da*' }, []],
    [{ userid: 'grace' }, ['grace']],
    [{ resolver: 'ldap' }, []],
    [{ resolver: 'n*', mobile: '*' }, ['ada', 'adele', 'grace']],
    [{ phone: '+49' }, []],
    [{ realm: 'nosuch' }, []],
    [{ realm: 'kno*', pagesize: '2', page: '2' }, ['grace']],
  ])('finds, asked for %j, %j', async (query, names) => {
    expect(await found(query)).toEqual(names)
  })

  it('refuses what it cannot read', async () => {
    for (const query of [{ page: 'x' }, { pagesize: '0' }, { username: `${'é'.repeat(30)}*` }] as Record<
      string,
      string
    >[])
      expect(await ask(query)).toMatchObject({ status: 400, error: { code: 905 } })
  })

  it('lists everyone who has a token', async () => {
    await nod.enroll('holder')
    expect(await found({ realm: 'people', username: 'holder' })).toEqual(['holder'])
  })
})

describe('a user', () => {
  it('changes by what is sent, and is not made by a change', async () => {
    const change = (form: Record<string, string>) =>
      service.call('PUT', '/user/', { form: { realm: 'known', ...form } })
    expect(await change({ user: 'grace', surname: 'Murray Hopper', email: '' })).toMatchObject({ value: true })
    expect((await ask({ realm: 'known', username: 'grace' })).value).toMatchObject([
      { givenname: 'Grace', surname: 'Murray Hopper', email: '' },
    ])
    expect(await change({ user: 'nobody', surname: 'x' })).toMatchObject({ status: 400, error: { code: 904 } })
    expect(await change({ user: '' })).toMatchObject({ status: 400, error: { code: 905 } })
    expect(await found({ username: 'nobody' })).toEqual([])
  })

  it('can be named with an existing realm behind an at sign, in any case', async () => {
    expect(await service.call('PUT', '/user/', { form: { user: 'ada@KNOWN', givenname: 'Augusta' } })).toMatchObject({
      value: true,
    })
    expect(await service.call('PUT', '/user/', { form: { user: 'ada@nosuch', givenname: 'x' } })).toMatchObject({
      error: { code: 904 },
    })
    expect(await service.call('PUT', '/user/', { form: { user: 'ada', realm: 'elsewhere' } })).toMatchObject({
      error: { code: 904 },
    })
    expect(await service.check({ user: 'nobody@known', pass: 'x' })).toMatchObject({
      status: 400,
      error: { code: 904 },
    })
  })
})

describe('a realm', () => {
  const realms = async () => (await service.call('GET', '/realm/')).value as Record<string, { default: boolean }>

  it('exists once it is created, with the one resolver', async () => {
    expect((await realms())['people']).toEqual({
      default: false,
      resolver: [{ name: 'nod', type: 'nod', node: '', priority: null }],
    })
    expect((await service.call('GET', '/realm/superuser')).value).toEqual([])
  })

  it('is created empty, stays when its last user is deleted, and can be deleted when it has no user', async () => {
    const made = await service.call('POST', '/realm/People-Empty', { form: { resolvers: 'nod, ldap' } })
    expect(made.value).toEqual({ added: ['nod'], failed: ['ldap'] })
    expect(await service.call('POST', '/realm/people-empty', { json: { resolvers: ['nod'] } })).toMatchObject({
      value: { added: ['nod'], failed: [] },
    })
    await service.call('POST', '/user/', { form: { user: 'ivy', realm: 'people-empty' } })
    expect(await service.call('DELETE', '/realm/people-empty')).toMatchObject({ status: 400, error: { code: 302 } })
    await service.call('DELETE', '/user/nod/ivy?realm=people-empty')
    expect(await realms()).toHaveProperty('people-empty')
    expect(await service.call('DELETE', '/realm/people-empty')).toMatchObject({ status: 200, value: 1 })
    expect(await realms()).not.toHaveProperty('people-empty')
    expect(await service.call('DELETE', '/realm/people-empty')).toMatchObject({ status: 404, error: { code: 601 } })
    for (const resolvers of [7, [{ toString: 1 }], { nod: 1 }])
      expect(await service.call('POST', '/realm/people-empty', { json: { resolvers } })).toMatchObject({
        status: 400,
        error: { code: 905 },
      })
    expect(await service.call('POST', '/realm/a%20b')).toMatchObject({ status: 400, error: { code: 905 } })
  })

  it.each(['people-named', '!People-Named'])('stays while a policy names it as %s', async (named) => {
    const person = { user: 'ivy', realm: 'people-named' }
    await service.call('POST', '/realm/people-named')
    await service.call('POST', '/user/', { form: person })
    await service.call('POST', '/policy/people-named', {
      form: { scope: 'authentication', action: 'push_wait=1', realm: `people,${named}`, user: 'nobody' },
    })
    await service.call('DELETE', '/user/nod/ivy?realm=people-named')
    expect(await realms()).toHaveProperty('people-named')
    expect(await service.call('DELETE', '/realm/people-named')).toMatchObject({ status: 400, error: { code: 302 } })
    await service.call('DELETE', '/policy/people-named')
    expect(await service.call('DELETE', '/realm/people-named')).toMatchObject({ status: 200, value: 1 })
    expect(await realms()).not.toHaveProperty('people-named')
  })

  it('may be the default, of which there always is one', async () => {
    await service.call('POST', '/defaultrealm/people')
    expect((await service.call('GET', '/defaultrealm')).value).toMatchObject({ people: { default: true } })
    expect(await service.call('DELETE', '/realm/people')).toMatchObject({ status: 400, error: { code: 302 } })
    expect(await service.call('DELETE', '/defaultrealm')).toMatchObject({ value: 1 })
    expect(Object.keys((await service.call('GET', '/defaultrealm')).value as object)).toEqual(['defrealm'])
  })

  it('is not deleted under a user who arrives at the same moment', async () => {
    for (const round of [1, 2, 3, 4, 5]) {
      const realm = `people-race-${round}`
      await service.call('POST', `/realm/${realm}`)
      const [added, deleted] = await Promise.all([
        service.call('POST', '/user/', { form: { user: 'rae', realm } }),
        service.call('DELETE', `/realm/${realm}`),
      ])
      // Whichever came first: whoever is in a realm is in one that there is.
      expect([200, 400]).toContain(deleted.status)
      if (added.status === 200) expect(await realms()).toHaveProperty(realm)
      await service.call('DELETE', `/user/nod/rae?realm=${realm}`)
      await service.call('DELETE', `/realm/${realm}`)
    }
  })
})

describe('the resolver', () => {
  it('is the only one, and no other can be made', async () => {
    expect((await service.call('GET', '/resolver/')).value).toMatchObject({ nod: { type: 'nod', data: {} } })
    expect((await service.call('GET', '/resolver/nod')).value).toHaveProperty('nod')
    expect((await service.call('GET', '/resolver/ldap')).value).toEqual({})
    for (const [method, path] of [
      ['POST', '/resolver/ldap'],
      ['POST', '/resolver/test'],
      ['DELETE', '/resolver/nod'],
    ] as const)
      expect(await service.call(method, path)).toMatchObject({ status: 501, error: { code: -501 } })
  })
})
