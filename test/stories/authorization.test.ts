/** What policies of the scope authorization make of a login. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Phone } from '../simulation/phone.ts'
import type { Form, Reply } from '../simulation/service.ts'
import type { Driver } from '../driver/driver.ts'
import { only, sleep, waitUntil } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

const PIN = '1234'
let nod: Driver
const policies = new Set<string>()

beforeAll(async () => {
  nod = await openNod('authorization')
})
afterEach(async () => {
  for (const name of policies) await nod.service.call('DELETE', `/policy/${name}`)
  policies.clear()
  await nod.deletePolicies()
})
afterAll(() => nod.close())

async function rule(action: Readonly<Record<string, string | true>>, extra: object = {}): Promise<void> {
  const name = `authorization-${policies.size + 1}`
  policies.add(name)
  await nod.service.setPolicy(name, 'authorization', action, { realm: [nod.realm], ...extra })
}

const check = (user: string, pass = PIN, more: Form = {}): Promise<Reply> =>
  nod.caller().check({ user, realm: nod.realm, pass, ...more })
const limited = (which: string) => ({ authentication: 'REJECT', detail: { message: expect.stringContaining(which) } })

/** A login that is accepted, and not used yet. */
async function accepted(user: string, phone: Phone): Promise<string> {
  const id = String((await check(user)).detail.transaction_id)
  const prompts = await phone.poll()
  for (const prompt of prompts) await phone.accept(prompt)
  return id
}
const use = (user: string, id: string): Promise<Reply> => check(user, '', { transaction_id: id })

describe('auth_max_fail', () => {
  it('lets no PIN be tried any more after so many wrong ones, the right one neither, until time has passed', async () => {
    await rule({ auth_max_fail: '2/3s' })
    await nod.enroll('ada', { pin: PIN })
    const before = await check('ada', 'wrong')
    expect(before).toMatchObject({ detail: { message: 'wrong otp pin' } })
    expect(await check('ada', 'wrong')).toMatchObject({ detail: { message: 'wrong otp pin' } })
    expect(await check('ada')).toMatchObject(limited('Only 2 failed authentications per 0:00:03 allowed.'))
    expect(await waitUntil(async () => (await check('ada')).authentication === 'CHALLENGE')).toBe(true)
  })

  it('counts no right PIN, however many', async () => {
    await rule({ auth_max_fail: '1/1h' })
    await nod.enroll('bea', { pin: PIN })
    for (let round = 0; round < 3; round++) expect(await check('bea')).toMatchObject({ authentication: 'CHALLENGE' })
    expect(await check('bea', 'wrong')).toMatchObject({ detail: { message: 'wrong otp pin' } })
    expect(await check('bea')).toMatchObject(limited('Only 1 failed'))
  })

  it('holds for a hundred guesses at once', async () => {
    await rule({ auth_max_fail: '5/1h' })
    const { serial } = await nod.enroll('cleo', { pin: PIN })
    const replies = await Promise.all(Array.from({ length: 100 }, (_, guess) => check('cleo', String(guess))))
    const messages = replies.map(({ detail }) => detail.message)
    expect(messages.filter((message) => message === 'wrong otp pin')).toHaveLength(5)
    expect(messages.filter((message) => message?.startsWith('Only 5 failed') === true)).toHaveLength(95)
    expect(await nod.failures(serial)).toBe(5)
  })
})

describe('auth_max_success', () => {
  it('lets so many logins be finalized, and rings no phone after that', async () => {
    await rule({ auth_max_success: '2/1h' })
    const { phone } = await nod.enroll('dora', { pin: PIN })
    for (let round = 0; round < 2; round++)
      expect(await use('dora', await accepted('dora', phone))).toMatchObject({ authentication: 'ACCEPT' })
    expect(await check('dora')).toMatchObject(limited('Only 2 successful authentications per 1:00:00 allowed.'))
    expect(await phone.poll()).toEqual([])
  })

  it('counts no login that was never finalized', async () => {
    await rule({ auth_max_success: '1/1h' })
    const { phone } = await nod.enroll('emmy', { pin: PIN })
    const first = await accepted('emmy', phone)
    const second = await accepted('emmy', phone)
    expect(await use('emmy', first)).toMatchObject({ authentication: 'ACCEPT' })
    expect(await use('emmy', second)).toMatchObject(limited('Only 1 successful'))
  })

  it('holds for twenty accepted logins that are finalized at once', async () => {
    await rule({ auth_max_success: '3/1h' })
    await nod.authenticationPolicy({ push_firewall: 'off' })
    const { phone } = await nod.enroll('fay', { pin: PIN })
    const ids: string[] = []
    for (let round = 0; round < 20; round++) ids.push(await accepted('fay', phone))
    const replies = await Promise.all(ids.map((id) => use('fay', id)))
    expect(replies.filter(({ authentication }) => authentication === 'ACCEPT')).toHaveLength(3)
    expect(replies.filter(({ detail }) => detail.message?.startsWith('Only 3 successful'))).toHaveLength(17)
  })

  it('counts who passes without a token', async () => {
    await rule({ auth_max_success: '1/1h' })
    await nod.authenticationPolicy({ passOnNoToken: true })
    await nod.service.call('POST', '/user/', { form: { user: 'gina', realm: nod.realm } })
    expect(await check('gina')).toMatchObject({ authentication: 'ACCEPT' })
    expect(await check('gina')).toMatchObject(limited('Only 1 successful'))
  })
})

