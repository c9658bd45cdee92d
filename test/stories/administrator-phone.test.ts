/** The second factor of administrators, and what somebody gets who has only a part of what it takes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import type { Phone } from '../simulation/phone.ts'
import { fields } from '../simulation/reply.ts'
import type { Form, Reply, Service } from '../simulation/service.ts'
import { openNod } from './scene.ts'

const WRONG = { status: 401, error: { code: 4031, message: 'Authentication failed.' } }
const TOO_LITTLE = { status: 401, error: { code: 4306 } }
const SECRET = 'the break-glass secret of the tests'

let nod: Driver
const added = new Set<string>()

beforeAll(async () => {
  nod = await openNod('administrator-phone')
})
afterAll(async () => {
  for (const login of added) {
    for (const serial of await phonesOf(login)) await nod.service.call('DELETE', `/token/${serial}`)
    await nod.service.call('DELETE', `/administrator/${login}`)
  }
  await nod.close()
})

const passwordOf = (login: string) => `password of ${login}`
const auth = (form: Form): Promise<Reply> => nod.caller().call('POST', '/auth', { form })
const first = (login: string) => auth({ username: login, password: passwordOf(login) })
const second = (login: string, id: unknown, code: string) =>
  auth({ username: login, password: code, transaction_id: String(id) })
const holderOf = (reply: Reply): Service => nod.caller({ authorization: String(fields(reply.value)['token']) })

async function add(kind: string, role = 'admin', phoneRequired = true): Promise<string> {
  const login = `phone-${kind}`
  const form = { login, password: passwordOf(login), role }
  expect(await nod.service.call('POST', '/administrator', { form })).toMatchObject({ status: 200 })
  added.add(login)
  if (phoneRequired) await need(login, '1')
  return login
}
const need = async (login: string, required: string) =>
  expect(
    await nod.service.call('POST', `/administrator/phone-required/${login}`, { form: { required } }),
  ).toMatchObject({ status: 200, value: 1 })

async function phonesOf(login: string): Promise<readonly string[]> {
  const { value } = await nod.service.call('GET', '/token/', { query: { pagesize: '500' } })
  const { tokens } = value as { readonly tokens: readonly Record<string, string>[] }
  return tokens
    .filter(({ username, user_realm: realm }) => username === login && realm === ':administrators')
    .map(({ serial = '' }) => serial)
}

/** Enrolls a phone for the account whose session this is. */
async function enrollFor(session: Service): Promise<{ phone: Phone; serial: string }> {
  const { detail, status } = await session.call('POST', '/auth/phone')
  expect(status).toBe(200)
  const phone = nod.phone()
  const { serial } = await phone.register(phone.scan(detail.pushurl?.value ?? ''))
  return { phone, serial }
}

/** An administrator with a phone. */
async function withPhone(kind: string, role = 'admin') {
  const login = await add(kind, role)
  return { login, ...(await enrollFor(holderOf(await first(login)))) }
}

async function codeOn(phone: Phone): Promise<string> {
  const { displayCode = '' } = await phone.accept(only(await phone.poll()))
  return displayCode
}

async function signedIn(login: string, phone: Phone): Promise<Service> {
  const opened = await first(login)
  return holderOf(await second(login, opened.detail.transaction_id, await codeOn(phone)))
}

