/** What an administrator whom policy restricts to realms finds in lists: these realms and no other, however it is asked. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Detail, fields } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import type { Driver } from '../driver/driver.ts'
import { openNod } from './scene.ts'

const HEDY = 'reach-hedy'
const OUTSIDE = 'reach-outside'
const RIGHTS = ['tokenlist', 'userlist', 'adduser', 'updateuser', 'deleteuser']

let nod: Driver
let hedy: Service
let other: string
const names = new Map<string, string>()

/** Ada's phone is in one of Hedy's realms and Ben's in the other, Cyd's in neither, and one is nobody's. */
beforeAll(async () => {
  nod = await openNod('reach')
  await nod.service.call('POST', '/administrator', {
    form: { login: HEDY, password: 'long enough by far', role: 'admin' },
  })
  hedy = nod.caller()
  await hedy.auth(HEDY, 'long enough by far')
  names.set((await nod.enroll('ada')).serial, 'ada')
  names.set((await nod.enroll('ben', { pushed: true })).serial, 'ben')
  await nod.service.call('POST', `/realm/${OUTSIDE}`)
  await nod.service.call('POST', '/user/', { form: { user: 'cyd', realm: OUTSIDE } })
  other = (await nod.enroll('cyd')).serial
  const nobodys = (await nod.enroll('dan')).serial
  await nod.service.call('POST', '/token/unassign', { form: { serial: other } })
  await nod.service.call('POST', '/token/assign', { form: { serial: other, user: 'cyd', realm: OUTSIDE } })
  await nod.service.call('POST', '/token/unassign', { form: { serial: nobodys } })
  names.set(other, 'cyd').set(nobodys, 'nobody')
  await nod.service.setPolicy('reach-owner', 'admin', { '*': true }, { adminuser: ['admin'] })
  await nod.service.setPolicy('reach-hedy', 'admin', Object.fromEntries(RIGHTS.map((right) => [right, true])), {
    adminuser: [HEDY],
    realm: [nod.realm, nod.pushedRealm],
  })
})
afterAll(async () => {
  for (const name of ['reach-hedy', 'reach-owner']) await nod.service.call('DELETE', `/policy/${name}`)
  await nod.service.call('DELETE', `/administrator/${HEDY}`)
  await nod.service.call('DELETE', `/user/nod/cyd?realm=${OUTSIDE}`)
  await nod.close()
})

const missing = (right: string) => ({
  status: 403,
  error: { code: 303, message: `Admin actions are defined, but the action ${right} is not allowed!` },
})

describe('the list of tokens', () => {
  it.each<[Record<string, string>, readonly string[]]>([
    [{}, ['ada', 'ben']],
    [{ sortdir: 'desc' }, ['ada', 'ben']],
    [{ sortby: 'description' }, ['ada', 'ben']],
    [{ active: '1', rollout_state: 'enrolled', type: 'push' }, ['ada', 'ben']],
    [{ serial: 'PI*' }, ['ada', 'ben']],
    [{ serial: '*P*' }, ['ada', 'ben']],
    [{ tokenrealm: '*' }, ['ada', 'ben']],
    [{ realm: '*' }, ['ada', 'ben']],
    [{ resolver: 'nod' }, ['ada', 'ben']],
    [{ infokey: 'tokenkind', infovalue: 'soft*' }, ['ada', 'ben']],
    [{ tokenrealm: 'reach-fcm,reach-outside' }, ['ben']],
    [{ tokenrealm: OUTSIDE }, []],
    [{ realm: OUTSIDE }, []],
    [{ userid: 'cyd' }, []],
    [{ userid: 'ada' }, ['ada']],
    [{ assigned: 'false' }, []],
  ])('has for %j what is of their realms', async (query, found) => {
    const { value } = await hedy.call('GET', '/token/', { query: { pagesize: '500', ...query } })
    const tokens = fields(value)['tokens'] as readonly Detail[]
    expect(tokens.map((token) => names.get(String(token['serial'])) ?? '?').toSorted()).toEqual(found)
    expect(fields(value)['count']).toBe(found.length)
  })

  it('finds no other by its serial, alone or among several, nor as a table', async () => {
    for (const serial of [other, `${other},${[...names.keys()].join(',')}`]) {
      const { value } = await hedy.call('GET', '/token/', { query: { serial } })
      expect(fields(value)['tokens'], serial).not.toContainEqual(expect.objectContaining({ serial: other }))
    }
    const { text } = await hedy.call('GET', '/token/', { query: { outform: 'csv', pagesize: '500' } })
    expect(text).toContain([...names.keys()][0])
    expect(text).not.toContain(other)
  })

  it('counts pages as if nothing else were there', async () => {
    const page = async (number: string) =>
      (await hedy.call('GET', '/token/', { query: { pagesize: '1', page: number } })).value
    expect(await page('1')).toMatchObject({ count: 2, prev: null, next: 2, tokens: [{}] })
    expect(await page('2')).toMatchObject({ count: 2, prev: 1, next: null, tokens: [{}] })
    expect(await page('3')).toMatchObject({ count: 2, next: null, tokens: [] })
  })

  it('is refused for a user of another realm, whether there is one or not', async () => {
    for (const user of ['cyd', 'nosuch'])
      expect(await hedy.call('GET', '/token/', { query: { user, realm: OUTSIDE } })).toMatchObject(missing('tokenlist'))
  })
})

