import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fields, type Reply } from '../simulation/reply.ts'
import type { Driver } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('verbs')
})
afterAll(() => nod.close())

type Form = Readonly<Record<string, string>>
const post = (path: string, form: Form = {}): Promise<Reply> => nod.service.call('POST', `/token/${path}`, { form })
const value = async (...asked: [path: string, form?: Form]): Promise<unknown> => (await post(...asked)).value
const check = async (owner: Form, pass: string) => {
  const { authentication, detail } = await nod.service.check({ ...owner, pass })
  return authentication === 'CHALLENGE' ? 'CHALLENGE' : detail.message
}
const info = async (serial: string) => fields((await nod.token(serial))['info'])

describe('all tokens of a user', () => {
  it('are changed by one request, each with its own line in the audit; one that is revoked stays as it is', async () => {
    const [first, second, third] = [await nod.enroll('ada'), await nod.enroll('ada'), await nod.enroll('ada')]
    const { owner } = first
    expect(await value('revoke', { serial: third.serial })).toBe(1)
    expect([await value('disable', owner), await value('disable', owner), await value('enable', owner)]).toEqual([
      2, 0, 2,
    ])
    expect([await value('setpin', { ...owner, otppin: '77' }), await value('reset', owner)]).toEqual([2, 2])
    expect(await value('set', { ...owner, max_failcount: '4', count_auth_max: '9' })).toBe(4)
    for (const { serial } of [first, second]) {
      expect(await nod.token(serial)).toMatchObject({ active: true, maxfail: 4, info: { count_auth_max: '9' } })
      const query = { serial, action: 'POST /token/disable*' }
      expect(
        await waitUntil(async () => fields((await nod.service.call('GET', '/audit/', { query })).value)['count'] === 1),
      ).toBe(true)
    }
    expect((await nod.token(third.serial))['maxfail']).toBe(10)
    expect(await value('unassign', owner)).toEqual({ count_success: 2, failed: [third.serial], unauthorized: [] })
  })

  it('are those of this user only, and none if there are none', async () => {
    const { serial, owner } = await nod.enroll('bob')
    const other = await nod.enroll('bea')
    expect(await post('disable', { ...other.owner, serial })).toMatchObject({ status: 400, error: { code: 905 } })
    expect(await post('disable', { user: 'nobody-there', realm: nod.realm })).toMatchObject({
      status: 400,
      error: { code: 904 },
    })
    await nod.service.deleteToken(serial)
    expect(await value('disable', owner)).toBe(0)
    expect((await nod.token(other.serial))['active']).toBe(true)
    expect(await post('disable')).toMatchObject({
      status: 400,
      error: { code: 905, message: "ERR905: Missing parameter: 'serial' or 'serials'" },
    })
  })

  it('may be deleted by a list, which tells of those that could not be', async () => {
    const [one, two] = [await nod.enroll('cleo'), await nod.enroll('cleo')]
    const removed = await nod.service.call('DELETE', '/token/', {
      query: { serials: `${one.serial},${two.serial},NOSUCH` },
    })
    expect(removed.value).toEqual({ count_success: 2, failed: ['NOSUCH'], unauthorized: [] })
    const three = await nod.enroll('cleo')
    expect((await nod.service.call('DELETE', '/token/', { query: three.owner })).value).toBe(1)
    expect(await nod.service.call('DELETE', '/token/', { query: { serial: one.serial } })).toMatchObject({
      status: 404,
      error: { code: 601, message: `No token found for serials: ${one.serial}` },
    })
  })
})

describe('a token without an owner', () => {
  it('has lost PIN and failed attempts, stays in its realm, and is anybody’s to be given', async () => {
    const { phone, serial, owner } = await nod.enroll('dora', { pin: '1234' })
    expect(await check(owner, 'wrong')).toBe('wrong otp pin')
    expect([await value('unassign', { serial }), await value('unassign', { serial })]).toEqual([1, 1])
    expect(await nod.token(serial)).toMatchObject({
      username: '',
      user_realm: '',
      realms: [nod.realm],
      failcount: 0,
      active: true,
      info: { count_auth: '1' },
    })
    expect(await check(owner, '1234')).toBe('The user has no tokens assigned')
    const edda = { user: 'edda', realm: nod.realm }
    expect(await value('assign', { serial, ...edda, pin: 'new' })).toBe(true)
    expect(await check(edda, '1234')).toBe('wrong otp pin')
    const login = await nod.service.triggerWithPin(edda, 'new')
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect(await info(serial)).toMatchObject({ count_auth: '3', count_auth_success: '1' })
  })

  it('is given to one of ten who want it at once', async () => {
    const { serial } = await nod.enroll('finn')
    await post('unassign', { serial })
    const asked = Array.from({ length: 10 }, (_, at) => post('assign', { serial, user: `w${at}`, realm: nod.realm }))
    const replies = await Promise.all(asked)
    expect(replies.filter((reply) => reply.value === true)).toHaveLength(1)
    for (const { error } of replies.filter((reply) => reply.value !== true))
      expect(error).toMatchObject({ code: 1103, message: expect.stringContaining("User(login='w") })
  })
})

