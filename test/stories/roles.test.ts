import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Driver } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

let nod: Driver
let serial = ''
let owner: { readonly user: string; readonly realm: string }

beforeAll(async () => {
  nod = await openNod('roles')
  const holder = await nod.enroll('ada')
  serial = holder.serial
  owner = holder.owner
})
afterAll(() => nod.close())

const LOGIN = { status: 200, error: undefined }
const FORBIDDEN = { status: 401, error: { code: 4306 } }

/** What each call is, and which roles may make it. */
const CALLS: readonly (readonly [string, string, readonly string[]])[] = [
  ['POST', '/validate/triggerchallenge', ['validate', 'admin']],
  ['POST', '/validate/check', ['validate', 'admin']],
  ['GET', '/token/', ['helpdesk', 'admin']],
  ['POST', '/token/init', ['helpdesk', 'admin']],
  ['POST', '/token/disable', ['helpdesk', 'admin']],
  ['POST', '/token/enable', ['helpdesk', 'admin']],
  ['POST', '/token/reset', ['helpdesk', 'admin']],
  ['POST', '/token/setpin', ['helpdesk', 'admin']],
  ['GET', '/policy/', ['admin']],
  ['POST', '/policy/roles-try', ['admin']],
  ['POST', '/policy/disable/roles-try', ['admin']],
  ['DELETE', '/policy/roles-try', ['admin']],
  ['GET', '/apikey/', ['admin']],
  ['POST', '/apikey', ['admin']],
  ['DELETE', '/apikey/roles-try', ['admin']],
  ['GET', '/system/', ['admin']],
  ['POST', '/system/setConfig', ['admin']],
  ['DELETE', '/system/splitAtSign', ['admin']],
  ['POST', '/user/', ['admin']],
  ['POST', '/defaultrealm/defrealm', ['admin']],
]

/** What goes with a call, so that nothing is missing in it but the right to make it. */
const formFor = (path: string, role: string): Record<string, string> =>
  ({
    '/token/init': { type: 'push', genkey: '1', user: 'bob', realm: nod.realm, serial: `ROLES${role}` },
    '/policy/roles-try': { scope: 'authentication', action: 'push_wait=1', realm: nod.realm },
    '/apikey': { name: 'roles-try' },
    '/system/setConfig': { splitAtSign: 'True' },
    '/user/': { user: 'bob', realm: nod.realm },
    '/token/setpin': { ...owner, serial, otppin: '' },
  })[path] ?? selectionFor(path)

const selectionFor = (path: string): Record<string, string> => {
  if (path.startsWith('/validate/')) return { ...owner, serial, pass: '' }
  return path.startsWith('/token/') ? { ...owner, serial } : {}
}

describe('a service key', () => {
  it.each(['validate', 'helpdesk', 'admin'])(
    'with the role %s may do what that role may, and nothing else',
    async (role) => {
      const caller = nod.caller({ authorization: await nod.serviceKey(role, role) })
      const call = (method: string, path: string) =>
        caller.call(method, path, method === 'POST' ? { form: formFor(path, role) } : {})
      for (const [method, path, roles] of CALLS) {
        const reply = await call(method, path)
        expect(reply, `${method} ${path}`).toMatchObject(roles.includes(role) ? LOGIN : FORBIDDEN)
        if (!roles.includes(role)) expect(reply.detail).toEqual({})
      }
      await nod.service.call('DELETE', `/token/ROLES${role}`)
      await nod.revokeServiceKey(role)
      // And when it is revoked, nothing at all.
      for (const [method, path] of CALLS) {
        const anonymous = path === '/validate/check'
        const refused = anonymous ? { status: 403, error: { code: 303 } } : { status: 401, error: { code: 4304 } }
        expect(await call(method, path), `${method} ${path}`).toMatchObject(refused)
      }
    },
  )

  it('is shown once, and listed without what would let anybody in', async () => {
    const { service } = nod
    const made = await service.call('POST', '/apikey', { json: { name: 'roles-vpn', role: 'validate' } })
    const key = String(fields(made.value)['key'])
    expect(key).toMatch(/^nod_[\w-]{43}$/)
    const listed = await service.call('GET', '/apikey/')
    expect(listed.value).toEqual(
      expect.arrayContaining([
        {
          name: 'roles-vpn',
          role: 'validate',
          created_at: expect.any(Number),
          rotated_at: null,
          expires_at: null,
          last_used_at: null,
          earlier: [],
        },
      ]),
    )
    expect(listed.text).not.toContain(key)
    expect(await service.call('POST', '/apikey', { form: { name: 'roles-vpn' } })).toMatchObject({
      status: 400,
      error: { code: 905 },
    })
    expect((await service.call('DELETE', '/apikey/roles-vpn')).status).toBe(200)
    expect(await service.call('DELETE', '/apikey/roles-vpn')).toMatchObject({ status: 404, error: { code: 601 } })
    for (const form of [
      { name: 'a b' },
      { name: '' },
      { name: '..' },
      { role: 'validate' },
      { name: 'x', role: 'root' },
    ] as Record<string, string>[])
      expect(await service.call('POST', '/apikey', { form }), JSON.stringify(form)).toMatchObject({
        status: 400,
        error: { code: 905 },
      })
  })

  it('triggers, checks and polls a whole login', async () => {
    const plugin = nod.caller({ authorization: await nod.serviceKey('whole') })
    const { phone, owner: carla } = await nod.enroll('carla', { pin: '1' })
    for (const open of [() => plugin.trigger(carla), () => plugin.triggerWithPin(carla, '1')]) {
      const login = await open()
      await phone.accept(only(await phone.poll()))
      expect(await plugin.status(login.transactionId)).toBe('accept')
      expect(await plugin.finalize(login.transactionId)).toBe('ACCEPT')
    }
    await nod.revokeServiceKey('whole')
  })
})

describe('a caller without credentials', () => {
  it('may check, and ask how a login stands, and that is all', async () => {
    const anyone = nod.caller()
    for (const [method, path] of CALLS) {
      const reply = await anyone.call(method, path, method === 'POST' ? { form: { ...owner, pass: '' } } : {})
      expect(reply, path).toMatchObject(path === '/validate/check' ? LOGIN : { status: 401, error: { code: 4033 } })
    }
    expect(await anyone.status('00000000000000000000')).toBe('pending')
  })
})
