import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Driver } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('profile')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

const PROFILE = { push_profile: 'nist-63b4' } as const

const write = (name: string, action: Readonly<Record<string, string | true>>, extra: Record<string, unknown> = {}) =>
  nod.service.call('POST', `/policy/${name}`, {
    json: { scope: 'authentication', action, realm: [nod.realm], ...extra },
  })
const set = (form: Record<string, string>) => nod.service.call('POST', '/system/setConfig', { form })
const unset = (key: string) => nod.service.call('DELETE', `/system/${key}`)

describe('a login under nist-63b4', () => {
  it('is a code of six digits that the user carries from the phone to the login page', async () => {
    const { phone, owner, serial } = await nod.enroll('ada', { pin: '1' })
    await nod.authenticationPolicy(PROFILE)
    const login = await nod.service.triggerWithPin(owner, '1')
    expect(login.clientMode).toBe('interactive')
    const answered = await phone.accept(only(await phone.poll()))
    const code = String(answered.displayCode)
    expect(code).toMatch(/^\d{6}$/)

    // A tap alone is nothing.
    expect(await nod.service.status(login.transactionId)).toBe('pending')
    expect(await nod.service.finalize(login.transactionId)).toBe('REJECT')
    const wrong = code === '000000' ? '000001' : '000000'
    expect(await nod.service.finalize(login.transactionId, undefined, { pass: wrong })).toBe('REJECT')
    expect(await nod.failures(serial)).toBe(1)
    expect(await nod.service.finalize(login.transactionId, undefined, { pass: code })).toBe('ACCEPT')
    expect(await nod.service.finalize(login.transactionId, undefined, { pass: code })).toBe('REJECT')
  })

  it('has more digits if a policy sets more', async () => {
    const { phone, owner } = await nod.enroll('abe')
    await nod.authenticationPolicy({ ...PROFILE, push_code_to_phone_digits: '8' })
    await nod.service.trigger(owner)
    expect((await phone.accept(only(await phone.poll()))).displayCode).toMatch(/^\d{8}$/)
  })

  it('ends with the third wrong code', async () => {
    const { phone, owner } = await nod.enroll('bea')
    await nod.authenticationPolicy(PROFILE)
    const login = await nod.service.trigger(owner)
    const code = String((await phone.accept(only(await phone.poll()))).displayCode)
    const wrong = code === '000000' ? '000001' : '000000'
    for (let time = 0; time < 3; time += 1)
      expect(await nod.service.finalize(login.transactionId, undefined, { pass: wrong })).toBe('REJECT')
    expect(await nod.service.finalize(login.transactionId, undefined, { pass: code })).toBe('REJECT')
    expect(await nod.service.status(login.transactionId)).toBe('declined')
  })

  it('counts wrong codes over logins: another code is no fresh start, and the tenth wrong one locks the token', async () => {
    const { phone, owner, serial } = await nod.enroll('bert')
    await nod.authenticationPolicy(PROFILE)
    for (let count = 0; count < 10;) {
      const login = await nod.service.trigger(owner)
      const code = String((await phone.accept(only(await phone.poll()))).displayCode)
      for (let time = 0; time < 3 && count < 10; time += 1) {
        const pass = code.startsWith('0') ? `1${code.slice(1)}` : `0${code.slice(1)}`
        expect(await nod.service.finalize(login.transactionId, undefined, { pass })).toBe('REJECT')
        expect(await nod.failures(serial)).toBe((count += 1))
      }
    }
    expect((await nod.service.triggerchallenge(owner)).value).toBe(0)
  })

  it.each([['has more attempts than a hundred', { max_failcount: '101' }, 'is locked after 101 failed attempts']])(
    'is refused by a token that %s, naming it',
    async (_, form, why) => {
      const { phone, owner, serial } = await nod.enroll('cem')
      const asking = await nod.authenticationPolicy(PROFILE)
      expect(await nod.service.call('POST', '/token/set', { form: { serial, ...form } })).toMatchObject({ status: 200 })
      for (const reply of [
        await nod.service.triggerchallenge(owner),
        await nod.service.check({ ...owner, pass: '' }),
      ]) {
        expect(reply).toMatchObject({ status: 403, error: { code: 303 } })
        expect(reply.error?.message).toContain(`'${asking}'`)
        expect(reply.error?.message).toContain(`${serial} ${why}`)
      }
      expect(await phone.poll()).toEqual([])
      // Beside a token that is strong enough it is not rung.
      const second = await nod.enroll('cem')
      expect((await nod.service.trigger(owner)).serials).toEqual([second.serial])
    },
  )

  it('opens if the other policies are about other users or requests, or inactive', async () => {
    const { owner } = await nod.enroll('dan')
    await nod.authenticationPolicy(PROFILE, { user: ['dan'], client: '0.0.0.0/1, 128.0.0.0/1, !203.0.113.0/24' })
    await nod.authenticationPolicy({ push_wait: '20' }, { user: ['eve'] })
    await nod.authenticationPolicy({ push_require_presence: true }, { active: false })
    await nod.authenticationPolicy({ push_ssl_verify: '0' }, { user: ['*', '!dan'] })
    await nod.authenticationPolicy({ push_ssl_verify: '0' }, { client: '203.0.113.7' })
    expect((await nod.service.trigger(owner)).clientMode).toBe('interactive')
  })
})