describe('what may be set', () => {
  it('bounds when a token is good', async () => {
    const { serial, owner } = await nod.enroll('gil', { pin: '1' })
    expect(await value('set', { serial, validity_period_start: '2040-01-01T00:00+0100' })).toBe(1)
    expect(await check(owner, '1')).toBe('Outside validity period')
    expect(await nod.service.triggerchallenge(owner)).toMatchObject({
      status: 200,
      value: 0,
      detail: { message: 'Outside validity period', multi_challenge: [] },
    })
    expect(await info(serial)).toMatchObject({ validity_period_start: '2039-12-31T23:00+0000' })
    const now = { validity_period_start: '', validity_period_end: '2040-01-01T00:00+0000' }
    expect(await value('set', { serial, ...now })).toBe(2)
    expect(await check(owner, '1')).toBe('CHALLENGE')
    expect(await info(serial)).not.toHaveProperty('validity_period_start')
  })

  it('bounds how often a token is used, failures included', async () => {
    const { serial, owner } = await nod.enroll('hanna', { pin: '1' })
    await post('set', { serial, count_auth_max: '2', count_auth_success_max: '5' })
    expect([await check(owner, 'x'), await check(owner, 'y'), await check(owner, '1')]).toEqual([
      'wrong otp pin',
      'wrong otp pin',
      'Authentication counter exceeded',
    ])
    expect(await value('reset', { serial })).toBe(1)
    expect(await check(owner, '1')).toBe('Authentication counter exceeded')
    expect(await info(serial)).toMatchObject({ count_auth: '2', count_auth_max: '2', count_auth_success_max: '5' })
  })

  it('has a description, realms and notes, which may not be secrets of Nod', async () => {
    const { serial } = await nod.enroll('ines')
    const { service } = nod
    expect(await value(`description/${serial}`, { description: 'on her desk' })).toBe(true)
    await service.call('POST', '/realm/verbs-two')
    const realm = (realms: unknown) => service.call('POST', `/token/realm/${serial}`, { json: { realms } })
    expect(await realm(['verbs-two', 'verbs-tow'])).toMatchObject({
      status: 400,
      error: {
        code: 905,
        message: expect.stringMatching(/^ERR905: Unknown realm 'verbs-tow'. Did you mean 'verbs-two'\?/),
      },
    })
    expect((await nod.token(serial))['realms']).toEqual([nod.realm])
    expect((await realm(['verbs-two'])).value).toBe(true)
    expect((await nod.token(serial))['realms']).toEqual([nod.realm, 'verbs-two'])
    expect((await realm(nod.realm)).value).toBe(true)
    expect(await nod.token(serial)).toMatchObject({ realms: [nod.realm], description: 'on her desk' })

    expect(await value(`info/${serial}/inventory`, { value: 'A-17' })).toBe(true)
    expect(await info(serial)).toMatchObject({ inventory: 'A-17', tokenkind: 'software' })
    for (const key of ['private_key_server', 'firebase_token', 'enrollment_credential', 'count_auth', 'tokenkind']) {
      const before = await info(serial)
      for (const method of ['POST', 'DELETE'])
        expect(await service.call(method, `/token/info/${serial}/${key}`, { query: { value: 'mine' } })).toMatchObject({
          status: 400,
          error: { code: 905 },
        })
      expect(await info(serial)).toEqual(before)
    }
    const gone = () => service.call('DELETE', `/token/info/${serial}/inventory`)
    expect([(await gone()).value, (await gone()).value]).toEqual([true, true])
    expect(await info(serial)).not.toHaveProperty('inventory')
  })

  it('is what policies may ask about, when a login begins and when a phone polls', async () => {
    const { phone, serial, owner } = await nod.enroll('judy')
    const { service } = nod
    const conditions = [['tokeninfo', 'zone', 'equals', 'red', true, 'condition_is_false']]
    await nod.authenticationPolicy({ push_allow_polling: 'deny', push_title_on_mobile: 'Red zone' }, { conditions })
    await service.trigger(owner)
    expect(only(await phone.poll()).title).toBe('privacyIDEA')
    await post(`info/${serial}/zone`, { value: 'red' })
    await service.trigger(owner)
    await phone.poll()
    expect(phone.lastPoll.get(serial)).toMatchObject({ status: 403, error: { code: 303 } })
    await service.call('DELETE', `/token/info/${serial}/zone`)
    expect((await phone.poll()).map(({ title }) => title)).toEqual(['Red zone'])
    await nod.deletePolicies()
  })

  it('has room for so many notes, however many come at once', async () => {
    const { serial } = await nod.enroll('jon')
    const notes = Array.from({ length: 40 }, (_, at) => post(`info/${serial}/note${at}`, { value: String(at) }))
    const replies = await Promise.all(notes)
    expect(replies.filter((reply) => reply.value === true)).toHaveLength(32)
    expect(replies.filter(({ status }) => status === 400)).toHaveLength(8)
    const kept = Object.keys(await info(serial)).find((key) => key.startsWith('note')) ?? ''
    expect(await value(`info/${serial}/${kept}`, { value: 'changed' })).toBe(true)
    expect(await info(serial)).toMatchObject({ [kept]: 'changed' })
    await nod.service.deleteToken(serial)
    await nod.enroll('jon', { serial })
    expect(await info(serial)).not.toHaveProperty(kept)
  })
})