describe('authorized=deny_access', () => {
  it('is not rung, by PIN or by API token', async () => {
    await rule({ authorized: 'deny_access' })
    const { phone, owner } = await nod.enroll('hana', { pin: PIN })
    const denied = {
      status: 400,
      error: { code: 401, message: 'ERR401: User is not authorized to authenticate under these conditions.' },
    }
    expect(await check('hana')).toMatchObject(denied)
    expect(await nod.service.triggerchallenge(owner)).toMatchObject(denied)
    expect(await phone.poll()).toEqual([])
  })

  it('holds for a user who would pass without a token', async () => {
    await rule({ authorized: 'deny_access' })
    await nod.authenticationPolicy({ passOnNoToken: true })
    await nod.service.call('POST', '/user/', { form: { user: 'iris', realm: nod.realm } })
    expect(await check('iris')).toMatchObject({ status: 400, error: { code: 401 } })
  })
})

/** The API token of a new administrator with the role helpdesk. */
async function helpdeskToken(): Promise<string> {
  const form = { login: 'authorization-helpdesk', password: 'long enough by far', role: 'helpdesk' }
  await nod.service.call('POST', '/administrator', { form })
  const { value } = await nod.caller().call('POST', '/auth', { form: { ...form, username: form.login } })
  return String(fields(value)['token'])
}

describe('api_key_required', () => {
  it('keeps everybody out who has no key, also where the configuration lets them in', async () => {
    const { phone, owner } = await nod.enroll('june', { pin: PIN })
    const id = await accepted('june', phone)
    await rule({ api_key_required: true }, { realm: [] })
    const keyless = { status: 403, error: { code: 303, message: 'No valid API key was passed.' } }
    expect(await check('june')).toMatchObject(keyless)
    expect(await use('june', id)).toMatchObject(keyless)
    const query = { transaction_id: id }
    expect(await nod.caller().call('GET', '/validate/polltransaction', { query })).toMatchObject(keyless)
    expect(await nod.caller().call('GET', `/transaction/${id}/events`)).toMatchObject(keyless)
    const wrong = nod.caller({ authorization: `nod_${'x'.repeat(43)}` })
    expect(await wrong.call('GET', '/validate/polltransaction', { query })).toMatchObject(keyless)
    for (const token of [nod.service.token, await helpdeskToken()]) {
      const administrator = nod.caller({ authorization: token ?? '' })
      const noKey = { status: 403, error: { code: 303, message: 'A correct JWT was passed, but it was no API key.' } }
      expect(await administrator.check({ ...owner, pass: PIN })).toMatchObject(noKey)
      expect(await administrator.check({ ...owner, pass: '', transaction_id: id })).toMatchObject(noKey)
      expect(await administrator.call('GET', '/validate/polltransaction', { query })).toMatchObject(noKey)
      const radius = await administrator.call('POST', '/validate/radiuscheck', { form: { ...owner, pass: PIN } })
      expect(radius).toMatchObject({ status: 403, text: '' })
    }
    const plugin = nod.caller({ authorization: await nod.serviceKey('june') })
    expect(await plugin.status(id)).toBe('accept')
    expect(await plugin.check({ ...owner, pass: PIN })).toMatchObject({ authentication: 'CHALLENGE' })
    expect(await plugin.finalize(id, owner)).toBe('ACCEPT')
    await nod.revokeServiceKey('june')
  })
})