describe('a user without a token under nist-63b4', () => {
  it('passes by enrolling a phone and in no other way', async () => {
    const owner = { user: 'fay', realm: nod.realm }
    await nod.service.call('POST', '/user/', { form: owner })
    const asking = await nod.authenticationPolicy(PROFILE)
    const passing = await nod.authenticationPolicy({ passOnNoToken: true })
    const reply = await nod.service.check({ ...owner, pass: 'x' })
    expect(reply).toMatchObject({ status: 403, error: { code: 303 } })
    expect(reply.error?.message).toContain(`'${asking}'`)
    expect(reply.error?.message).toContain(`'${passing}'`)

    await nod.authenticationPolicy({ enroll_via_multichallenge: 'PUSH' }, { confirm: 'anonymous_enrollment' })
    const offered = await nod.service.check({ ...owner, pass: 'x' })
    expect(offered.authentication).toBe('CHALLENGE')
    await nod.service.deleteToken(offered.detail.serial ?? '')
    await nod.authenticationPolicy({ enroll_via_multichallenge_optional: true })
    expect(await nod.service.check({ ...owner, pass: 'x' })).toMatchObject({ status: 403, error: { code: 303 } })
  })
})

describe('a policy with the profile', () => {
  it.each<[string, Readonly<Record<string, string | true>>]>([
    ['push_wait', { push_wait: '20' }],
    ['push_require_presence', { push_require_presence: true }],
    ['push_code_to_phone_digits', { push_code_to_phone_digits: '5' }],
    ['enroll_via_multichallenge_optional', { enroll_via_multichallenge_optional: true }],
  ])('cannot set %s beside it', async (name, action) => {
    const reply = await write('profile-contradiction', { ...PROFILE, ...action })
    expect(reply).toMatchObject({ status: 400, error: { code: 905 } })
    expect(reply.error?.message).toContain(name)
    expect(reply.error?.message).toContain('nist-63b4')
  })

  it('has to name a profile that exists', async () => {
    expect(await write('profile-unknown', { push_profile: 'strong' })).toMatchObject({
      status: 400,
      error: { code: 905 },
    })
  })

  it('is refused while logins may take more than ten minutes, and the other way round', async () => {
    const asking = await nod.authenticationPolicy(PROFILE)
    const refused = await set({ PushChallengeValidityTime: '400' })
    expect(refused).toMatchObject({ status: 400, error: { code: 905 } })
    expect(refused.error?.message).toContain(`'${asking}'`)
    expect((await nod.service.call('GET', '/system/PushChallengeValidityTime')).value).toBeNull()

    // Both at once are looked at together.
    const both = { PushChallengeValidityTime: '400', PushChallengeFinalizeGrace: '200' }
    expect((await set(both)).status).toBe(200)
    expect(await unset('PushChallengeFinalizeGrace')).toMatchObject({ status: 400, error: { code: 905 } })
    await nod.deletePolicies()
    expect((await unset('PushChallengeFinalizeGrace')).status).toBe(200)

    const late = await write('profile-late', PROFILE)
    expect(late).toMatchObject({ status: 400, error: { code: 905 } })
    expect((await write('profile-late', PROFILE, { active: false })).status).toBe(200)
    expect((await nod.service.call('POST', '/policy/enable/profile-late')).status).toBe(400)
    await unset('PushChallengeValidityTime')
    expect((await nod.service.call('POST', '/policy/enable/profile-late')).status).toBe(200)
    await nod.service.deletePolicy('profile-late')
  })
})

/** A setting that weakens the profile, in a policy of its own. */
const WEAK: readonly (readonly [scope: string, action: string, value: string | true])[] = [
  ['authentication', 'push_wait', '20'],
  ['authentication', 'push_require_presence', true],
  ['authentication', 'push_code_to_phone_digits', '2'],
  ['authentication', 'push_ssl_verify', '0'],
  ['enrollment', 'push_ssl_verify', '0'],
  ['enrollment', 'push_ttl', '11'],
  ['enrollment', 'push_registration_url', 'http://nod.example/ttype/push'],
  ['enrollment', 'otp_pin_random', '7'],
  ['admin', 'otp_pin_minlength', '7'],
  ['user', 'otp_pin_maxlength', '7'],
  ['user', 'otp_pin_contents', '+cn'],
]