describe('a PIN', () => {
  it('that was generated is shown once', async () => {
    const { serial, owner } = await nod.enroll('kim', { pin: '1' })
    const drawn = await post(`setrandompin/${serial}`)
    const { pin } = fields(drawn.detail)
    expect(drawn.value).toBe(1)
    expect(pin).toMatch(/^[2-9a-hjkmnp-z]{8}$/)
    expect([await check(owner, '1'), await check(owner, String(pin))]).toEqual(['wrong otp pin', 'CHALLENGE'])
    expect(JSON.stringify([await nod.token(serial), await nod.service.call('GET', '/audit/')])).not.toContain(pin)
  })

  it('and an owner can be copied', async () => {
    const from = await nod.enroll('lena', { pin: '55' })
    const to = await nod.enroll('mia', { pin: '1' })
    expect(await value('copypin', { from: from.serial, to: to.serial })).toBe(true)
    expect([await check(to.owner, '1'), await check(to.owner, '55')]).toEqual(['wrong otp pin', 'CHALLENGE'])
    const copy = { from: from.serial, to: to.serial }
    expect(await post('copyuser', copy)).toMatchObject({ status: 400, error: { code: 1103 } })
    await post('unassign', { serial: to.serial })
    expect(await value('copyuser', copy)).toBe(true)
    expect(await nod.token(to.serial)).toMatchObject({ username: 'lena', user_realm: nod.realm })
    await post('unassign', { serial: from.serial })
    expect(await post('copyuser', copy)).toMatchObject({ status: 400, error: { code: 905 } })
    for (const wrong of [
      { from: 'NOSUCH', to: to.serial },
      { from: to.serial, to: 'NOSUCH' },
    ])
      for (const verb of ['copypin', 'copyuser'])
        expect(await post(verb, wrong), verb).toMatchObject({ status: 404, error: { code: 601 } })
  })
})

describe('a lost phone', () => {
  it('is not rung any more, and only needs enabling when it is found again', async () => {
    const { phone, serial, owner } = await nod.enroll('nora', { pin: '1' })
    expect(await value(`lost/${serial}`)).toMatchObject({ init: true, disable: 1 })
    expect(await value(`lost/${serial}`)).toMatchObject({ init: true, disable: 0 })
    expect((await nod.service.triggerchallenge(owner)).value).toBe(0)
    await post('enable', { serial })
    await nod.service.triggerWithPin(owner, '1')
    only(await phone.poll())
  })
})

describe('the owner of a lost phone', () => {
  it('is let in once by the code that came in its place, and not by the one before', async () => {
    const { serial, owner } = await nod.enroll('nils', { pin: '1' })
    const before = fields(await value(`lost/${serial}`))['password']
    const lost = fields(await value(`lost/${serial}`))
    expect(lost).toMatchObject({ valid_to: lost['end_date'] })
    const enter = (pass: unknown) => nod.service.check({ ...owner, pass: String(pass) })
    expect(await enter(before)).toMatchObject({ authentication: 'REJECT' })
    expect(await enter(lost['password'])).toMatchObject({ authentication: 'ACCEPT' })
    expect(await enter(lost['password'])).toMatchObject({ authentication: 'REJECT' })
  })

  it('has no code if it has no owner', async () => {
    const { serial } = await nod.enroll('nele')
    await post('unassign', { serial })
    expect(await value(`lost/${serial}`)).toEqual({ init: false, disable: 1 })
  })
})

