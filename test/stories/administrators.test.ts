import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Reply, Service } from '../simulation/service.ts'
import { fields } from '../simulation/reply.ts'
import type { Driver } from '../driver/driver.ts'
import { openNod } from './scene.ts'

const WRONG = 'Authentication failed.'
let nod: Driver
const added = new Set<string>()

beforeAll(async () => {
  nod = await openNod('administrators')
})
afterAll(async () => {
  for (const login of added) await nod.service.call('DELETE', `/administrator/${login}`)
  await nod.close()
})

async function add(login: string, role: string, password = `password of ${login}`): Promise<string> {
  const reply = await nod.service.call('POST', '/administrator', { form: { login, password, role } })
  expect(reply).toMatchObject({ status: 200, value: true })
  added.add(login)
  return password
}

const signIn = (username: string, password: string): Promise<Reply> =>
  nod.caller().call('POST', '/auth', { form: { username, password } })

async function signedIn(login: string, password: string): Promise<Service> {
  return nod.caller({ authorization: await nod.caller().auth(login, password) })
}

const claimsOf = (token: unknown): unknown =>
  JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64').toString())

describe('an administrator beside the first one', () => {
  it('signs in, and may do what the role says', async () => {
    const password = await add('admins-hedy', 'helpdesk')
    const reply = await signIn('admins-hedy', password)
    expect(reply).toMatchObject({ status: 200, authentication: 'ACCEPT' })
    expect(reply.value).toMatchObject({ role: 'helpdesk', username: 'admins-hedy', realm: '', auth: true })
    expect(claimsOf(fields(reply.value)['token'])).toMatchObject({ username: 'admins-hedy', role: 'helpdesk' })

    const hedy = await signedIn('admins-hedy', password)
    const { serial, owner } = await nod.enroll('iris')
    expect(await hedy.call('GET', '/token/', { query: { serial } })).toMatchObject({ value: { count: 1 } })
    expect(await hedy.call('POST', `/token/disable/${serial}`)).toMatchObject({ value: 1 })
    expect(await hedy.call('GET', '/token/challenges/')).toMatchObject({ status: 200 })
    const refused = { status: 401, error: { code: 4306 } }
    expect(await hedy.call('GET', '/policy/')).toMatchObject(refused)
    expect(await hedy.call('GET', '/apikey/')).toMatchObject(refused)
    expect(await hedy.call('GET', '/smsgateway/')).toMatchObject(refused)
    expect(await hedy.call('DELETE', '/administrator/admins-hedy')).toMatchObject(refused)
    expect(await hedy.triggerchallenge(owner)).toMatchObject(refused)
  })

  it('of the role validate signs in as java-client does, which names the realm of its users', async () => {
    const signInWithin = (username: string, password: string) =>
      nod.caller().call('POST', '/auth', { form: { username, password, realm: nod.realm } })
    const password = await add('admins-plugin', 'validate')
    expect(await signInWithin('admins-plugin', password)).toMatchObject({ status: 200, value: { realm: '' } })
    const refused = { status: 401, error: { code: 4031, message: WRONG } }
    expect(await signInWithin('admins-plugin', 'not the password')).toMatchObject(refused)
    expect(await signInWithin('nobody', password)).toMatchObject(refused)
    const other = await add('admins-zelda', 'helpdesk')
    expect(await signInWithin('admins-zelda', other)).toMatchObject(refused)
  })

  it('is listed, without anything of the password', async () => {
    await add('admins-lise', 'admin')
    const { value } = await nod.service.call('GET', '/administrator/')
    expect(value).toContainEqual({
      login: 'admins-lise',
      role: 'admin',
      disabled: false,
      phone_required: false,
      has_phone: false,
      configured: false,
      created_at: expect.any(Number),
    })
    const first = {
      login: 'admin',
      role: 'admin',
      disabled: false,
      phone_required: false,
      has_phone: false,
      configured: true,
    }
    expect(value).toContainEqual({ ...first, created_at: null })
  })

  it('adds others, but none with a login that exists', async () => {
    const grace = await signedIn('admins-grace', await add('admins-grace', 'admin'))
    const post = (login: string, more: Record<string, string> = {}) =>
      grace.call('POST', '/administrator', { form: { login, password: 'long enough by far', role: 'admin', ...more } })
    expect(await post('admins-ada')).toMatchObject({ status: 200, value: true })
    added.add('admins-ada')
    for (const login of ['admins-ada', 'ADMINS-Ada', 'admin', 'Admin'])
      expect(await post(login)).toMatchObject({
        status: 400,
        error: { code: 905, message: `ERR905: The name ${login} is taken.` },
      })
    for (const login of ['with blank', 'a/b', 'password', '.', '..', ''])
      expect(await post(login)).toMatchObject({ status: 400, error: { code: 905 } })
    expect(await post('admins-short', { password: 'of 14 letters.' })).toMatchObject({
      status: 400,
      error: { code: 905 },
    })
    for (const password of ['PasswordPassword', 'qwertyuiop12345', '0123456701234567', 'admins-common 1'])
      expect(await post('admins-common', { password })).toMatchObject({ status: 400, error: { code: 905 } })
    expect(await post('admins-god', { role: 'god' })).toMatchObject({ status: 400, error: { code: 905 } })
  })
})

