import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Detail, fields } from '../simulation/reply.ts'
import type { Driver } from '../driver/driver.ts'
import { openNod, url } from './scene.ts'

let nod: Driver
const serial = new Map<string, string>()

beforeAll(async () => {
  nod = await openNod('listing')
  for (const [name, user, how] of [
    ['ada', 'ada', { pin: '1234' }],
    ['ada again', 'ada', { pushed: true }],
    ['ben', 'ben', { type: 'edupush' as const }],
  ] as const)
    serial.set(name, (await nod.enroll(user, how)).serial)
  serial.set('waiting', (await nod.service.init({ user: 'cyd', realm: nod.realm })).serial ?? '')
  await nod.service.call('POST', `/token/disable/${serial.get('ben')}`)
})
afterAll(async () => {
  await nod.service.deleteToken(serial.get('waiting') ?? '')
  await nod.close()
})

const ask = (query: Record<string, string>) => nod.service.call('GET', '/token/', { query })
/** Whose of this file's tokens are listed, and in what order. */
async function listed(query: Record<string, string>): Promise<readonly string[]> {
  const { value } = await ask({ tokenrealm: 'listing*', ...query })
  const names = new Map([...serial].map(([name, one]) => [one, name]))
  return itemsOf(value).map((item) => names.get(String(item['serial'])) ?? '?')
}
const itemsOf = (value: unknown): readonly Detail[] => fields(value)['tokens'] as readonly Detail[]
const sorted = async (query: Record<string, string>) => (await listed(query)).toSorted()

