import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { type Driver, nextPrompt } from '../driver/driver.ts'
import { fields } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { openNod } from './scene.ts'

const { admin } = inject('served')
let nod: Driver

beforeAll(async () => {
  nod = await openNod('keys')
})
// A test may void every API token.
beforeEach(() => nod.signIn(admin))
afterAll(async () => {
  await nod.signIn(admin)
  await nod.close()
})

const call = (method: string, path: string, form: Readonly<Record<string, string>> = {}) =>
  nod.service.call(method, path, method === 'GET' ? {} : { form })
const list = async (path: string): Promise<readonly Readonly<Record<string, unknown>>[]> => {
  const { value } = await call('GET', path)
  return Array.isArray(value) ? value.map(fields) : []
}
const rotate = async (path: string, form = {}): Promise<string> => {
  const reply = await call('POST', `${path}/rotate`, form)
  expect(reply).toMatchObject({ status: 200 })
  return String(fields(reply.value)['id'])
}
const API_TOKENS = '/deployment/keys/api-token'
const SIGNING = '/deployment/keys/signing'

async function apiToken(login = admin.login, password = admin.password): Promise<string> {
  const { value } = await nod.caller().call('POST', '/auth', { form: { username: login, password } })
  return String(fields(value)['token'])
}
const holding = (authorization: string): Service => nod.caller({ authorization })
const status = async (token: string): Promise<number> => (await holding(token).call('GET', '/policy/')).status
const headerOf = (token: string) => fields(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64').toString()))

describe('the key that signs API tokens', () => {
  it('is rotated, and who signed in before goes on until the API token expires', async () => {
    const before = await apiToken()
    const id = await rotate(API_TOKENS)
    const after = await apiToken()
    expect([headerOf(before)['kid'] === id, headerOf(after)['kid']]).toEqual([false, id])
    expect([await status(before), await status(after)]).toEqual([200, 200])
    const keys = await list(API_TOKENS)
    expect(keys[0]).toMatchObject({ id, current: true, retired_at: null, verifies_until: null })
    const old = keys.find((key) => key['id'] === headerOf(before)['kid'])
    expect(old).toMatchObject({ current: false, retired_at: expect.any(Number) })
    // An API token is valid for an hour, unless a policy says otherwise.
    expect(Number(old?.['verifies_until'])).toBeGreaterThan(Date.now() + 3_500_000)
    // Another rotation changes nothing for either.
    await rotate(API_TOKENS)
    expect([await status(before), await status(after)]).toEqual([200, 200])
  })

  it('that is compromised makes everybody sign in again', async () => {
    const before = await apiToken()
    await rotate(API_TOKENS)
    const between = await apiToken()
    await rotate(API_TOKENS, { compromised: '1' })
    for (const token of [before, between])
      expect(await holding(token).call('GET', '/policy/')).toMatchObject({ status: 401, error: { code: 4304 } })
    // Nor does an API token of then open or finalize a login.
    expect(await holding(before).triggerchallenge({ user: 'ada', realm: nod.realm })).toMatchObject({ status: 401 })
    expect(await status(await apiToken())).toBe(200)
    await nod.signIn(admin)
    expect(await list(API_TOKENS)).toHaveLength(1)
  })

  it('is in no list, nor is anything that it could be computed from', async () => {
    const { text } = await nod.service.call('GET', API_TOKENS).then((reply) => ({ text: JSON.stringify(reply) }))
    expect(text).not.toMatch(/secret|\b[12]\.[\w-]{20}/)
  })

  it('is recorded in the audit when it is rotated', async () => {
    const id = await rotate(API_TOKENS)
    const { value } = await nod.service.call('GET', '/audit/', {
      query: { action: 'POST /deployment/keys/api-token/rotate', page_size: '1' },
    })
    expect(JSON.stringify(value)).toContain(id)
  })
})

describe('somebody who forges an API token', () => {
  const forge = (token: string, header: Readonly<Record<string, unknown>>, signature?: string): string => {
    const [, payload, signed] = token.split('.')
    const text = Buffer.from(JSON.stringify({ ...headerOf(token), ...header })).toString('base64url')
    return `${text}.${payload}.${signature ?? signed}`
  }

  it('is refused, whatever the header says', async () => {
    const token = await apiToken()
    const [current, old] = [await rotate(API_TOKENS), String(headerOf(token)['kid'])]
    const forged = [
      forge(token, { alg: 'none' }, ''),
      forge(token, { alg: 'none' }),
      forge(token, { alg: 'HS512' }),
      forge(token, { alg: 'RS256' }),
      // Signed by the key before, in the name of the current one, and the reverse.
      forge(token, { kid: current }),
      forge(await apiToken(), { kid: old }),
      forge(token, { kid: undefined }),
      forge(token, { kid: '0123456789abcdef' }),
      forge(token, { kid: '' }),
      forge(token, { kid: '../../../dev/null' }),
      forge(token, { kid: "x' UNION SELECT 'a" }),
      forge(token, { kid: { toString: 'x' } }),
      forge(token, { jwk: { kty: 'oct', k: 'AA' }, kid: old }),
      forge(token, { crit: ['exp'], exp: 1 }),
    ]
    for (const text of forged) {
      const refused = await holding(text).call('GET', '/policy/')
      expect(refused, text).toMatchObject({ status: 401, error: { code: 4304 } })
      expect(await holding(text).triggerchallenge({ user: 'ada', realm: nod.realm })).toMatchObject({ status: 401 })
    }
    expect(await status(token)).toBe(200)
  })

  it('gets nowhere with an API token from before a change of the password, whichever key signed it', async () => {
    const login = 'keys-hedy'
    const form = { login, password: 'password number one', role: 'admin' }
    await nod.service.call('POST', '/administrator', { form })
    const before = await apiToken(login, 'password number one')
    expect(await status(before)).toBe(200)
    const change = { password: 'password number one', new_password: 'password number two' }
    expect(await holding(before).call('POST', '/administrator/password', { form: change })).toMatchObject({
      value: true,
    })
    expect(await status(before)).toBe(401)
    await rotate(API_TOKENS)
    expect(await status(before)).toBe(401)
    // Neither does the password of then, set again, bring it back, nor an administrator of the same name.
    const back = { password: 'password number two', new_password: 'password number one' }
    await holding(await apiToken(login, 'password number two')).call('POST', '/administrator/password', { form: back })
    expect(await status(before)).toBe(401)
    await nod.service.call('DELETE', `/administrator/${login}`)
    await nod.service.call('POST', '/administrator', { form })
    expect([await status(before), await status(await apiToken(login, 'password number one'))]).toEqual([401, 200])
    await nod.service.call('DELETE', `/administrator/${login}`)
  })

  it('cannot rotate or list keys as a helpdesk, as a service that logs users in, or as nobody', async () => {
    const key = await nod.serviceKey('nosy')
    const helpdesk = await nod.serviceKey('nosy-helpdesk', 'helpdesk')
    for (const authorization of ['', key, helpdesk]) {
      const caller = holding(authorization)
      for (const path of [API_TOKENS, SIGNING]) {
        expect(await caller.call('GET', path)).toMatchObject({ status: 401 })
        const form = path === API_TOKENS ? { form: { compromised: '1' } } : {}
        expect(await caller.call('POST', `${path}/rotate`, form)).toMatchObject({
          status: 401,
        })
      }
      expect(await caller.call('DELETE', `${SIGNING}/k2048-1`)).toMatchObject({ status: 401 })
    }
    await nod.revokeServiceKey('nosy')
    await nod.revokeServiceKey('nosy-helpdesk')
    expect(await status(await apiToken())).toBe(200)
  })
})

describe('the key that signs prompts', () => {
  const current = async () => String((await list(SIGNING)).find((key) => key['current'] === true)?.['id'])
  const tokensOf = async (id: string) => (await list(SIGNING)).find((key) => key['id'] === id)?.['tokens']

  async function logsIn({ owner, phone, serial }: Awaited<ReturnType<Driver['enroll']>>): Promise<void> {
    const login = await nod.service.trigger(owner)
    // The phone verifies the prompt with the key it was given when it registered.
    await phone.accept(await nextPrompt(phone, serial))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  }

  it('is rotated for new tokens; phones that are enrolled keep theirs, and both log in', async () => {
    const early = await nod.enroll(nod.unique('early'))
    const old = await current()
    const pending = await nod.beginEnrollment(nod.unique('between'))
    const id = await rotate(SIGNING)
    expect([id === old, await current()]).toEqual([false, id])
    const late = await nod.enroll(nod.unique('late'))
    // A QR code that was shown before the rotation belongs to the key of then.
    const { serial } = await pending.phone.register(pending.credential)
    const between = { ...pending, serial }
    for (const user of [early, late, between]) await logsIn(user)
    expect(await tokensOf(id)).toBe(1)
  })

  it('is whole, however many rotate it while phones are enrolled', async () => {
    const users = Array.from({ length: 4 }, () => nod.unique('racing'))
    const [ids, ...enrolled] = await Promise.all([
      Promise.all([rotate(SIGNING), rotate(SIGNING)]),
      ...users.map((user) => nod.enroll(user)),
    ])
    expect((await list(SIGNING)).map((key) => key['id'])).toEqual(expect.arrayContaining(ids))
    for (const user of enrolled) await logsIn(user)
  })

  it('is deleted once no token has it, and not while new tokens get it', async () => {
    const id = await rotate(SIGNING)
    const remove = (key: string) => call('DELETE', `${SIGNING}/${key}`)
    expect(await remove(id)).toMatchObject({ status: 400, error: { code: 905 } })
    const { serial } = await nod.enroll(nod.unique('last'))
    const next = await rotate(SIGNING)
    expect(await remove(id)).toMatchObject({
      status: 400,
      error: { message: `ERR905: The signing key ${id} still signs the prompts of tokens.` },
    })
    await nod.service.call('DELETE', `/token/${serial}`)
    expect(await remove(id)).toMatchObject({ status: 200, value: 1 })
    expect(await remove(id)).toMatchObject({ status: 404 })
    expect(await current()).toBe(next)
    await logsIn(await nod.enroll(nod.unique('after')))
  })
})