describe('an API token after its administrator changes', () => {
  const refused = { status: 401, error: { code: 4304 } }

  it('is void as soon as its administrator is deleted, and stays so when another gets the login', async () => {
    const password = await add('admins-mary', 'admin')
    const mary = await signedIn('admins-mary', password)
    const { owner } = await nod.enroll('jo')
    expect(await mary.triggerchallenge(owner)).toMatchObject({ status: 200, value: 1 })

    expect(await nod.service.call('DELETE', '/administrator/admins-mary')).toMatchObject({ status: 200, value: 1 })
    expect(await mary.triggerchallenge(owner)).toMatchObject(refused)
    expect(await mary.call('GET', '/token/')).toMatchObject(refused)
    expect(await signIn('admins-mary', password)).toMatchObject({ status: 401, error: { code: 4031, message: WRONG } })
    const again = await nod.service.call('DELETE', '/administrator/admins-mary')
    expect(again).toMatchObject({ status: 404, error: { code: 601 } })

    await add('admins-mary', 'helpdesk', password)
    expect(await mary.call('GET', '/token/')).toMatchObject(refused)
    expect(await signIn('admins-mary', password)).toMatchObject({ status: 200, value: { role: 'helpdesk' } })
  })

  it('is void as soon as its administrator is disabled, who may not sign in until enabled', async () => {
    const password = await add('admins-nora', 'admin')
    const nora = await signedIn('admins-nora', password)
    expect(await nod.service.call('POST', '/administrator/disable/admins-nora')).toMatchObject({ value: 1 })
    expect(await nora.call('GET', '/token/')).toMatchObject(refused)
    expect(await signIn('admins-nora', password)).toMatchObject({ status: 401, error: { code: 4031, message: WRONG } })

    expect(await nod.service.call('POST', '/administrator/enable/admins-nora')).toMatchObject({ value: 1 })
    expect(await nora.call('GET', '/token/')).toMatchObject(refused)
    expect(await signIn('admins-nora', password)).toMatchObject({ status: 200 })
  })

  it('is void once it is logged out, everywhere and at once, and the others of its holder are not', async () => {
    const password = await add('admins-lena', 'admin')
    const [one, other] = [await signedIn('admins-lena', password), await signedIn('admins-lena', password)]
    const { owner } = await nod.enroll('jil')
    expect(await one.call('POST', '/auth/logout', { form: { everywhere: '1' } })).toMatchObject({ status: 400 })
    expect(await one.call('GET', '/token/')).toMatchObject({ status: 200 })
    expect(await one.call('POST', '/auth/logout')).toMatchObject({ status: 200, value: true })

    expect(await one.call('GET', '/token/')).toMatchObject(refused)
    expect(await one.triggerchallenge(owner)).toMatchObject(refused)
    expect(await one.call('POST', '/auth/logout')).toMatchObject(refused)
    expect(await other.call('GET', '/token/')).toMatchObject({ status: 200 })
    expect(await signIn('admins-lena', password)).toMatchObject({ status: 200 })
    const { value } = await nod.service.call('GET', '/audit/', {
      query: { action: 'POST /auth/logout', success: '1', page_size: '1' },
    })
    expect(value).toMatchObject({ auditdata: [{ administrator: 'admins-lena', success: 1 }] })
  })

  it('is void once it is logged out, though a hundred requests race with that', async () => {
    const lena = await signedIn('admins-race', await add('admins-race', 'admin'))
    const asking = Array.from({ length: 20 }, () => lena.call('GET', '/token/', { query: { pagesize: '1' } }))
    const replies = await Promise.all([lena.call('POST', '/auth/logout'), lena.call('POST', '/auth/logout'), ...asking])
    expect(replies.filter(({ status }) => status !== 200 && status !== 401)).toEqual([])
    expect(await lena.call('GET', '/token/')).toMatchObject(refused)
  })

  it('is void once the password is changed, which needs the old one', async () => {
    const old = await add('admins-olga', 'helpdesk')
    const olga = await signedIn('admins-olga', old)
    const change = (password: string, next: string) =>
      olga.call('POST', '/administrator/password', { form: { password, new_password: next } })
    expect(await change('not it at all', 'something quite new')).toMatchObject({ status: 401, error: { code: 4031 } })
    for (const next of ['short', 'letmeinpassword'])
      expect(await change(old, next)).toMatchObject({ status: 400, error: { code: 905 } })
    expect(await change(old, 'something quite new')).toMatchObject({ status: 200, value: true })

    expect(await olga.call('GET', '/token/')).toMatchObject(refused)
    expect(await signIn('admins-olga', old)).toMatchObject({ status: 401, error: { code: 4031 } })
    expect(await signIn('admins-olga', 'something quite new')).toMatchObject({ status: 200 })
  })
})