describe('api_key_required of some', () => {
  const keyless = { status: 403, error: { code: 303, message: 'No valid API key was passed.' } }

  /** A login that an API token has opened, accepted. */
  async function triggered(user: string): Promise<{ readonly id: string; readonly serial: string }> {
    const { phone, serial, owner } = await nod.enroll(user, { pin: PIN })
    const { detail } = await nod.service.triggerchallenge(owner)
    await phone.accept(only(await phone.poll()))
    return { id: String(detail.transaction_id), serial }
  }

  it('users applies to a caller that names only the token', async () => {
    const { id, serial } = await triggered('juno')
    const other = await nod.enroll('jola', { pin: PIN })
    await rule({ api_key_required: true }, { user: ['juno'] })
    expect(await use('juno', id)).toMatchObject(keyless)
    expect(await nod.caller().check({ serial, pass: '', transaction_id: id })).toMatchObject(keyless)
    expect(await nod.caller().check({ serial: other.serial, pass: PIN })).toMatchObject({
      authentication: 'CHALLENGE',
    })
  })

  it('users applies to a caller that cancels an enrollment and names no user', async () => {
    const owner = { user: 'jette', realm: nod.realm }
    await nod.service.call('POST', '/user/', { form: owner })
    await nod.authenticationPolicy(
      {
        passOnNoToken: true,
        enroll_via_multichallenge: 'PUSH',
        enroll_via_multichallenge_optional: true,
      },
      { confirm: 'anonymous_enrollment' },
    )
    const { detail } = await nod.service.check({ ...owner, pass: PIN })
    const cancelling = { transaction_id: String(detail.transaction_id), cancel_enrollment: '1' }
    await rule({ api_key_required: true }, { user: ['jette'] })
    const strange = nod.caller({ authorization: `nod_${'x'.repeat(43)}` })
    for (const caller of [nod.caller(), strange]) expect(await caller.check(cancelling)).toMatchObject(keyless)
    const administrator = nod.caller({ authorization: nod.service.token ?? '' })
    expect(await administrator.check(cancelling)).toMatchObject({ status: 403, error: { code: 303 } })
    const plugin = nod.caller({ authorization: await nod.serviceKey('jette') })
    expect(await plugin.check(cancelling)).toMatchObject({ authentication: 'ACCEPT' })
    await nod.revokeServiceKey('jette')
  })

  it('requests holds in both legs of a login', async () => {
    const { id } = await triggered('jara')
    const condition = ['HTTP Request header', 'X-Way', 'equals', 'vpn', true, 'condition_is_false']
    await rule({ api_key_required: true }, { conditions: [condition] })
    const form = { user: 'jara', realm: nod.realm, pass: '', transaction_id: id }
    const by = (way: string) => nod.caller().call('POST', '/validate/check', { form, headers: { 'X-Way': way } })
    expect(await by('vpn')).toMatchObject(keyless)
    expect(await by('web')).toMatchObject({ authentication: 'ACCEPT' })
  })
})

describe('api_key_required that cannot be decided', () => {
  const keyless = { status: 403, error: { code: 303, message: 'No valid API key was passed.' } }
  const undecided = (header: string) => ({ conditions: [['HTTP Request header', header, 'equals', 'vpn', true]] })

  it('keeps everybody out who has no key, where a condition asks for what the request does not have', async () => {
    const { phone } = await nod.enroll('jill', { pin: PIN })
    const id = await accepted('jill', phone)
    await rule({ api_key_required: true }, { realm: [], ...undecided('X-Not-Sent') })
    const query = { transaction_id: id }
    const poll = (headers = {}) => nod.caller().call('GET', '/validate/polltransaction', { query, headers })
    expect(await check('jill')).toMatchObject({ status: 403, error: { code: 303 } })
    expect(await use('jill', id)).toMatchObject(keyless)
    expect(await poll()).toMatchObject(keyless)
    expect(await nod.caller().call('GET', `/transaction/${id}/events`)).toMatchObject(keyless)
    expect(await poll({ 'X-Not-Sent': 'office' })).toMatchObject({ status: 200 })
  })
})

