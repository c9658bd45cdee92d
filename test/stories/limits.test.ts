/** How many tokens there may be, and what a new one has to have. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Form, Reply } from '../simulation/service.ts'
import type { Driver } from '../driver/driver.ts'
import { openNod } from './scene.ts'

let nod: Driver
const policies = new Set<string>()

beforeAll(async () => {
  nod = await openNod('limits')
})
afterEach(async () => {
  for (const name of policies) await nod.service.call('DELETE', `/policy/${name}`)
  policies.clear()
  const { value } = await nod.service.call('GET', '/token/', { query: { serial: 'LIMIT*', pagesize: '500' } })
  const tokens = fields(value)['tokens']
  if (Array.isArray(tokens)) for (const token of tokens) await nod.service.deleteToken(String(fields(token)['serial']))
})
afterAll(() => nod.close())

async function rule(action: Readonly<Record<string, string | true>>, extra: object = {}): Promise<void> {
  const name = `limits-${policies.size + 1}`
  policies.add(name)
  await nod.service.setPolicy(name, 'enrollment', action, { realm: [nod.realm], ...extra })
}

let drawn = 0
const init = (user: string, more: Form = {}): Promise<Reply> =>
  nod.service.call('POST', '/token/init', {
    form: { type: 'push', genkey: '1', serial: `LIMIT${++drawn}`, user, realm: nod.realm, ...more },
  })

const limited = (which: string) => ({
  status: 403,
  error: { code: 303, message: `The number of ${which} is limited!` },
})

describe('a limit', () => {
  it('on the tokens of a user applies to that user, whatever the type', async () => {
    await rule({ max_token_per_user: '2' })
    expect(await init('ada')).toMatchObject({ value: true })
    expect(await init('ada', { type: 'edupush' })).toMatchObject({ value: true })
    expect(await init('ada')).toMatchObject(limited('tokens for this user'))
    expect(await init('bob')).toMatchObject({ value: true })
  })

  it('on one type applies to that type', async () => {
    await rule({ push_max_token_per_user: '1', edupush_max_token_per_user: '1' })
    expect(await init('ada')).toMatchObject({ value: true })
    expect(await init('ada')).toMatchObject(limited('tokens of type push for this user'))
    expect(await init('ada', { type: 'edupush' })).toMatchObject({ value: true })
    expect(await init('ada', { type: 'edupush' })).toMatchObject(limited('tokens of type edupush for this user'))
  })

  it('on a realm counts the tokens of all its users', async () => {
    await rule({ max_token_per_realm: '2' })
    expect(await init('ada')).toMatchObject({ value: true })
    expect(await init('bob')).toMatchObject({ value: true })
    expect(await init('carol')).toMatchObject(limited('tokens in this realm'))
  })

  it('on active tokens counts those that wait for their phone, and applies to enabling too', async () => {
    await rule({ max_active_token_per_user: '1' })
    const { serial } = await nod.enroll('dora', { serial: 'LIMITDORA' })
    expect(await init('dora')).toMatchObject(limited('active tokens for this user'))
    await nod.service.call('POST', `/token/disable/${serial}`)
    expect(await init('dora')).toMatchObject({ value: true })
    expect(await nod.service.call('POST', `/token/enable/${serial}`)).toMatchObject(
      limited('active tokens for this user'),
    )
    expect(await nod.token(serial)).toMatchObject({ active: false })
    expect(await init('dora')).toMatchObject(limited('active tokens for this user'))
    await rule({ push_max_active_token_per_user: '0' })
    expect(await init('emmy')).toMatchObject(limited('active tokens of type push for this user'))
  })

  it('is the largest number of the matching policies', async () => {
    await rule({ max_token_per_user: '1' })
    await rule({ max_token_per_user: '2' }, { priority: 9 })
    expect(await init('ada')).toMatchObject({ value: true })
    expect(await init('ada')).toMatchObject({ value: true })
    expect(await init('ada')).toMatchObject(limited('tokens for this user'))
  })

  it('does not stop an owner from enrolling a token anew, but stops a token of another owner', async () => {
    expect(await init('ada', { serial: 'LIMITA' })).toMatchObject({ value: true })
    expect(await init('ada', { serial: 'LIMITB' })).toMatchObject({ value: true })
    expect(await init('bob', { serial: 'LIMITC' })).toMatchObject({ value: true })
    await rule({ max_token_per_user: '1' })
    expect(await init('ada', { serial: 'LIMITA', rollover: '1' })).toMatchObject({ value: true })
    expect(await init('ada', { serial: 'LIMITC', rollover: '1' })).toMatchObject(limited('tokens for this user'))
    expect(await nod.token('LIMITC')).toMatchObject({ username: 'bob' })
  })

  it.each([
    [{ max_token_per_user: '3' }, 3],
    [{ push_max_token_per_user: '3' }, 3],
    [{ max_active_token_per_user: '3' }, 3],
    [{ push_max_active_token_per_user: '3' }, 3],
    [{ max_token_per_realm: '5' }, 5],
  ])('is kept by twenty enrollments at once: %o', async (action, most) => {
    await rule(action)
    const replies = await Promise.all(Array.from({ length: 20 }, () => init('grace')))
    expect(replies.filter(({ value }) => value === true)).toHaveLength(most)
    expect(replies.filter(({ status }) => status === 403)).toHaveLength(20 - most)
    const { value } = await nod.service.call('GET', '/token/', { query: { user: 'grace', realm: nod.realm } })
    expect(value).toMatchObject({ count: most })
  })

  it('is kept by an enrollment during a login', async () => {
    await nod.authenticationPolicy(
      { passOnNoToken: true, enroll_via_multichallenge: 'PUSH' },
      { confirm: 'anonymous_enrollment' },
    )
    await nod.service.call('POST', '/user/', { form: { user: 'hana', realm: nod.realm } })
    await rule({ max_token_per_user: '0' })
    expect(await nod.service.check({ user: 'hana', realm: nod.realm, pass: '' })).toMatchObject(
      limited('tokens for this user'),
    )
    await nod.deletePolicies()
  })
})

describe('a new token', () => {
  it('needs a description where policy requires one', async () => {
    await rule({ require_description: 'push hotp' })
    expect(await init('ada')).toMatchObject({ status: 403, error: { message: 'Description required for push token.' } })
    expect(await init('ada', { type: 'edupush' })).toMatchObject({ value: true })
    expect(await init('ada', { description: 'my phone' })).toMatchObject({ value: true })
  })

  it('has a random PIN where policy sets one, shown only once', async () => {
    await rule({ otp_pin_random: '6', encrypt_pin: true })
    const { phone, owner, serial, detail } = await nod.beginEnrollment('abby', { parameters: { pin: 'chosen' } })
    const pin = String(detail['pin'])
    expect(pin).toMatch(/^\d{6}$/)
    await phone.register(phone.scan(detail.pushurl?.value ?? ''))
    expect(await nod.service.check({ ...owner, pass: 'chosen' })).toMatchObject({ authentication: 'REJECT' })
    expect(await nod.service.check({ ...owner, pass: pin })).toMatchObject({ authentication: 'CHALLENGE' })
    const { text } = await nod.service.call('GET', '/token/', { query: { serial } })
    expect(text).not.toContain(pin)
  })
})

describe('a PIN', () => {
  const unfit = (message: string) => ({ status: 403, error: { code: 303, message } })

  it('has to be as policies of the scope admin require', async () => {
    for (const name of ['limits-pins', 'limits-all']) policies.add(name)
    await nod.service.setPolicy('limits-all', 'admin', { '*': true })
    const pins = { otp_pin_minlength: '4', otp_pin_maxlength: '6', otp_pin_contents: 'cn' } as const
    await nod.service.setPolicy('limits-pins', 'admin', pins, { realm: [nod.realm, nod.pushedRealm] })
    expect(await init('ada', { pin: 'a1' })).toMatchObject(unfit('The minimum OTP PIN length is 4'))
    expect(await init('ada')).toMatchObject(unfit('The minimum OTP PIN length is 4'))
    expect(await init('ada', { pin: 'abcd1234' })).toMatchObject(unfit('The maximum OTP PIN length is 6'))
    expect(await init('ada', { pin: 'abcdef' })).toMatchObject(unfit('Missing character in PIN: 0123456789'))
    expect(await init('ada', { pin: 'abc123', serial: 'LIMITPIN' })).toMatchObject({ value: true })
    const set = (otppin: string) => nod.service.call('POST', '/token/setpin/LIMITPIN', { form: { otppin } })
    expect(await set('12345')).toMatchObject({ status: 403, error: { code: 303 } })
    expect(await set('')).toMatchObject(unfit('The minimum OTP PIN length is 4'))
    expect(await set('1234a')).toMatchObject({ value: 1 })
  })

  it('cannot be set by an administrator without that right', async () => {
    policies.add('limits-pins')
    await nod.service.setPolicy('limits-pins', 'admin', {
      enrollPUSH: true,
      policywrite: true,
      policydelete: true,
      tokenlist: true,
      delete: true,
    })
    expect(await init('ada', { pin: '1234' })).toMatchObject(
      unfit('Admin actions are defined, but the action enrollpin is not allowed!'),
    )
    expect(await init('ada')).toMatchObject({ value: true })
  })
})

it.each([
  ['enrollment', 'max_token_per_user=many'],
  ['enrollment', 'max_token_per_realm=-1'],
  ['enrollment', 'push_max_active_token_per_user'],
  ['enrollment', 'otp_pin_random=2'],
  ['enrollment', 'require_description'],
  ['enrollment', 'require_description=push!'],
  ['admin', 'otp_pin_minlength=long, *'],
  ['admin', 'otp_pin_contents=xyz, *'],
  ['user', 'otp_pin_maxlength=0'],
])('a policy of the scope %s with %s is refused when it is written', async (scope, action) => {
  const reply = await nod.service.call('POST', '/policy/limits-unfit', { json: { scope, action } })
  expect(reply).toMatchObject({ status: 400, error: { code: 905 } })
})