describe('the first administrator', () => {
  it('cannot be deleted, disabled or given another password', async () => {
    const { service } = nod
    const login = { status: 501, error: { code: -501, message: expect.stringContaining('ADMIN_LOGIN') } }
    expect(await service.call('DELETE', '/administrator/admin')).toMatchObject(login)
    expect(await service.call('POST', '/administrator/disable/admin')).toMatchObject(login)
    const form = { password: 'adminpw-of-tests', new_password: 'something quite new' }
    const password = { status: 501, error: { code: -501, message: expect.stringContaining('ADMIN_PASSWORD') } }
    expect(await service.call('POST', '/administrator/password', { form })).toMatchObject(password)
    expect(await signIn('admin', 'adminpw-of-tests')).toMatchObject({ status: 200, value: { role: 'admin' } })
  })
})

describe('wrong passwords', () => {
  const tries = (count: number, login: string) =>
    Promise.all(Array.from({ length: count }, (_, index) => signIn(login, `guess ${index}`)))
  const paused = (reply: Reply) => Number(reply.headers.get('retry-after') ?? '0') > 0
  const sayWrong = { status: 401, error: { code: 4031, message: WRONG } }

  it('make the right one wait from the sixth try on, however many came at once', async () => {
    const password = await add('admins-pia', 'admin')
    const replies = await tries(20, 'admins-pia')
    for (const reply of replies) expect(reply).toMatchObject(sayWrong)
    expect(replies.filter((reply) => !paused(reply))).toHaveLength(5)
    const right = await signIn('admins-pia', password)
    expect(right).toMatchObject(sayWrong)
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(50)
  })

  it('are counted exactly though a hundred come at once, for this administrator and no other', async () => {
    const password = await add('admins-quinn', 'admin')
    const [replies, other] = await Promise.all([
      tries(100, 'admins-quinn'),
      signIn('admins-una', await add('admins-una', 'admin')),
    ])
    for (const reply of replies) expect(reply).toMatchObject(sayWrong)
    expect(replies.filter((reply) => !paused(reply))).toHaveLength(5)
    expect(paused(await signIn('admins-quinn', password))).toBe(true)
    expect(other).toMatchObject({ status: 200 })
  })

  it('do not keep a user out at an address where they have signed in before, however long someone guesses elsewhere', async () => {
    const password = await add('admins-vera', 'admin')
    const from = (address: string, given: string): Promise<Reply> =>
      nod.caller().call('POST', '/auth', {
        form: { username: 'admins-vera', password: given },
        headers: { 'cf-connecting-ip': address },
      })
    const guesses = (address: string, count: number) =>
      Promise.all(Array.from({ length: count }, (_, index) => from(address, `guess ${index}`)))
    expect(await from('2001:db8:1:2::7', password)).toMatchObject({ status: 200 })
    expect((await guesses('203.0.113.9', 20)).filter((reply) => !paused(reply))).toHaveLength(5)
    // Elsewhere even the right one waits; at home it does not, and that spares the guesser nothing.
    expect(paused(await from('198.51.100.1', password))).toBe(true)
    expect(await from('2001:db8:1:2:aaaa::1', password)).toMatchObject({ status: 200 })
    expect((await guesses('203.0.113.9', 5)).filter((reply) => !paused(reply))).toEqual([])
    // Whoever guesses there is counted there.
    expect((await guesses('2001:db8:1:2::8', 20)).filter((reply) => !paused(reply))).toHaveLength(5)
    expect(paused(await from('2001:db8:1:2::7', password))).toBe(true)
  })

  it('are answered alike whether there is such an administrator or not', async () => {
    const bodyOf = ({ body }: Reply): unknown => ({ ...fields(body), time: 0 })
    await add('admins-rosa', 'admin')
    const [nobody, somebody] = [await tries(8, 'admins-nobody'), await tries(8, 'admins-rosa')]
    expect(nobody.map(paused).filter(Boolean)).toHaveLength(3)
    expect(nobody.map(bodyOf)).toEqual(somebody.map(bodyOf))
    const names = (reply: Reply): string[] => [...reply.headers.keys()]
    expect(nobody.filter(paused).map(names)).toEqual(somebody.filter(paused).map(names))
  })

  it('are forgotten with a right one', async () => {
    const password = await add('admins-sofia', 'admin')
    for (let round = 0; round < 3; round++) {
      await tries(4, 'admins-sofia')
      expect(await signIn('admins-sofia', password)).toMatchObject({ status: 200 })
    }
  })

  it('count where a password is changed as well', async () => {
    const password = await add('admins-tina', 'admin')
    const tina = await signedIn('admins-tina', password)
    for (let count = 0; count < 5; count++) {
      const form = { password: `guess ${count}`, new_password: 'something quite new' }
      expect(await tina.call('POST', '/administrator/password', { form })).toMatchObject(sayWrong)
    }
    expect(paused(await signIn('admins-tina', password))).toBe(true)
  })
})

describe('the Firebase configurations', () => {
  it('are listed by name, and are no entries of a database', async () => {
    const { service } = nod
    const list = await service.call('GET', '/smsgateway/')
    expect(list.value).toEqual([
      {
        id: 1,
        name: 'FB1',
        providermodule: 'privacyidea.lib.smsprovider.FirebaseProvider.FirebaseProvider',
        description: 'The secret FIREBASE_FB1',
        options: {},
        headers: {},
      },
    ])
    expect((await service.call('GET', '/smsgateway/FB1')).value).toEqual(list.value)
    expect((await service.call('GET', '/smsgateway/2')).value).toEqual([])
    const kept = (secret: string) => ({ status: 501, error: { code: -501, message: expect.stringContaining(secret) } })
    const form = { name: 'my-app', module: 'privacyidea.lib.smsprovider.FirebaseProvider.FirebaseProvider' }
    expect(await service.call('POST', '/smsgateway', { form })).toMatchObject(kept('FIREBASE_MY_APP'))
    expect(await service.call('DELETE', '/smsgateway/fb1')).toMatchObject(kept('FIREBASE_FB1'))
  })
})