describe('the list of tokens', () => {
  it.each<[Record<string, string>, readonly string[]]>([
    [{}, ['ada', 'ada again', 'ben', 'waiting']],
    [{ active: 'False' }, ['ben', 'waiting']],
    [{ active: '1', tokenrealm: 'LISTING' }, ['ada']],
    [{ type: 'push' }, ['ada', 'ada again', 'waiting']],
    [{ type: 'edu*' }, ['ben']],
    [{ type_list: 'hotp,edupush' }, ['ben']],
    [{ type: 'hotp' }, []],
    [{ rollout_state: 'clientwait' }, ['waiting']],
    [{ rollout_state: 'enr*', assigned: 'true' }, ['ada', 'ada again', 'ben']],
    [{ assigned: 'false' }, []],
    [{ userid: 'ada' }, ['ada', 'ada again']],
    [{ user: 'ada@listing-fcm' }, ['ada again']],
    [{ user: 'ada', realm: 'listing' }, ['ada']],
    [{ user: 'ada', realm: 'listing', userid: 'ben' }, []],
    [{ user: 'ada', realm: 'listing', tokenrealm: 'listing-fcm' }, []],
    [{ tokenrealm: 'listing-fcm, nosuch' }, ['ada again']],
    [{ tokenrealm: 'nosuch' }, []],
    [{ resolver: 'nod' }, ['ada', 'ada again', 'ben', 'waiting']],
    [{ resolver: 'ldap' }, []],
    [{ container_serial: 'SMPH1' }, []],
    [{ infokey: 'push_firebase_configuration', infovalue: 'fb1' }, ['ada again']],
    [{ infokey: 'edupush_firebase_configuration', infovalue: 'poll*' }, ['ben']],
    [{ infokey: 'tokenkind', infovalue: 'hardware' }, []],
    [{ infokey: 'pin' }, []],
  ])('finds, asked for %j, %j', async (query, names) => {
    expect(await sorted(query)).toEqual(names)
  })

  it('finds serials, one or several, or what they begin with', async () => {
    const [one = '', other = ''] = serial.values()
    expect(await sorted({ serial: `${one}, ${other},NOSUCH` })).toEqual(['ada', 'ada again'])
    expect(await listed({ serial: `${one.slice(0, 11)}*` })).toContain('ada')
    expect(await listed({ serial: `*${one.slice(4)}` })).toEqual(['ada'])
    expect(await listed({ serial: one.toLowerCase() })).toEqual([])
  })

  it('is sorted by any column there is, and cut into pages', async () => {
    const by = (query: Record<string, string>) => listed({ tokenrealm: 'listing', ...query })
    const up = await by({ sortby: 'serial' })
    expect(await by({ sortby: 'serial', sortdir: 'desc' })).toEqual(up.toReversed())
    expect((await by({ sortby: 'active', sortdir: 'desc' }))[0]).toBe('ada')
    expect((await by({ sortby: 'tokentype' }))[0]).toBe('ben')
    expect((await by({ sortby: 'rollout_state' }))[0]).toBe('waiting')
    const pages = [await by({ pagesize: '2' }), await by({ pagesize: '2', page: '2' })]
    expect(pages.flat()).toEqual(up)
    expect(await ask({ tokenrealm: 'listing', pagesize: '2', page: '2' })).toMatchObject({
      value: { count: 3, prev: 1, next: null },
    })
    expect(await ask({ tokenrealm: 'listing', pagesize: '2', page: '9' })).toMatchObject({
      value: { count: 3, prev: 8, next: null, tokens: [] },
    })
  })

  it.each<[Record<string, string>, string]>([
    [{ page: '0' }, 'page'],
    [{ pagesize: '-1' }, 'pagesize'],
    [{ sortby: 'pin' }, 'sortby'],
    [{ sortby: 'constructor' }, 'sortby'],
    [{ sortdir: 'up' }, 'sortdir'],
    [{ active: 'perhaps' }, 'active'],
    [{ assigned: '2' }, 'assigned'],
    [{ serial: 'A*,B' }, 'serial'],
    [{ description: `${'é'.repeat(30)}*`, tokenrealm: 'listing' }, '*'],
  ])('refuses %j', async (query, name) => {
    const { status, error } = await ask(query)
    expect({ status, code: error?.code }).toEqual({ status: 400, code: 905 })
    expect(error?.message).toContain(`Invalid parameter ${name}:`)
  })

  it('has no user whom no request has named', async () => {
    expect(await ask({ user: 'nobody-here' })).toMatchObject({ status: 400, error: { code: 904 } })
    expect(await ask({ user: 'al*' })).toMatchObject({ status: 400, error: { code: 904 } })
    await nod.service.call('POST', '/user/', { form: { user: 'tokenless', realm: nod.realm } })
    expect(await ask({ user: 'tokenless', realm: nod.realm })).toMatchObject({ value: { count: 0 } })
    await nod.service.call('DELETE', `/user/nod/tokenless?realm=${nod.realm}`)
  })

  it.each(['page', 'pagesize'])('says in privacyIDEA’s words that %s is a number', async (name) => {
    for (const text of ['x', '1.5', '0x1'])
      expect(await ask({ [name]: text })).toMatchObject({
        status: 400,
        error: { code: 905, message: `ERR905: Invalid value for parameter ${name}: expected an integer.` },
      })
  })

  it('counts failed attempts as the phone itself does', async () => {
    await nod.service.check({ user: 'ada', realm: nod.realm, pass: '9' })
    const { value } = await ask({ serial: serial.get('ada') ?? '' })
    expect(itemsOf(value)[0]).toMatchObject({ failcount: 1 })
  })

  it('tells no secret, and of the info only what is not hidden', async () => {
    const { value } = await ask({ tokenrealm: 'listing*', hidden_tokeninfo: 'tokenkind, creation_date' })
    const text = JSON.stringify(value)
    for (const secret of [
      'private',
      'credential',
      'fbtoken',
      'firebase_token',
      'hash',
      '"pin"',
      'tokenkind',
      'creation_date',
    ])
      expect(text, secret).not.toContain(secret)
    expect(text).toContain('public_key_smartphone')
  })

  it('says which keys of the info administrators may write, delete and set', async () => {
    const name = serial.get('waiting') ?? ''
    const keys = async (query: Record<string, string> = {}) => {
      const item = itemsOf((await ask({ serial: name, ...query })).value)[0] ?? {}
      const lists = ['readonly_info_keys', 'undeletable_info_keys', 'settable_info_keys']
      return lists.map((list) => (item[list] as readonly string[]).toSorted())
    }
    const written = ['assignment_date', 'creation_date', 'push_firebase_configuration', 'tokenkind']
    expect(await keys()).toEqual([written, written, []])

    const form = { serial: name, count_auth_max: '9', validity_period_end: '2099-01-01T00:00+0000' }
    await nod.service.call('POST', '/token/set', { form })
    await nod.service.call('POST', `/token/info/${name}/inventory`, { form: { value: '17' } })
    const settable = ['count_auth_max', 'validity_period_end']
    const all = [...written, ...settable].toSorted()
    expect(await keys()).toEqual([all, all, settable])
    const hidden = await keys({ hidden_tokeninfo: 'count_auth_max' })
    expect(hidden).toEqual([
      all.filter((key) => key !== 'count_auth_max'),
      all.filter((key) => key !== 'count_auth_max'),
      ['validity_period_end'],
    ])
  })

  it('finds a token by whatever its info tells', async () => {
    const name = serial.get('ada again') ?? ''
    const info = Object.entries(fields(itemsOf((await ask({ serial: name })).value)[0]?.['info']))
    expect(info.length).toBeGreaterThan(4)
    for (const [infokey, value] of info) {
      const infovalue = String(value).length > 200 ? `${String(value).slice(0, 40)}*` : String(value)
      expect(await ask({ serial: name, infokey, infovalue }), infokey).toMatchObject({ value: { count: 1 } })
      expect(await ask({ serial: name, infokey, infovalue: 'another' }), infokey).toMatchObject({ value: { count: 0 } })
    }
  })

  it('comes as a table, in which nothing is a formula', async () => {
    const name = serial.get('waiting') ?? ''
    await nod.service.init({
      user: 'eve',
      realm: nod.realm,
      serial: 'LISTINGCSV',
      description: `it's,=HYPERLINK("x")\nnext`,
    })
    const answer = await fetch(`${url}/token/?outform=csv&serial=LISTINGCSV,${name}`, {
      headers: { authorization: nod.service.token ?? '' },
    })
    await nod.service.deleteToken('LISTINGCSV')
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    const [head = '', first = '', ...rest] = (await answer.text()).split('\n')
    expect(head).toMatch(
      /^'id', 'description', 'serial', .*'user_editable', 'readonly_info_keys', 'undeletable_info_keys', 'settable_info_keys', 'container_serial', $/,
    )
    expect(first).toContain(`, 'it''s,''=HYPERLINK("x") next', 'LISTINGCSV', 'push', '{"tokenkind":"software",`)
    expect(first).toMatch(
      /'\["listing"\]', '\[\]', 'eve', 'listing', 'True', '\["tokenkind",[^']*', '\["tokenkind",[^']*', '\[\]', '', $/,
    )
    expect(rest).toHaveLength(2)
  })
})
