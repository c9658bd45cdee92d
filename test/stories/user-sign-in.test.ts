/** Users who sign in to Nod itself, by PIN and phone, and what they may do then. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Phone } from '../simulation/phone.ts'
import type { Form, Reply, Service } from '../simulation/service.ts'
import type { Driver } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

const PIN = '1234'
const WRONG = { status: 401, error: { code: 4031, message: 'Authentication failed.' } }
const VOID = { status: 401, error: { code: 4304 } }

let nod: Driver
const policies = new Set<string>()

beforeAll(async () => {
  nod = await openNod('user-sign-in')
})
afterEach(async () => {
  for (const name of policies) await nod.service.call('DELETE', `/policy/${name}`)
  policies.clear()
})
afterAll(() => nod.close())

async function rule(scope: string, action: Readonly<Record<string, string | true>>, extra: object = {}) {
  const name = `user-sign-in-${policies.size + 1}`
  policies.add(name)
  await nod.service.setPolicy(name, scope, action, { realm: scope === 'admin' ? [] : [nod.realm], ...extra })
}

const auth = (form: Form): Promise<Reply> => nod.caller().call('POST', '/auth', { form })
const first = (user: string, pin = PIN) => auth({ username: user, password: pin, realm: nod.realm })
const second = (user: string, id: string, password = '') =>
  auth({ username: user, password, realm: nod.realm, transaction_id: id })

/** The user, signed in: with the phone's yes. */
async function signedIn(user: string, phone: Phone): Promise<Service> {
  const opened = await first(user)
  const id = String(opened.detail.transaction_id)
  await phone.accept(only(await phone.poll()))
  const { value } = await second(user, id)
  return nod.caller({ authorization: String(fields(value)['token']) })
}

describe('without the policy login_mode', () => {
  it('no user signs in', async () => {
    await nod.enroll('ada', { pin: PIN })
    expect(await first('ada')).toMatchObject(WRONG)
    expect(await auth({ username: `ada@${nod.realm}`, password: PIN })).toMatchObject(WRONG)
  })
})