describe('an administrator who needs a phone', () => {
  it('signs in by password to enroll one, and then by password and the code it shows', async () => {
    const login = await add('ada')
    const enrolling = await first(login)
    expect(enrolling).toMatchObject({ status: 200, value: { role: 'enrolling', rights: [] } })
    const { phone } = await enrollFor(holderOf(enrolling))

    const opened = await first(login)
    expect(opened).toMatchObject({ status: 200, value: false, authentication: 'CHALLENGE' })
    expect(opened.detail).toMatchObject({
      client_mode: 'interactive',
      transaction_id: expect.stringMatching(/^\d{20}$/),
    })
    const id = opened.detail.transaction_id
    expect(await second(login, id, '')).toMatchObject(WRONG)
    const code = await codeOn(phone)
    const reply = await second(login, id, code)
    expect(reply).toMatchObject({ status: 200, authentication: 'ACCEPT', value: { role: 'admin', username: login } })
    expect(await holderOf(reply).call('GET', '/policy/')).toMatchObject({ status: 200 })
    // A second factor that was used is used up.
    expect(await second(login, id, code)).toMatchObject(WRONG)
  })

  it('can do nothing else before that, whatever the role', async () => {
    const { owner, serial } = await nod.enroll('bob')
    for (const role of ['admin', 'helpdesk']) {
      const enrolling = holderOf(await first(await add(`only-${role}`, role)))
      for (const [method, path, form] of [
        ['GET', '/token/', {}],
        ['GET', '/policy/', {}],
        ['GET', '/audit/', {}],
        ['GET', '/auth/rights', {}],
        ['GET', '/administrator', {}],
        ['POST', '/administrator', { login: 'phone-mine', password: 'a password of mine', role: 'admin' }],
        ['POST', '/administrator/phone-required/admin', { required: '0' }],
        ['POST', '/administrator/password', { password: 'x', new_password: 'a password of mine' }],
        ['POST', '/token/init', { type: 'push', genkey: '1', ...owner }],
        ['POST', `/token/disable/${serial}`, {}],
        ['POST', '/token/bypass', { ...owner, reason: 'mine' }],
        ['POST', '/apikey', { name: 'phone-mine', role: 'admin' }],
        ['POST', '/validate/triggerchallenge', owner],
      ] as const)
        expect(await enrolling.call(method, path, method === 'POST' ? { form } : {}), path).toMatchObject(TOO_LITTLE)
    }
  })

  it('has one phone, however many enroll one at once with the password alone', async () => {
    const login = await add('race')
    const sessions = [await first(login), await first(login), await first(login)].map(holderOf)
    const replies = await Promise.all(sessions.map((session) => session.call('POST', '/auth/phone')))
    const phones = await Promise.all(
      replies.map(async ({ detail }) => {
        const phone = nod.phone()
        const registered = await Promise.resolve()
          .then(() => phone.register(phone.scan(detail.pushurl?.value ?? '')))
          .catch(() => undefined)
        return registered === undefined ? [] : [phone]
      }),
    )
    expect(phones.flat().length).toBeLessThanOrEqual(1)
    expect(await phonesOf(login)).toHaveLength(1)
    if (phones.flat().length === 0) return
    // The session that came too late enrolls nothing any more, nor does it take the place of the phone.
    for (const session of sessions) expect(await session.call('POST', '/auth/phone')).toMatchObject({ status: 403 })
    expect(await first(login)).toMatchObject({ authentication: 'CHALLENGE' })
  })

  it('is not signed in by three guesses at the code, and the fourth does not count though it is right', async () => {
    const { login, phone } = await withPhone('guess')
    const opened = await first(login)
    const id = opened.detail.transaction_id
    const code = await codeOn(phone)
    const wrong = code === '000000' ? '111111' : '000000'
    for (const guess of [wrong, wrong, wrong, code]) expect(await second(login, id, guess)).toMatchObject(WRONG)
  })

  it('is not signed in by a code for another sign-in: of two at once each has its own', async () => {
    const { login, phone } = await withPhone('two')
    const [mine, theirs] = [await first(login), await first(login)]
    const prompts = await phone.poll()
    expect(prompts).toHaveLength(2)
    const codes = []
    for (const prompt of prompts) codes.push((await phone.accept(prompt)).displayCode ?? '')
    const ids = [mine, theirs].map(({ detail }) => detail.transaction_id)
    const tried = []
    for (const id of ids) for (const code of codes) tried.push(await second(login, id, code))
    expect(tried.filter(({ status }) => status === 200)).toHaveLength(2)
  })

  it('is signed in once by one code, however many send it at once', async () => {
    const { login, phone } = await withPhone('once')
    const id = (await first(login)).detail.transaction_id
    const code = await codeOn(phone)
    const replies = await Promise.all(Array.from({ length: 6 }, () => second(login, id, code)))
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  it('who declines is not signed in', async () => {
    const { login, phone } = await withPhone('decline')
    const id = (await first(login)).detail.transaction_id
    await phone.decline(only(await phone.poll()), { reason: 'unknown_trigger' })
    expect(await second(login, id, '123456')).toMatchObject(WRONG)
  })

  it('is not signed in by a login that somebody else opened, nor with a former password', async () => {
    const [eve, mia] = [await withPhone('eve'), await withPhone('mia')]
    const id = (await first(eve.login)).detail.transaction_id
    const code = await codeOn(eve.phone)
    expect(await second(mia.login, id, code)).toMatchObject(WRONG)
    expect(await second('admin', id, code)).toMatchObject(WRONG)

    const session = await signedIn(mia.login, mia.phone)
    const before = (await first(mia.login)).detail.transaction_id
    const codeBefore = await codeOn(mia.phone)
    const change = { password: passwordOf(mia.login), new_password: 'another password of hers' }
    expect(await session.call('POST', '/administrator/password', { form: change })).toMatchObject({ status: 200 })
    expect(await second(mia.login, before, codeBefore)).toMatchObject(WRONG)
  })

  it('is asked for the code even if no phone is required, once there is one', async () => {
    const login = await add('offer', 'admin', false)
    const session = holderOf(await first(login))
    expect(await session.call('GET', '/policy/')).toMatchObject({ status: 200 })
    const { phone } = await enrollFor(session)
    const signedInAgain = await signedIn(login, phone)
    expect(await signedInAgain.call('GET', '/policy/')).toMatchObject({ status: 200 })
  })

  it('needs the phone even while its token is disabled', async () => {
    const { login, serial } = await withPhone('lost')
    expect(await nod.service.call('POST', `/token/disable/${serial}`)).toMatchObject({ value: 1 })
    await need(login, '0')
    expect(await first(login)).toMatchObject(WRONG)
    await nod.service.call('DELETE', `/token/${serial}`)
    expect(await first(login)).toMatchObject({ status: 200, value: { role: 'admin' } })
  })

  it('loses the API tokens of before, which a password was enough for', async () => {
    const login = await add('since', 'admin', false)
    const session = holderOf(await first(login))
    await need(login, '1')
    expect(await session.call('GET', '/policy/')).toMatchObject({ status: 401, error: { code: 4304 } })
  })
})

describe('the phone of an administrator', () => {
  it('is out of reach of the helpdesk, of services and of logins', async () => {
    const { login, phone, serial } = await withPhone('reach')
    const clerk = await withPhone('clerk', 'helpdesk')
    const helpdesk = await signedIn(clerk.login, clerk.phone)
    const unknown = { status: 404 }
    for (const verb of ['disable', 'enable', 'revoke', 'reset', 'unassign', 'setpin'] as const) {
      const form = { serial, ...(verb === 'setpin' ? { otppin: '1' } : {}) }
      expect(await helpdesk.call('POST', `/token/${verb}`, { form }), verb).toMatchObject(unknown)
    }
    expect(await helpdesk.call('DELETE', `/token/${serial}`)).toMatchObject(unknown)
    expect(await helpdesk.call('POST', `/token/lost/${serial}`)).toMatchObject(unknown)
    const own = await nod.enroll('rob')
    for (const path of ['/token/copyuser', '/token/copypin'])
      for (const form of [
        { from: serial, to: own.serial },
        { from: own.serial, to: serial },
      ])
        expect((await helpdesk.call('POST', path, { form })).status, path).not.toBe(200)
    for (const [path, form] of [
      [`/token/realm/${serial}`, { realms: nod.realm }],
      [`/token/info/${serial}/polling_allowed`, { value: 'false' }],
      [`/token/description/${serial}`, { description: 'mine' }],
      ['/token/assign', { serial, ...own.owner }],
      ['/token/set', { serial, max_failcount: '1' }],
    ] as const)
      expect((await helpdesk.call('POST', path, { form })).status, path).not.toBe(200)
    const again = { type: 'push', genkey: '1', serial, rollover: '1' }
    expect((await helpdesk.call('POST', '/token/init', { form: again })).status).not.toBe(200)
    // Not even for themselves.
    expect(await helpdesk.call('POST', '/auth/phone')).toMatchObject({ status: 403 })

    const key = nod.caller({ authorization: await nod.serviceKey('reach') })
    const realm = ':administrators'
    const subjects: readonly Form[] = [{ serial }, { user: login, realm }]
    for (const subject of subjects) {
      expect((await key.call('POST', '/validate/triggerchallenge', { form: subject })).value).not.toBe(1)
      const check = await key.call('POST', '/validate/check', { form: { ...subject, pass: '' } })
      expect(check.value).not.toBe(true)
      expect(check.authentication).not.toBe('CHALLENGE')
    }
    expect(await phone.poll()).toEqual([])
    const opened = await first(login)
    const id = String(opened.detail.transaction_id)
    expect(await helpdesk.call('DELETE', `/token/challenges/transaction/${id}`)).toMatchObject(unknown)
    expect(await second(login, id, await codeOn(phone))).toMatchObject({ status: 200 })
  })

  it('is in a realm that no request can name, make or enroll for', async () => {
    const realm = ':administrators'
    const form = { user: 'admin', realm }
    expect(
      (await nod.service.call('POST', '/token/init', { form: { type: 'push', genkey: '1', ...form } })).status,
    ).toBe(400)
    expect((await nod.service.call('POST', '/user/', { form })).status).toBe(400)
    expect((await nod.service.call('POST', `/realm/${realm}`)).status).toBe(400)
    const { value } = await nod.service.call('GET', '/realm/')
    expect(Object.keys(fields(value))).not.toContain(realm)
  })

  it('asks for a code whatever policies say, and none of them locks administrators out', async () => {
    const { login, phone } = await withPhone('policy')
    const policies = [
      ['phone-policy-1', 'authentication', { push_wait: '5', push_require_presence: true, push_allow_polling: 'deny' }],
      ['phone-policy-2', 'authorization', { authorized: 'deny_access' }],
    ] as const
    const here = { client: ['192.0.2.77'] }
    try {
      for (const [name, scope, action] of policies) await nod.service.setPolicy(name, scope, action, here)
      const from = { 'cf-connecting-ip': '192.0.2.77' }
      const form = { username: login, password: passwordOf(login) }
      const opened = await nod.caller().call('POST', '/auth', { form, headers: from })
      expect(opened).toMatchObject({ authentication: 'CHALLENGE', detail: { client_mode: 'interactive' } })
      const answer = {
        username: login,
        password: await codeOn(phone),
        transaction_id: String(opened.detail.transaction_id),
      }
      expect(await nod.caller().call('POST', '/auth', { form: answer, headers: from })).toMatchObject({ status: 200 })
    } finally {
      for (const [name] of policies) await nod.service.call('DELETE', `/policy/${name}`)
    }
  })
})

describe('somebody who has stolen the API token of an administrator', () => {
  it('enrolls a phone of their own, and the administrator hears of it and undoes it by "not me"', async () => {
    const { login, phone, serial } = await withPhone('olga')
    const opened = await first(login)
    const session = holderOf(await second(login, opened.detail.transaction_id, await codeOn(phone)))
    const thief = await enrollFor(session)
    const notice = async () =>
      [...(await phone.poll(serial)), ...phone.openPrompts()].find(({ question }) => question.includes(thief.serial))
    expect(await waitUntil(async () => (await notice()) !== undefined)).toBe(true)
    const shown = await notice()
    if (shown === undefined) throw new Error('no notice')
    await phone.decline(shown, { reason: 'unknown_trigger' })
    expect(await waitUntil(async () => (await nod.token(thief.serial))['revoked'] === true)).toBe(true)
    const again = await first(login)
    expect(again.detail.multi_challenge?.map(({ serial: asked }) => asked)).toEqual([serial])
  })
})

describe('the account of a plugin', () => {
  it('signs in by password, triggers and checks, and does nothing else', async () => {
    const login = await add('plugin', 'validate', false)
    const reply = await first(login)
    // The PHP client wants this word.
    expect(reply).toMatchObject({
      status: 200,
      value: { role: 'admin', rights: expect.arrayContaining(['triggerchallenge']) },
    })
    const plugin = holderOf(reply)
    const { owner, phone } = await nod.enroll('pip')
    const { transactionId } = await plugin.trigger(owner)
    await phone.accept(only(await phone.poll()))
    expect(await plugin.status(transactionId)).toBe('accept')
    expect(await plugin.finalize(transactionId)).toBe('ACCEPT')
    expect(await plugin.call('GET', `/transaction/${transactionId}`)).toMatchObject({ status: 404 })
    for (const [method, path, form] of [
      ['GET', '/token/', {}],
      ['GET', '/policy/', {}],
      ['GET', '/audit/', {}],
      ['POST', '/token/init', { type: 'push', genkey: '1', ...owner }],
      ['POST', '/administrator', { login: 'phone-more', password: 'a password of mine', role: 'admin' }],
      ['POST', '/apikey', { name: 'phone-more', role: 'admin' }],
      ['POST', '/auth/phone', {}],
      ['POST', '/administrator/password', { password: passwordOf(login), new_password: 'a password of mine' }],
    ] as const)
      expect(await plugin.call(method, path, method === 'POST' ? { form } : {}), path).toMatchObject(TOO_LITTLE)
    const required = await nod.service.call('POST', `/administrator/phone-required/${login}`, {
      form: { required: '1' },
    })
    expect(required).toMatchObject({ status: 400 })
    expect(await plugin.call('POST', '/auth/logout')).toMatchObject({ status: 200 })
    expect(await plugin.triggerchallenge(owner)).toMatchObject({ status: 401, error: { code: 4304 } })
  })
})

describe('breaking the glass', () => {
  const smash = (username: string, password: string, secret: string) =>
    nod.caller().call('POST', '/auth/break-glass', { form: { username, password, secret } })

  it('takes the password and the secret of the deployment, and is on record', async () => {
    const { login, serial } = await withPhone('glass')
    const password = passwordOf(login)
    expect(await smash(login, password, 'not the secret')).toMatchObject(WRONG)
    expect(await smash(login, 'not the password', SECRET)).toMatchObject(WRONG)
    expect(await smash(login, password, '')).toMatchObject(WRONG)
    const reply = await smash(login, password, SECRET)
    expect(reply).toMatchObject({ status: 200, authentication: 'ACCEPT', value: { role: 'admin', username: login } })
    const session = holderOf(reply)
    expect(await session.call('DELETE', `/token/${serial}`)).toMatchObject({ status: 200 })
    const payload = String(fields(reply.value)['token']).split('.')[1] ?? ''
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64').toString())
    expect(Number(fields(claims)['exp']) - Date.now() / 1000).toBeLessThan(901)
    const query = { action: 'POST /auth/break-glass', administrator: login, page_size: '1' }
    const found = async () => (await nod.service.call('GET', '/audit/', { query })).value
    await waitUntil(async () => JSON.stringify(await found()).includes('signed in without the phone'))
  })

  it('is guessed no faster than a password', async () => {
    const login = await add('smash')
    for (let guess = 0; guess < 5; guess++)
      expect(await smash(login, passwordOf(login), `guess ${guess}`)).toMatchObject(WRONG)
    const paused = await smash(login, passwordOf(login), SECRET)
    expect(paused).toMatchObject(WRONG)
    expect(Number(paused.headers.get('retry-after'))).toBeGreaterThan(30)
  })

  it('opens nothing for the account of a plugin, nor for a name that nobody has', async () => {
    const login = await add('tool', 'validate', false)
    expect(await smash(login, passwordOf(login), SECRET)).toMatchObject(WRONG)
    expect(await smash('phone-nobody', 'a password', SECRET)).toMatchObject(WRONG)
  })
})