describe('an action that is repeated', () => {
  it('answers the same, or that nothing has changed, or says clearly that there is nothing to do any more', async () => {
    const { serial } = await nod.enroll('rita', { pin: '1' })
    const twice = async (path: string, form: Form = { serial }) => [await post(path, form), await post(path, form)]
    const values = async (...asked: [path: string, form?: Form]) => (await twice(...asked)).map((reply) => reply.value)
    expect(await values('disable')).toEqual([1, 0])
    expect(await values('enable')).toEqual([1, 0])
    expect(await values('reset')).toEqual([1, 1])
    expect(await values('pause', { serial, minutes: '60' })).toEqual([1, 1])
    expect(await values('resume')).toEqual([1, 0])
    expect(await values('unassign')).toEqual([1, 1])
    expect(await nod.token(serial)).toMatchObject({ active: true, username: '', failcount: 0 })
    const [revoked, again] = await twice('revoke')
    expect([revoked?.value, again?.error]).toMatchObject([1, { code: 1007 }])
    expect(await nod.token(serial)).toMatchObject({ revoked: true })
    const remove = () => nod.service.call('DELETE', `/token/${serial}`)
    expect((await remove()).value).toBe(1)
    expect(await remove()).toMatchObject({ status: 404, error: { code: 601 } })
  })

  it('does to the others what one of several refuses, which is gone or revoked', async () => {
    const [one, gone] = [await nod.enroll('rolf'), await nod.enroll('rosa')]
    await nod.service.deleteToken(gone.serial)
    const serials = `${gone.serial},${one.serial}`
    expect([await value('disable', { serials }), await value('disable', { serials })]).toEqual([1, 0])
    expect(await value('revoke', { serials })).toBe(1)
    const removed = await nod.service.call('DELETE', '/token/', { query: { serials } })
    expect(removed.value).toMatchObject({ count_success: 1, failed: [gone.serial] })
  })
})

describe('a token that is revoked', () => {
  it('takes no change, and goes only by deletion', async () => {
    const { serial, owner } = await nod.enroll('olga')
    const other = await nod.enroll('otto', { pin: '1' })
    await post(`revoke/${serial}`)
    const tries: [path: string, form?: Form][] = [
      ['assign', { serial, ...owner }],
      ['unassign', { serial }],
      ['set', { serial, description: 'x' }],
      ['description', { serial, description: 'x' }],
      ['reset', { serial }],
      ['setrandompin', { serial }],
      ['copypin', { from: other.serial, to: serial }],
      ['copyuser', { from: other.serial, to: serial }],
      [`lost/${serial}`],
      [`realm/${serial}`, { realms: nod.realm }],
      [`info/${serial}/note`, { value: 'x' }],
      [`info/${serial}/polling_allowed`, { value: 'False' }],
      ['init', { serial, type: 'push', genkey: '1' }],
    ]
    for (const [path, form] of tries)
      expect(await post(path, form), path).toMatchObject({
        status: 400,
        error: { code: 1007, message: 'ERR1007: This action is not possible, since the token is locked' },
      })
    expect((await nod.service.call('DELETE', `/token/${serial}`)).value).toBe(1)
  })
})

describe('a token that is enrolled anew', () => {
  it('may have been in any state but revoked, and keeps its owner, whose policies hold', async () => {
    const { phone, serial, owner } = await nod.enroll('pia', { pin: '1' })
    await post('disable', { serial })
    const again = async (form: Form = {}) => nod.service.init({ serial, ...form })
    await again({ tokenrealm: nod.realm })
    expect(await nod.token(serial)).toMatchObject({ rollout_state: 'clientwait', active: false, username: 'pia' })
    expect(await post('init', { serial, type: 'push', genkey: '1' })).toMatchObject({
      status: 400,
      error: { code: 905 },
    })
    const { pushurl } = await again({ rollover: '1' })
    await phone.register(phone.scan(pushurl?.value ?? ''))
    expect(await nod.token(serial)).toMatchObject({ rollout_state: 'enrolled', active: true })
    const login = await nod.service.triggerWithPin(owner, '1')
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })
})
