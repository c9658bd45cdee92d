/** What else the upstream has is reached through Nod: other paths, its administration, its list of tokens. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MovingWorld } from './moving-world.ts'

let world: MovingWorld

beforeAll(async () => {
  world = await MovingWorld.open()
})
afterAll(() => world.close())
beforeEach(() => world.begin())

describe('what else the upstream has', () => {
  it('is reached at its paths, with its methods, and comes back as it is', async () => {
    const path = '/container/CONT1/x%20y'
    const reply = await world.nod.driver.caller().call('PATCH', path, { json: { a: 'b' }, query: { q: '1 2' } })
    expect(reply.value).toEqual({ method: 'PATCH', path, given: { a: 'b', q: '1 2' } })
    expect(world.old.requests[0]?.body).toBe('{"a":"b"}')
  })

  it('is reached for other types of phones, and for other ways to log in only where it serves the user', async () => {
    const call = world.nod.driver.caller().call.bind(world.nod.driver.caller())
    expect((await call('POST', '/ttype/tiqr', { form: { a: 'b' } })).value).toMatchObject({ path: '/ttype/tiqr' })
    const saml = (user: string, realm: string) =>
      call('POST', '/validate/samlcheck', { form: { user, realm, pass: 'x' } })
    const { owner, serial } = await world.withBoth()
    expect((await saml(owner.user, 'own')).status).toBe(404)
    expect((await saml('x', 'elsewhere')).value).toMatchObject({ path: '/validate/samlcheck' })
    expect((await call('POST', '/validate/samlcheck', { form: {} })).status).toBe(404)
    // It may know a user who has moved by another name.
    world.old.mischief = { lies: `TOTP-${owner.user}` }
    expect(await saml('x', 'elsewhere')).toMatchObject({ value: { auth: true } })
    await world.settled()
    world.old.mischief = { lies: serial }
    expect(await saml('x', 'elsewhere')).toMatchObject({ value: false })
  })

  it('is not Nod itself: a request that comes back is refused', async () => {
    const headers = { 'Nod-Passed': '1' }
    expect((await world.nod.driver.caller().call('GET', '/container/x', { headers })).status).toBe(503)
  })

  it('is administered with its own API token, which means nothing here; Nod’s means nothing there', async () => {
    const { serial } = await world.withBoth()
    const theirs = world.nod.driver.caller({ authorization: world.old.session() })
    expect(await theirs.call('POST', `/token/disable/${serial}`)).toMatchObject({ value: { method: 'POST' } })
    expect(await world.nod.driver.token(serial)).toMatchObject({ active: true })
    for (const path of ['/deployment/upstream', '/apikey', '/administrator'])
      expect((await theirs.call('GET', path)).status).toBe(401)
    world.old.requests.length = 0
    await world.nod.driver.service.call('GET', '/container/')
    expect(world.old.requests).toHaveLength(1)
    expect(JSON.stringify(world.old.requests)).not.toContain(world.nod.driver.service.token)
  })

  it('gets no cookie, no address but the one that Nod believes, and no service key in a path', async () => {
    const key = await world.nod.driver.serviceKey('in-path')
    const headers = {
      Cookie: 'a=b',
      'X-Forwarded-For': '198.51.100.1',
      Forwarded: 'for=198.51.100.1',
      'Nod-Own-Request': '1',
    }
    await world.nod.driver.caller().call('POST', `/s/${key}/container/x`, { headers, form: { a: 'b' } })
    await world.nod.driver.caller().call('GET', `/s/${key}`)
    expect(world.old.requests).toHaveLength(1)
    expect(world.old.requests[0]).toMatchObject({ url: '/container/x', headers: { 'x-forwarded-for': '127.0.0.1' } })
    expect(JSON.stringify(world.old.requests)).not.toMatch(new RegExp(`${key}|198\\.51|cookie|nod-own-request`, 'i'))
    await world.nod.driver.revokeServiceKey('in-path')
  })

  it.each(['/..%2fadmin', '/validate/%63heck', '/%2e%2e%2fadmin', '/container;x'])(
    'is not reached at %s, which two servers could read in two ways',
    async (path) => {
      expect((await world.nod.driver.caller().call('POST', path, { form: { user: 'x' } })).status).toBe(404)
      expect(world.old.requests).toEqual([])
    },
  )

  it('sets no cookie at Nod’s address, and its pages run no scripts there', async () => {
    world.old.headers = { 'Set-Cookie': 'session=1', 'Access-Control-Allow-Origin': '*' }
    const { headers } = await world.nod.driver.caller().call('GET', '/ui/login')
    expect(headers.get('set-cookie')).toBeNull()
    expect(headers.get('access-control-allow-origin')).toBeNull()
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
  })

  it('never gets the password of an administrator of Nod’s, and decides about all other sign-ins', async () => {
    const wrong = await world.nod.driver
      .caller()
      .call('POST', '/auth', { form: { username: 'admin', password: 'wrong' } })
    expect(wrong).toMatchObject({ status: 401 })
    expect(world.old.requests).toEqual([])
    // A plugin for Java names the realm of its users with its own account.
    const account = { login: 'java', password: 'a password of the plugin', role: 'validate' }
    await world.nod.driver.service.call('POST', '/administrator/', { json: account })
    const form = { username: account.login, password: account.password, realm: 'own' }
    const plugin = await world.nod.driver.caller().call('POST', '/auth', { form })
    expect(plugin).toMatchObject({ status: 200, value: { role: 'admin', username: 'java' } })
    expect(world.old.requests).toEqual([])
    const { login: username, password } = world.old.account
    const signedIn = await world.nod.driver.caller().call('POST', '/auth', { form: { username, password } })
    expect(signedIn).toMatchObject({ status: 200, value: { role: 'admin' } })
  })

  it('is listed behind Nod’s tokens, each marked with its origin, on pages of both', async () => {
    const { owner, serial } = await world.withBoth()
    world.old.add(owner.user, { serial: `HOTP-${owner.user}`, type: 'totp' })
    const list = async (query: Readonly<Record<string, string>>) =>
      (await world.nod.driver.service.call('GET', '/token/', { query: { ...owner, ...query } })).value
    const own = { serial, origin: 'nod' }
    const theirs = ['TOTP', 'HOTP'].map((kind) => ({ serial: `${kind}-${owner.user}`, origin: 'upstream' }))
    expect(await list({})).toMatchObject({ count: 3, tokens: [own, ...theirs], next: null })
    expect(await list({ pagesize: '2' })).toMatchObject({ count: 3, tokens: [own, theirs[0]], next: 2 })
    expect(await list({ pagesize: '2', page: '2' })).toMatchObject({ tokens: [theirs[1]], prev: 1, next: null })
    expect(await list({ origin: 'nod' })).toMatchObject({ count: 1 })
    expect(JSON.stringify(await list({}))).not.toContain('private_key')
    const elsewhere = world.withOtp()
    expect(await list({ user: elsewhere })).toMatchObject({ count: 1, tokens: [{ origin: 'upstream' }] })
    world.old.mischief = 'drops'
    expect(await list({})).toMatchObject({ count: 1, tokens: [own], upstream_unavailable: true })
  })
})