describe('users', () => {
  it('are listed of their realms, and of no other', async () => {
    const realms = async (query: Record<string, string>) => {
      const { value } = await hedy.call('GET', '/user/', { query: { pagesize: '500', ...query } })
      return [...new Set((value as readonly Detail[]).map((user) => user['realm']))]
    }
    expect(await realms({})).toEqual([nod.realm, nod.pushedRealm])
    expect(await realms({ realm: '*' })).toEqual([nod.realm, nod.pushedRealm])
    expect(await realms({ realm: OUTSIDE })).toEqual([])
    expect(await realms({ username: 'cyd' })).toEqual([nod.realm])
  })

  it('are added, changed and deleted in their realms alone', async () => {
    const form = { user: 'eve', surname: 'E' }
    const ours = { ...form, realm: nod.realm }
    expect(await hedy.call('POST', '/user/', { form: ours })).toMatchObject({ value: 'eve' })
    expect(await hedy.call('PUT', '/user/', { form: ours })).toMatchObject({ value: true })
    expect(await hedy.call('DELETE', `/user/nod/eve?realm=${nod.realm}`)).toMatchObject({ value: true })
    const theirs = { user: 'cyd', surname: 'C', realm: OUTSIDE }
    expect(await hedy.call('POST', '/user/', { form: theirs })).toMatchObject(missing('adduser'))
    expect(await hedy.call('PUT', '/user/', { form: theirs })).toMatchObject(missing('updateuser'))
    expect(await hedy.call('DELETE', `/user/nod/cyd?realm=${OUTSIDE}`)).toMatchObject(missing('deleteuser'))
  })

  it('are not listed to an administrator whose right covers none, and realms only to those who may read them', async () => {
    await nod.service.setPolicy(
      'reach-hedy',
      'admin',
      { userlist: true, resolverread: true },
      { adminuser: [HEDY], realm: [nod.realm], user: ['ada'] },
    )
    expect(await hedy.call('GET', '/user/')).toMatchObject(missing('userlist'))
    expect(await hedy.call('GET', '/token/')).toMatchObject(missing('tokenlist'))
    expect((await hedy.call('GET', '/realm/')).value).toHaveProperty(OUTSIDE)
    expect(await hedy.call('POST', '/realm/reach-more')).toMatchObject(missing('resolverwrite'))
    expect(await hedy.call('DELETE', '/realm/reach-more')).toMatchObject(missing('resolverdelete'))
    expect(await hedy.call('POST', '/resolver/ldap')).toMatchObject(missing('resolverwrite'))
    expect(await hedy.call('DELETE', '/defaultrealm')).toMatchObject(missing('configdelete'))
  })
})