describe('a policy that weakens the profile of another one', () => {
  it.each(WEAK)('is refused, whichever of the two is written last: %s %s', async (scope, action, value) => {
    const weak = (extra: Record<string, unknown> = {}) =>
      write('weak', { [action]: value, ...grants }, { scope, ...extra })
    const grants: Record<string, true> = scope === 'admin' || scope === 'user' ? { '*': true } : {}
    const asking = await nod.authenticationPolicy(PROFILE)
    const refusal = await weak()
    expect(refusal).toMatchObject({ status: 400, error: { code: 905 } })
    const text = value === true ? action : `${action}=${value}`
    expect(refusal.error?.message).toContain(`${text} in the policy 'weak'`)
    expect(refusal.error?.message).toContain(`in the policy '${asking}'`)

    // For others it may be set, and inactive it may be stored.
    expect(await weak({ realm: [nod.pushedRealm], user: ['somebody'] })).toMatchObject({ status: 400 })
    expect(await weak({ realm: [], user: ['x'], active: false })).toMatchObject({
      status: 200,
    })
    expect(await nod.service.call('POST', '/policy/enable/weak')).toMatchObject({ status: 400, error: { code: 905 } })
    await nod.deletePolicies()
    expect(await nod.service.call('POST', '/policy/enable/weak')).toMatchObject({ status: 200 })
    const last = await write('weakened', PROFILE, { user: ['x'] })
    expect(last).toMatchObject({ status: 400, error: { code: 905 } })
    expect(last.error?.message).toContain(`${text} in the policy 'weak'`)
    expect(await write('weakened', PROFILE, { user: ['y'] })).toMatchObject({ status: 200 })
    for (const name of ['weak', 'weakened']) await nod.service.deletePolicy(name)
  })

  it('is taken where another one overrules it, and keeps that one', async () => {
    await nod.authenticationPolicy(PROFILE)
    expect((await write('strict', { push_wait: '0' })).status).toBe(200)
    expect((await write('lax', { push_wait: '20' }, { priority: 2 })).status).toBe(200)
    const kept = await nod.service.call('DELETE', '/policy/strict')
    expect(kept).toMatchObject({ status: 400, error: { code: 905 } })
    expect(kept.error?.message).toContain("push_wait=20 in the policy 'lax'")
    expect((await write('strict', { push_wait: '0' }, { priority: 3 })).status).toBe(400)
    for (const name of ['lax', 'strict']) await nod.service.deletePolicy(name)
  })

  it('is no confirmation away: the profile is a claim about every login', async () => {
    await nod.authenticationPolicy(PROFILE)
    expect((await write('weak', { push_wait: '20' }, { confirm: 'anonymous_enrollment' })).status).toBe(400)
  })
})

describe('the settings beside a profile', () => {
  it('lock a token after a hundred failed attempts or fewer', async () => {
    const asking = await nod.authenticationPolicy(PROFILE)
    const refused = await set({ DefaultMaxFailCount: '101' })
    expect(refused).toMatchObject({ status: 400, error: { code: 905 } })
    expect(refused.error?.message).toContain('DefaultMaxFailCount (101)')
    expect(refused.error?.message).toContain(`'${asking}'`)
  })
})

describe('a PIN under nist-63b4', () => {
  it('has eight characters or more, or is none', async () => {
    const { serial } = await nod.enroll('pia')
    const asking = await nod.authenticationPolicy(PROFILE)
    const change = (otppin: string) => nod.service.call('POST', '/token/setpin', { form: { serial, otppin } })
    const short = await change('1234567')
    expect(short).toMatchObject({ status: 403, error: { code: 303 } })
    expect(short.error?.message).toContain(`'${asking}'`)
    expect((await change('eight-72')).status).toBe(200)
    // Code points are counted, not what they are made of.
    expect((await change('🔑'.repeat(7))).status).toBe(403)
    expect((await change('')).status).toBe(200)
    const enrolled = await nod.service.call('POST', '/token/init', {
      form: { type: 'push', genkey: '1', user: 'pim', realm: nod.realm, pin: '1234' },
    })
    expect(enrolled).toMatchObject({ status: 403, error: { code: 303 } })
    expect((await nod.service.call('POST', '/token/setrandompin', { form: { serial } })).status).toBe(200)
  })

  it.each(['12345678', 'Password', 'qwertyui', '11111111', 'abcdabcdabcd', 'iloveyou'])(
    'is none of those that are guessed first, which the refusal says: %s',
    async (otppin) => {
      const { serial } = await nod.enroll('pola')
      const asking = await nod.authenticationPolicy(PROFILE)
      const refused = await nod.service.call('POST', '/token/setpin', { form: { serial, otppin } })
      expect(refused).toMatchObject({ status: 403, error: { code: 303 } })
      expect(refused.error?.message).toContain(`'${asking}'`)
      expect(refused.error?.message).toContain('guessed first')
      expect(refused.error?.message).not.toContain(otppin)
    },
  )
})

describe('the description of push tokens', () => {
  it('is public: actions, types and defaults, and nothing of this deployment', async () => {
    const reply = await nod.caller().call('GET', '/ttype/push/info')
    expect(reply).toMatchObject({ status: 200, value: { type: 'push', title: 'Push token' } })
    const { policy } = fields(reply.value)
    expect(policy).toMatchObject({
      enrollment: { push_ttl: { type: 'int', default: '10', group: 'PUSH', desc: expect.any(String) } },
      authentication: {
        push_wait: { type: 'int', default: '0' },
        push_require_presence: { type: 'bool' },
        push_profile: { type: 'str' },
      },
    })
    expect(reply.text).not.toContain('fb1')
    expect(await nod.caller().call('POST', '/ttype/push/info')).toMatchObject({ status: 405 })
  })
})