describe('which tokens are rung', () => {
  it.each([
    ['tokentype', 'hotp totp', 'PUSH', 'Tokentype not allowed for authentication!'],
    ['serial', '^NOSUCH', '^KATE', 'Serial is not allowed for authentication!'],
    [
      'tokeninfo',
      'tokenkind/^hardware$/',
      'tokenkind/^software$/ push_firebase_configuration/poll/',
      'Tokeninfo field tokenkind with contents does not match regular expression.',
    ],
  ])('is what %s says', async (action, no, yes, message) => {
    const user = `kate-${action}`
    await nod.enroll(user, { pin: PIN, serial: `KATE${action}` })
    await rule({ [action]: no })
    expect(await check(user)).toMatchObject({ status: 403, error: { code: 303, message } })
    await nod.service.deletePolicy('authorization-1')
    await rule({ [action]: yes })
    expect(await check(user)).toMatchObject({ authentication: 'CHALLENGE', detail: { serial: `KATE${action}` } })
  })

  it('is what the caller wants, with application_tokentype and without it is not', async () => {
    const { serial } = await nod.enroll('lena', { pin: PIN })
    await nod.enroll('lena', { pin: PIN, type: 'edupush' })
    expect((await check('lena', PIN, { type: 'push' })).detail.multi_challenge).toHaveLength(2)
    await rule({ application_tokentype: true })
    expect((await check('lena', PIN, { type: 'PUSH' })).detail.multi_challenge).toMatchObject([{ serial }])
    expect((await check('lena')).detail.multi_challenge).toHaveLength(2)
    expect(await check('lena', PIN, { type: 'hotp' })).toMatchObject({ authentication: 'REJECT' })
    expect((await nod.service.triggerchallenge({ user: 'lena', realm: nod.realm, type: 'edupush' })).value).toBe(1)
  })

  it('are none of a type that is disabled', async () => {
    await nod.enroll('mona', { pin: PIN })
    await nod.authenticationPolicy({ disabled_token_types: 'hotp Push' })
    expect(await check('mona')).toMatchObject({
      detail: { message: 'No suitable token found for authentication.' },
    })
    const { serial } = await nod.enroll('mona', { pin: PIN, type: 'edupush' })
    expect((await check('mona')).detail.multi_challenge).toMatchObject([{ serial }])
  })

  it('is none that was not used for long, and one that never was', async () => {
    await rule({ last_auth: '1s' })
    const { phone } = await nod.enroll('nora', { pin: PIN })
    expect(await use('nora', await accepted('nora', phone))).toMatchObject({ authentication: 'ACCEPT' })
    expect(await waitUntil(async () => (await check('nora')).authentication === 'REJECT')).toBe(true)
    expect(await check('nora')).toMatchObject(limited('It is to long ago.'))
  })
})

describe('the answer', () => {
  it('describes the user of a login that succeeded, where policy says so, and no other', async () => {
    await rule({ add_user_in_response: true, add_resolver_in_response: true })
    const form = { user: 'olga', realm: nod.realm, givenname: 'Olga', surname: 'O', email: 'olga@example.test' }
    await nod.service.call('POST', '/user/', { form })
    const { phone } = await nod.enroll('olga', { pin: PIN })
    const opened = await check('olga')
    expect(opened.detail).not.toHaveProperty('user')
    await phone.accept(only(await phone.poll()))
    const reply = await use('olga', String(opened.detail.transaction_id))
    expect(reply.detail).toMatchObject({
      message: 'Found matching challenge',
      user: { username: 'olga', userid: 'olga', givenname: 'Olga', surname: 'O', email: 'olga@example.test' },
      'user-resolver': 'nod',
      'user-realm': nod.realm,
    })
    expect(Object.keys(fields(reply.detail['user'])).filter((key) => /pass|pin|hash/.test(key))).toEqual([])
    expect((await check('olga', 'wrong')).detail).not.toHaveProperty('user')
    await nod.authenticationPolicy({ push_wait: '10' })
    const waiting = check('olga')
    let prompts = await phone.poll()
    while (prompts.length === 0) {
      await sleep(50)
      prompts = await phone.poll()
    }
    await phone.accept(only(prompts))
    expect((await waiting).detail).toMatchObject({ message: 'matching 1 tokens', user: { username: 'olga' } })
  })

  it('has no detail where policy wants none, but a challenge keeps it', async () => {
    await rule({ no_detail_on_success: true, no_detail_on_fail: true })
    const { phone } = await nod.enroll('pia', { pin: PIN })
    const opened = await check('pia')
    expect(opened.detail.transaction_id).toMatch(/^\d{20}$/)
    await phone.accept(only(await phone.poll()))
    for (const [reply, authentication] of [
      [await use('pia', String(opened.detail.transaction_id)), 'ACCEPT'],
      [await check('pia', 'wrong'), 'REJECT'],
    ] as const) {
      expect(reply).toMatchObject({ status: 200, authentication })
      expect(fields(reply.body)).not.toHaveProperty('detail')
    }
  })

  it('hides its reason from a caller that names only the token, where policy hides it from the owner', async () => {
    const { serial } = await nod.enroll('rita', { pin: PIN })
    const other = await nod.enroll('rosa', { pin: PIN })
    await nod.authenticationPolicy({ hide_specific_error_message: true }, { user: ['rita'] })
    const enter = (one: string) => nod.caller().check({ serial: one, pass: 'wrong' })
    expect((await enter(serial)).detail.message).toBe('Authentication failed.')
    expect((await enter(other.serial)).detail.message).toBe('wrong otp pin')
  })

  it('does not say why, where policy hides it', async () => {
    await nod.authenticationPolicy({ hide_specific_error_message: true })
    const { serial } = await nod.enroll('ruth', { pin: PIN })
    const hidden = { status: 200, value: false, authentication: 'REJECT' }
    const reasons = [await check('ruth', 'wrong'), await check('ruth', '', { transaction_id: '0'.repeat(20) })]
    await nod.service.call('POST', `/token/disable/${serial}`)
    for (const reply of [...reasons, await check('ruth')]) {
      expect(reply).toMatchObject(hidden)
      expect(reply.detail).toEqual({ message: 'Authentication failed.', threadid: expect.any(Number) })
    }
  })
})

