/** What administrators mistype is refused with what they meant, and changes nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { openNod } from './scene.ts'

let nod: Driver
beforeAll(async () => {
  nod = await openNod('mistakes')
})
afterAll(() => nod.close())

const refused = (message: string) => ({ status: 400, error: { code: 905, message: `ERR905: ${message}` } })

describe('a misspelled parameter', () => {
  it('of a policy is refused, and no policy for everybody is made of it', async () => {
    const policy = { scope: 'authentication', action: 'push_wait=5', realm: nod.realm, users: 'bob' }
    const answer = refused("Unknown parameter 'users'. Did you mean 'user'?")
    const { service } = nod
    expect(await service.call('POST', '/policy/mistaken', { form: policy })).toMatchObject(answer)
    expect(await service.call('POST', '/policy/mistaken', { json: policy })).toMatchObject(answer)
    expect(await service.call('POST', '/policy/mistaken', { query: policy })).toMatchObject(answer)
    expect((await service.call('GET', '/policy/mistaken')).value).toEqual([])
  })

  it('of a list is refused, and does not list everything', async () => {
    const { service } = nod
    expect(await service.call('GET', '/audit/', { query: { users: 'ada' } })).toMatchObject(
      refused("Unknown parameter 'users'. Did you mean 'user'?"),
    )
    expect(await service.call('GET', '/token/', { query: { username: 'ada' } })).toMatchObject(
      refused("Unknown parameter 'username'."),
    )
    expect(await service.call('DELETE', '/token/', { query: { user: 'ada', reaml: nod.realm } })).toMatchObject(
      refused("Unknown parameter 'reaml'. Did you mean 'realm'?"),
    )
  })

  it('of the audit that Nod has nothing to compare with is refused unless it matches everything', async () => {
    const { service } = nod
    expect(await service.call('GET', '/audit/', { query: { token_type: 'push' } })).toMatchObject(
      refused('Invalid parameter token_type: Nod cannot filter by it'),
    )
    expect(await service.call('GET', '/audit/', { query: { token_type: '**', page_size: '1' } })).toMatchObject({
      status: 200,
    })
  })

  it('is quoted no longer than a name may be', async () => {
    const reply = await nod.service.call('POST', '/policy/mistaken', { json: { ['x'.repeat(9_000)]: 1, __proto__: 1 } })
    expect(reply).toMatchObject(refused(`Unknown parameter '${'x'.repeat(64)}'.`))
  })
})

describe('parameters that are read nowhere in Nod', () => {
  it('are ignored where privacyIDEA reads them for other types of tokens', async () => {
    const sent = { '2stepinit': '0', verify: '1', otplen: '6', 'radius.system_settings': 'true', resolver: 'ldap' }
    const form = { type: 'push', genkey: '1', user: 'grace', realm: nod.realm, ...sent }
    const reply = await nod.service.call('POST', '/token/init', { form })
    expect(reply).toMatchObject({ status: 200, value: true })
    await nod.service.deleteToken(String(reply.detail['serial']))
  })

  it('are ignored where a plugin logs somebody in', async () => {
    const { owner } = await nod.enroll('ada', { pin: '1' })
    const form = { ...owner, pass: 'no', resConf: '1', nas: 'vpn' }
    expect(await nod.service.call('POST', '/validate/check', { form })).toMatchObject({ status: 200, value: false })
  })
})

describe('a misspelled realm', () => {
  const unknown = (message: string, code = 904) => ({
    status: 400,
    error: { code, message: `ERR${code}: Unknown realm 'mistkaes'. Did you mean 'mistakes'? ${message}.` },
  })

  it('is refused with the one that exists and is spelled most alike, and is not created', async () => {
    const { service } = nod
    const answer = unknown('POST /realm/mistkaes creates it')
    const notUsers = unknown('POST /realm/mistkaes creates it', 905)
    const user = { user: 'ivy-mistaken', realm: 'mistkaes' }
    const token = { type: 'push', genkey: '1' }
    expect(await service.call('POST', '/user/', { form: user })).toMatchObject(answer)
    expect(await service.call('POST', '/token/init', { form: { ...token, ...user } })).toMatchObject(answer)
    expect(await service.call('POST', '/token/init', { form: { ...token, tokenrealm: 'mistkaes' } })).toMatchObject(
      notUsers,
    )
    expect(await service.call('POST', '/defaultrealm/mistkaes')).toMatchObject(notUsers)
    const { serial } = await nod.enroll('jo')
    await service.call('POST', '/token/unassign', { form: { serial } })
    expect(await service.call('POST', '/token/assign', { form: { ...user, serial } })).toMatchObject(answer)
    expect((await service.call('GET', '/realm/')).value).not.toHaveProperty('mistkaes')
    expect((await service.call('GET', '/user/', { query: { username: 'ivy-mistaken' } })).value).toEqual([])
    await service.call('POST', '/realm/mistkaes')
    expect(await service.call('POST', '/user/', { form: user })).toMatchObject({ status: 200 })
    await service.call('DELETE', '/user/nod/ivy-mistaken?realm=mistkaes')
    await service.call('DELETE', '/realm/mistkaes')
  })

  it('behind an at sign makes no login of the default realm, unless that realm is named', async () => {
    const { service } = nod
    const init = (form: Record<string, string>) =>
      service.call('POST', '/token/init', { form: { type: 'push', genkey: '1', ...form } })
    const login = 'kim@mistkaes'
    expect(await init({ user: login })).toMatchObject(
      unknown("POST /realm/mistkaes creates it, and a parameter realm makes 'kim@mistkaes' a login name of that realm"),
    )
    expect(await init({ user: String.raw`mistkaes\kim` })).toMatchObject({ status: 400, error: { code: 904 } })
    const add = (form: Record<string, string>) => service.call('POST', '/user/', { form: { user: login, ...form } })
    expect(await add({})).toMatchObject({ status: 400, error: { code: 904 } })
    expect(await add({ realm: 'defrealm' })).toMatchObject({ status: 200 })
    // The user exists now, so that the name alone is clear.
    expect(await add({ surname: 'K.' })).toMatchObject({ status: 200 })
    await service.call('DELETE', '/user/nod/kim@mistkaes?realm=defrealm')
  })
})

describe('an action that a policy cannot have', () => {
  it.each([
    ['authentication', 'push_number_matching=1', "Did you mean 'push_require_presence'?"],
    ['authentication', 'edupush_timeout=1', "Did you mean 'edupush_wait'?"],
    ['authentication', 'push_wiat=5', "Did you mean 'push_wait'?"],
    ['authentication', 'push_ttl=5', 'It is an action of the scope enrollment.'],
    ['enrollment', 'number_matching=1', "Did you mean 'push_require_presence', of the scope authentication?"],
    ['authentication', 'constructor=1', ''],
  ])('is refused in the scope %s with what is meant: %s', async (scope, action, meant) => {
    const reply = await nod.service.call('POST', '/policy/mistaken', { form: { scope, action, realm: nod.realm } })
    const [name] = action.split('=')
    expect(reply).toMatchObject(refused(`Invalid actions ['${name}']!${meant === '' ? '' : ` ${meant}`}`))
    const policies = [{ name: 'mistaken', scope, action: { [name ?? '']: '1' } }]
    const imported = await nod.service.call('POST', '/policy/import/p.json', { json: { policies } })
    expect(imported.error?.message).toContain(
      `there is no action ${name} in this scope.${meant === '' ? '' : ` ${meant}`}`,
    )
  })

  it('is no setting either', async () => {
    const reply = await nod.service.call('POST', '/system/setConfig', { form: { DefaultMaxFailcount: '5' } })
    expect(reply).toMatchObject(
      refused("Invalid parameter DefaultMaxFailcount: Nod has no such setting. Did you mean 'DefaultMaxFailCount'?"),
    )
  })
})

describe('a token', () => {
  it('is a push token if nothing else is asked for', async () => {
    const form = { genkey: '1', user: 'lin', realm: nod.realm }
    const reply = await nod.service.call('POST', '/token/init', { form })
    const serial = String(reply.detail['serial'])
    expect(await nod.token(serial)).toMatchObject({ tokentype: 'push', username: 'lin' })
    await nod.service.deleteToken(serial)
  })

  it.each(['.', '..'])('is not enrolled for or assigned to a user called %j, whom no path could name', async (user) => {
    const { service, realm } = nod
    const answer = refused('Invalid parameter user: not a login name')
    const owners: readonly Record<string, string>[] = [{ user, realm }, { user: `${user}@${realm}` }]
    for (const owner of owners) {
      const form = { type: 'push', genkey: '1', ...owner }
      expect(await service.call('POST', '/token/init', { form })).toMatchObject(answer)
      expect(await service.call('POST', '/user/', { form: owner })).toMatchObject(answer)
      const { serial } = await nod.enroll('pat')
      await service.call('POST', '/token/unassign', { form: { serial } })
      expect(await service.call('POST', '/token/assign', { form: { serial, ...owner } })).toMatchObject(answer)
    }
  })
})

it('a role that is too small is told every role that would do', async () => {
  const roles = async (role: string, method: string, path: string) => {
    const name = `${role}${path.replaceAll('/', '-')}`
    const caller = nod.caller({ authorization: await nod.serviceKey(name, role) })
    const reply = await caller.call(method, path, method === 'POST' ? { form: { user: 'ada', realm: nod.realm } } : {})
    await nod.revokeServiceKey(name)
    return /\(\[(.*)\]\)/.exec(reply.error?.message ?? '')?.[1]
  }
  expect(await roles('helpdesk', 'POST', '/validate/triggerchallenge')).toBe("'admin', 'validate'")
  expect(await roles('validate', 'GET', '/token/')).toBe("'admin', 'helpdesk'")
  expect(await roles('helpdesk', 'GET', '/policy/')).toBe("'admin'")
})