describe('with login_mode=privacyIDEA', () => {
  it('a user signs in by PIN, then by phone', async () => {
    await rule('webui', { login_mode: 'privacyIDEA' })
    const { phone } = await nod.enroll('bea', { pin: PIN })
    const opened = await first('bea')
    expect(opened).toMatchObject({ status: 200, value: false, authentication: 'CHALLENGE' })
    const id = String(opened.detail.transaction_id)
    expect(await second('bea', id)).toMatchObject({
      ...WRONG,
      detail: { message: 'Response did not match the challenge.' },
    })
    await phone.accept(only(await phone.poll()))
    expect(await nod.caller().status(id)).toBe('accept')
    const reply = await second('bea', id)
    expect(reply).toMatchObject({ status: 200, authentication: 'ACCEPT' })
    expect(reply.value).toMatchObject({ role: 'user', username: 'bea', realm: nod.realm, auth: true })
    expect(fields(reply.value)['rights']).toContain('setpin')
    const claims: unknown = JSON.parse(
      Buffer.from(String(fields(reply.value)['token']).split('.')[1] ?? '', 'base64').toString(),
    )
    expect(claims).toMatchObject({ username: 'bea', realm: nod.realm, role: 'user', authtype: 'pi' })
    expect(Number(fields(claims)['exp']) - Date.now() / 1000).toBeLessThan(901)
    // Once.
    expect(await second('bea', id)).toMatchObject(WRONG)
  })

  it('never waits, and may have a number or a code', async () => {
    await rule('webui', { login_mode: 'privacyIDEA', jwt_validity: '60', logout_time: '30' })
    const { phone } = await nod.enroll('cleo', { pin: PIN })
    await nod.authenticationPolicy({ push_wait: '20', push_code_to_phone: true }, { user: ['cleo'] })
    const opened = await first('cleo')
    expect(opened).toMatchObject({ authentication: 'CHALLENGE', detail: { client_mode: 'interactive' } })
    const { displayCode } = await phone.accept(only(await phone.poll()))
    const { value } = await second('cleo', String(opened.detail.transaction_id), displayCode)
    expect(value).toMatchObject({ role: 'user', logout_time: 30 })
    await nod.deletePolicies()
  })

  it('a wrong PIN, a declining phone and a strange transaction all read as wrong credentials', async () => {
    await rule('webui', { login_mode: 'privacyIDEA' })
    const { phone } = await nod.enroll('dora', { pin: PIN })
    expect(await first('dora', 'wrong')).toMatchObject(WRONG)
    expect(await first('nobody')).toMatchObject(WRONG)
    const opened = await first('dora')
    await phone.decline(only(await phone.poll()))
    for (const id of [String(opened.detail.transaction_id), '1', '0'.repeat(20)])
      expect(await second('dora', id), id).toMatchObject(WRONG)
  })

  it('after wrong guesses a user has to wait, even with the right PIN', async () => {
    await rule('webui', { login_mode: 'privacyIDEA' })
    await nod.enroll('emmy', { pin: PIN })
    for (let guess = 0; guess < 5; guess++) expect(await first('emmy', 'wrong')).toMatchObject(WRONG)
    const paused = await first('emmy')
    expect(paused).toMatchObject(WRONG)
    expect(paused.headers.get('retry-after')).toBe('60')
  })

  it('guessing is answered alike whether there is such a user or not', async () => {
    await rule('webui', { login_mode: 'privacyIDEA' }, { priority: 2 })
    await nod.enroll('enid', { pin: PIN })
    const waits = async (user: string) => {
      const heard: boolean[] = []
      for (let guess = 0; guess < 7; guess++) {
        const reply = await first(user, 'wrong')
        expect(reply, user).toMatchObject(WRONG)
        heard.push(reply.headers.has('retry-after'))
      }
      return heard
    }
    expect(await waits('nosuch')).toEqual(await waits('enid'))
    await rule('webui', { login_mode: 'disable' })
    for (const user of ['enid', 'nosuch']) expect((await first(user)).error, user).toMatchObject({ code: 4307 })
  })

  it('a strange transaction is answered alike whether there is such a user or not', async () => {
    await rule('webui', { login_mode: 'privacyIDEA' })
    const { owner } = await nod.enroll('edda', { pin: PIN })
    const { transactionId } = await nod.service.trigger(owner)
    for (const id of [transactionId, '1', '0'.repeat(20)]) {
      const { status, error, detail } = await second('edda', id)
      expect(await second('nosuch', id), id).toMatchObject({ ...WRONG, status, error, detail })
    }
  })

  it('a condition on users tells nobody whether there is such a user', async () => {
    const condition = ['userinfo', 'username', 'equals', 'erla', true]
    await rule('webui', { login_mode: 'privacyIDEA' }, { conditions: [condition] })
    await nod.enroll('erla', { pin: PIN })
    for (let guess = 0; guess < 6; guess++) {
      const heard = [await first('erla', 'wrong'), await first('nosucherla', 'wrong')]
      expect(heard).toMatchObject([WRONG, WRONG])
      expect(heard.map(({ headers }) => headers.has('retry-after'))).toEqual(guess < 5 ? [false, false] : [true, true])
    }
    expect(await second('nosucherla', '0'.repeat(20))).toMatchObject(WRONG)
  })

  it('a login approved for a service signs no user in, and a sign-in finalizes no login', async () => {
    await rule('webui', { login_mode: 'privacyIDEA' })
    const { phone, owner } = await nod.enroll('fay', { pin: PIN })
    const login = await nod.service.triggerWithPin(owner, PIN)
    await phone.accept(only(await phone.poll()))
    expect(await second('fay', login.transactionId)).toMatchObject(WRONG)
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')

    const opened = await first('fay')
    const id = String(opened.detail.transaction_id)
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(id, owner)).toBe('REJECT')
    expect(await second('fay', id)).toMatchObject({ status: 200, value: { role: 'user' } })
  })

  it('nobody signs in with another user’s transaction', async () => {
    await rule('webui', { login_mode: 'privacyIDEA' })
    const { phone } = await nod.enroll('gwen', { pin: PIN })
    await nod.enroll('eve', { pin: PIN })
    const opened = await first('gwen')
    await phone.accept(only(await phone.poll()))
    expect(await second('eve', String(opened.detail.transaction_id))).toMatchObject(WRONG)
  })

  it('an administrator still signs in with a password', async () => {
    await rule('webui', { login_mode: 'privacyIDEA' }, { realm: [] })
    expect(await auth({ username: 'admin', password: 'wrong' })).toMatchObject(WRONG)
    await nod.caller().auth('admin', 'adminpw-of-tests')
  })
})

it('with login_mode=disable a user is refused, with that reason', async () => {
  await rule('webui', { login_mode: 'disable' })
  await nod.enroll('hana', { pin: PIN })
  expect(await first('hana')).toMatchObject({ status: 401, error: { code: 4307 } })
})