describe('other logins', () => {
  it('never wait where a challenge is forced', async () => {
    await nod.authenticationPolicy({
      push_wait: '20',
      force_challenge_response: true,
      challenge_response: 'hotp push',
    })
    await nod.enroll('sara', { pin: PIN })
    expect(await check('sara')).toMatchObject({ authentication: 'CHALLENGE' })
  })

  it('reset all tokens of their user', async () => {
    await nod.authenticationPolicy({ reset_all_user_tokens: true })
    const { phone } = await nod.enroll('tina', { pin: PIN })
    const other = await nod.enroll('tina', { pin: '9999' })
    await check('tina', 'wrong')
    expect(await nod.failures(other.serial)).toBe(1)
    expect(await use('tina', await accepted('tina', phone))).toMatchObject({ authentication: 'ACCEPT' })
    expect(await waitUntil(async () => (await nod.failures(other.serial)) === 0)).toBe(true)
  })

  it('count a ring as a failed attempt until they succeed', async () => {
    await nod.authenticationPolicy({ increase_failcounter_on_challenge: true })
    const { phone, serial } = await nod.enroll('uma', { pin: PIN })
    await check('uma')
    await check('uma')
    expect(await nod.failures(serial)).toBe(2)
    await phone.poll()
    expect(await use('uma', await accepted('uma', phone))).toMatchObject({ authentication: 'ACCEPT' })
    expect(await nod.failures(serial)).toBe(0)
  })

  it('ring no more once rings alone have locked the token', async () => {
    await nod.authenticationPolicy({ increase_failcounter_on_challenge: true })
    const { phone, serial } = await nod.enroll('ulla', { pin: PIN })
    await nod.service.call('POST', '/token/set', { form: { serial, max_failcount: '2' } })
    const locked = { authentication: 'REJECT', detail: { message: 'Failcounter exceeded' } }

    const first = await accepted('ulla', phone)
    expect(await nod.failures(serial)).toBe(1)
    // The second ring is counted and refused: nobody is asked to accept what could not be used.
    expect(await check('ulla')).toMatchObject(locked)
    expect(await nod.failures(serial)).toBe(2)
    expect(await check('ulla')).toMatchObject(locked)
    expect(await nod.failures(serial)).toBe(2)

    expect(await use('ulla', first)).toMatchObject(locked)
    await nod.service.call('POST', `/token/reset/${serial}`)
    expect(await phone.poll()).toEqual([])
    expect(await use('ulla', first)).toMatchObject({ authentication: 'ACCEPT' })
    expect(await nod.failures(serial)).toBe(0)
  })

  it('that come at once ring as often as the limit leaves, and not once more', async () => {
    await nod.authenticationPolicy({ increase_failcounter_on_challenge: true })
    const { phone, serial, owner } = await nod.enroll('una', { pin: PIN })
    await nod.service.call('POST', '/token/set', { form: { serial, max_failcount: '4' } })
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => nod.service.call('POST', '/validate/triggerchallenge', { form: owner })),
    )
    expect(replies.filter(({ value }) => value === 1)).toHaveLength(3)
    expect(await nod.failures(serial)).toBe(4)
    await nod.service.call('POST', `/token/reset/${serial}`)
    expect(await phone.poll()).toHaveLength(3)
  })

  it('are of another realm, where policy looks for users there', async () => {
    await nod.authenticationPolicy({ set_realm: nod.pushedRealm.toUpperCase() }, { realm: [nod.realm] })
    await nod.service.call('POST', '/user/', { form: { user: 'vera', realm: nod.realm } })
    const { serial } = await nod.enroll('vera', { pin: PIN, pushed: true })
    const { phone } = await nod.enroll('vera', { pin: PIN, pushed: true })
    const opened = await check('vera')
    expect(opened).toMatchObject({ authentication: 'CHALLENGE' })
    expect(opened.detail.multi_challenge?.map((one) => one.serial)).toContain(serial)
    await phone.accept(only(await phone.poll()))
    const id = String(opened.detail.transaction_id)
    await nod.enroll('bea', { pushed: true })
    expect(await use('bea', id)).toMatchObject({ authentication: 'REJECT' })
    expect(await use('nobody', id)).toMatchObject({ status: 400, error: { code: 904 } })
    expect(await use('vera', id)).toMatchObject({ authentication: 'ACCEPT' })
  })

  it('are not of another user where the login contains the name of a realm', async () => {
    const user = `vera@${nod.realm}`
    await nod.service.call('POST', '/user/', { form: { user: 'vera', realm: nod.realm } })
    const { phone } = await nod.enroll('vera', { pin: PIN })
    await nod.authenticationPolicy({ set_realm: nod.realm }, { realm: [nod.pushedRealm] })
    const reply = await nod.caller().check({ user: `${user}@${nod.pushedRealm}`, pass: PIN })
    expect(reply).toMatchObject({ status: 400, error: { code: 904 } })
    expect(await phone.poll()).toEqual([])
  })

  it('pass for an unknown user, where policy says so', async () => {
    const unknown = { status: 400, error: { code: 904 } }
    expect(await check('nobody-at-all')).toMatchObject(unknown)
    const policy = await nod.authenticationPolicy({ passOnNoUser: true })
    expect(await check('nobody-at-all')).toMatchObject({
      authentication: 'ACCEPT',
      detail: { message: `user does not exist, accepted due to '${policy}'` },
    })
    await nod.enroll('wanda', { pin: PIN })
    expect(await check('wanda', 'wrong')).toMatchObject({ authentication: 'REJECT' })
    expect(await check('nobody-at-all', PIN, { realm: nod.pushedRealm })).toMatchObject({ authentication: 'ACCEPT' })
    await nod.authenticationPolicy({ push_profile: 'nist-63b4' })
    expect(await check('nobody-at-all')).toMatchObject({ status: 403, error: { code: 303 } })
  })
})

