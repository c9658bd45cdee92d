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

  it.each<[string, Readonly<Record<string, string | true>>]>([
    ['waits for a tap', { push_wait: '20' }],
    ['asks to pick a number', { push_require_presence: true }],
    ['is content with two digits', { push_code_to_phone_digits: '2' }],
  ])('is refused while another policy %s, naming both', async (_, action) => {
    const { phone, owner } = await nod.enroll(`cem-${Object.keys(action).join('')}`)
    const asking = await nod.authenticationPolicy(PROFILE)
    const other = await nod.authenticationPolicy(action, { priority: 5 })
    for (const reply of [await nod.service.triggerchallenge(owner), await nod.service.check({ ...owner, pass: '' })]) {
      expect(reply).toMatchObject({ status: 403, error: { code: 303 } })
      expect(reply.error?.message).toContain(`'${asking}'`)
      expect(reply.error?.message).toContain(`'${other}'`)
    }
    expect(await phone.poll()).toEqual([])
  })

  it('opens if the other policy is about other users, or inactive', async () => {
    const { owner } = await nod.enroll('dan')
    await nod.authenticationPolicy(PROFILE)
    await nod.authenticationPolicy({ push_wait: '20' }, { user: ['eve'] })
    await nod.authenticationPolicy({ push_require_presence: true }, { active: false })
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

    await nod.authenticationPolicy({ enroll_via_multichallenge: 'PUSH' })
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