it('jwt_validity is how long an administrator’s API token holds', async () => {
  await rule('webui', { jwt_validity: '1' }, { realm: [], adminuser: ['admin'] })
  const caller = nod.caller()
  await caller.auth('admin', 'adminpw-of-tests')
  expect(await waitUntil(async () => (await caller.call('GET', '/policy/')).error?.code === 4305)).toBe(true)
})

describe('a user who is signed in', () => {
  it('sees and changes tokens of their own, and no other’s', async () => {
    await rule('webui', { login_mode: 'privacyIDEA' })
    const mine = await nod.enroll('iris', { pin: PIN })
    const others = await nod.enroll('june', { pin: PIN })
    const iris = await signedIn('iris', mine.phone)
    for (const query of [{}, { user: 'june', realm: nod.realm }, { serial: mine.serial }] as Record<string, string>[]) {
      const { value } = await iris.call('GET', '/token/', { query })
      expect(value).toMatchObject({ count: 1, tokens: [{ serial: mine.serial }] })
    }
    for (const [method, path, form] of [
      ['POST', `/token/disable/${others.serial}`, {}],
      ['POST', `/token/reset/${others.serial}`, {}],
      ['POST', `/token/setpin/${others.serial}`, { otppin: '1' }],
      ['POST', `/token/setpin/${others.serial}`, {}],
      ['DELETE', `/token/${others.serial}`, {}],
      ['POST', '/token/init', { type: 'push', genkey: '1', serial: others.serial }],
      ['DELETE', '/token/NOSUCH', {}],
    ] as const)
      expect(await iris.call(method, path, method === 'POST' ? { form } : {}), path).toMatchObject({
        status: 404,
        error: { code: 601 },
      })
    expect(await nod.token(others.serial)).toMatchObject({ active: true, username: 'june' })
    // The audit knows who tried.
    const tried = async () => {
      const { value } = await nod.service.call('GET', '/audit/', { query: { user: 'iris', serial: others.serial } })
      return fields(value)['count']
    }
    expect(await waitUntil(async () => Number(await tried()) > 0)).toBe(true)
    expect(await iris.call('POST', `/token/setpin/${mine.serial}`, { form: { otppin: '4321' } })).toMatchObject({
      value: 1,
    })
    expect(await nod.service.triggerWithPin(mine.owner, '4321')).toMatchObject({ clientMode: 'poll' })
  })

  it('enrolls for themselves, whomever they name', async () => {
    await rule('webui', { login_mode: 'privacyIDEA' })
    const mine = await nod.enroll('kate', { pin: PIN })
    const kate = await signedIn('kate', mine.phone)
    const detail = await kate.init({ user: 'june', realm: nod.realm })
    expect(await nod.token(String(detail.serial))).toMatchObject({ username: 'kate', user_realm: nod.realm })
    await nod.service.deleteToken(String(detail.serial))
  })

  const formFor = (path: string, mine: Form): Form => {
    if (path.endsWith('/password')) return { password: 'x', new_password: 'long enough by far' }
    return path.startsWith('/token/info/') ? { ...mine, value: '1' } : mine
  }

  /** What a change needs besides the tokens. */
  const SENT_WITH: Readonly<Record<string, Form>> = { setpin: { otppin: '1' }, description: { description: '' } }

  it('is not an administrator', async () => {
    await rule('webui', { login_mode: 'privacyIDEA' })
    const mine = await nod.enroll('lena', { pin: PIN })
    const lena = await signedIn('lena', mine.phone)
    for (const [method, path] of [
      ['POST', '/validate/triggerchallenge'],
      ['POST', '/validate/check'],
      ['GET', '/policy/'],
      ['GET', '/apikey/'],
      ['GET', '/system/'],
      ['GET', '/administrator'],
      ['POST', '/administrator/password'],
      ['GET', '/token/challenges/'],
      ['GET', '/audit/all.csv'],
      ['POST', `/token/info/${mine.serial}/polling_allowed`],
    ] as const)
      expect(
        await lena.call(method, path, method === 'POST' ? { form: formFor(path, mine.owner) } : {}),
        path,
      ).toMatchObject({ status: 401, error: { code: 4306 } })
  })

  it('logs out', async () => {
    await rule('webui', { login_mode: 'privacyIDEA' })
    const { phone } = await nod.enroll('lou', { pin: PIN })
    const lou = await signedIn('lou', phone)
    expect(await lou.call('GET', '/token/')).toMatchObject({ status: 200 })
    expect(await lou.call('POST', '/auth/logout')).toMatchObject({ status: 200, value: true })
    expect(await lou.call('GET', '/token/')).toMatchObject(VOID)
  })

  it('hears nothing of other users: neither whether there are any, nor of their tokens', async () => {
    await rule('webui', { login_mode: 'privacyIDEA' })
    const mine = await nod.enroll('liv', { pin: PIN })
    const theirs = await nod.enroll('max')
    const liv = await signedIn('liv', mine.phone)
    await nod.service.call('POST', '/user/', { form: { user: 'ned', realm: nod.realm } })
    for (const user of ['max', 'ned', 'nosuch'])
      for (const verb of ['disable', 'reset', 'setpin', 'description', 'unassign']) {
        const form = { user, realm: nod.realm, ...SENT_WITH[verb] }
        const reply = await liv.call('POST', `/token/${verb}`, { form })
        const error = { code: 601, message: 'The requested token could not be found.' }
        expect(reply, `${verb} ${user}`).toMatchObject({ status: 404, error })
      }
    for (const serial of [theirs.serial, 'PIPUNOSUCH'])
      expect(await liv.call('POST', '/token/disable', { form: { ...mine.owner, serial } })).toMatchObject({
        status: 404,
        error: { code: 601, message: `No token found for serials: ${serial}` },
      })
    expect(await liv.call('POST', '/token/reset', { form: { ...mine.owner } })).toMatchObject({ value: 1 })
  })

  it('reads their own lines of the audit', async () => {
    await rule('webui', { login_mode: 'privacyIDEA' })
    const mine = await nod.enroll('mona', { pin: PIN })
    const mona = await signedIn('mona', mine.phone)
    const users = async () => {
      const { value } = await mona.call('GET', '/audit/', { query: { user: '*' } })
      const lines = fields(value)['auditdata']
      return Array.isArray(lines) ? [...new Set(lines.map((line) => fields(line)['user']))] : []
    }
    expect(await waitUntil(async () => (await users()).length > 0)).toBe(true)
    expect(await users()).toEqual(['mona'])
  })

  it('may do what policies of the scope user grant, once there is one', async () => {
    await rule('webui', { login_mode: 'privacyIDEA' })
    const mine = await nod.enroll('nora', { pin: PIN })
    const nora = await signedIn('nora', mine.phone)
    await rule('user', { disable: true })
    const missing = (right: string) => ({
      status: 403,
      error: { code: 303, message: `User actions are defined, but the action ${right} is not allowed!` },
    })
    expect(await nora.call('POST', `/token/setpin/${mine.serial}`, { form: { otppin: '1' } })).toMatchObject(
      missing('setpin'),
    )
    expect(await nora.call('DELETE', `/token/${mine.serial}`)).toMatchObject(missing('delete'))
    expect(await nora.call('GET', '/token/')).toMatchObject({ value: { count: 1 } })
    expect(await nora.call('POST', '/token/init', { form: { type: 'push', genkey: '1' } })).toMatchObject({
      status: 403,
      error: { message: 'User actions are defined, you are not allowed to enroll this token type!' },
    })
    expect(await nora.call('POST', `/token/disable/${mine.serial}`)).toMatchObject({ value: 1 })
  })

  it('is signed out when the phone that approved is disabled, revoked, deleted, enrolled anew or another’s', async () => {
    await rule('webui', { login_mode: 'privacyIDEA' })
    const ends = {
      olga: (serial: string) => nod.service.call('POST', `/token/disable/${serial}`),
      pia: (serial: string) => nod.service.call('POST', `/token/revoke/${serial}`),
      ruth: (serial: string) => nod.service.call('DELETE', `/token/${serial}`),
      sara: (serial: string) => nod.enroll('sara', { serial, pin: PIN }),
      tina: (serial: string) => nod.enroll('thea', { serial, pin: PIN }),
    }
    for (const [user, end] of Object.entries(ends)) {
      const { phone, serial } = await nod.enroll(user, { pin: PIN })
      const caller = await signedIn(user, phone)
      expect(await caller.call('GET', '/token/'), user).toMatchObject({ status: 200 })
      await end(serial)
      expect(await caller.call('GET', '/token/'), user).toMatchObject(VOID)
      const asking = await caller.call('GET', '/auth/rights')
      expect(asking, user).toMatchObject(VOID)
    }
  })
})

it.each(['login_mode=userstore', 'login_mode=password', 'jwt_validity=soon', 'jwt_validity=0', 'logout_time=-1'])(
  'a policy with %s is refused when it is written',
  async (action) => {
    const reply = await nod.service.call('POST', '/policy/user-sign-in-unfit', { json: { scope: 'webui', action } })
    expect(reply).toMatchObject({ status: 400, error: { code: 905 } })
  },
)