it.each([
  ['authorization', 'auth_max_fail=5'],
  ['authorization', 'auth_max_fail=0/1m'],
  ['authorization', 'auth_max_success=3/1w'],
  ['authorization', 'last_auth=soon'],
  ['authorization', 'last_auth=0d'],
  ['authorization', 'authorized=maybe'],
  ['authorization', 'tokentype'],
  ['authorization', 'serial=(?=a)'],
  ['authorization', String.raw`serial=(a)\1`],
  ['authorization', 'serial=['],
  ['authorization', 'tokeninfo=tokenkind'],
  ['authorization', 'api_key_required=sometimes'],
  ['authentication', 'set_realm=a b'],
  ['authentication', 'disabled_token_types'],
  ['authentication', 'passthru'],
  ['authentication', 'passthru=userstore'],
  ['authentication', 'mangle=user/x/y/'],
  ['authentication', 'client_mode_per_user'],
  ['authentication', 'otppin=userstore'],
  ['hardening', 'hide_version=no'],
  ['token', 'hide_specific_error_message_for_ttype=no'],
])('a policy of the scope %s with %s is refused when it is written', async (scope, action) => {
  const reply = await nod.service.call('POST', '/policy/authorization-unfit', { json: { scope, action } })
  expect(reply).toMatchObject({ status: 400, error: { code: 905 } })
  expect(reply.error?.message).not.toMatch(/: $|yet/)
})
