import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Driver } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('administration')
})
afterAll(() => nod.close())

describe('a token', () => {
  it('that is disabled rings nobody until it is enabled', async () => {
    const { phone, serial, owner } = await nod.enroll('dora', { pin: '1' })
    const { service } = nod
    expect((await service.call('POST', `/token/disable/${serial}`)).value).toBe(1)
    expect((await service.call('POST', `/token/disable/${serial}`)).value).toBe(0)
    expect(await nod.token(serial)).toMatchObject({ active: false, revoked: false, locked: false })
    const check = await service.check({ ...owner, pass: '1' })
    expect(check).toMatchObject({
      authentication: 'REJECT',
      detail: { message: 'No suitable token found for authentication.' },
    })
    expect(await service.triggerchallenge(owner)).toMatchObject({ value: 0, authentication: 'REJECT' })
    expect((await service.call('POST', `/token/enable/${serial}`)).value).toBe(1)
    const login = await service.triggerWithPin(owner, '1')
    await phone.accept(only(await phone.poll()))
    expect(await service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('that is revoked stays so', async () => {
    const { phone, serial, owner } = await nod.enroll('eve', { pin: '1' })
    const { service } = nod
    expect((await service.call('POST', `/token/revoke/${serial}`)).value).toBe(1)
    expect(await nod.token(serial)).toMatchObject({ active: false, revoked: true, locked: true })
    expect(await service.check({ ...owner, pass: '1' })).toMatchObject({ status: 400, error: { code: 1007 } })
    expect((await service.triggerchallenge(owner)).value).toBe(0)
    for (const path of ['enable', 'disable', 'revoke', 'setpin'])
      expect(
        await service.call('POST', `/token/${path}/${serial}`, path === 'setpin' ? { form: { otppin: '2' } } : {}),
        path,
      ).toMatchObject({ status: 400, error: { code: 1007 } })
    await phone.poll()
    expect(phone.lastPoll.get(serial)?.value).toEqual([])
    expect((await service.call('DELETE', `/token/${serial}`)).value).toBe(1)
  })

  it('that is deleted is unknown, and may come again as a new one', async () => {
    const { serial, owner, phone } = await nod.enroll('frida', { pin: '1' })
    const { service } = nod
    await service.check({ ...owner, pass: 'wrong' })
    await service.deleteToken(serial)
    for (const [method, path] of [
      ['DELETE', serial],
      ['POST', `enable/${serial}`],
      ['POST', `reset/${serial}`],
      ['POST', `setpin/${serial}`],
      ['POST', 'enable/x y'],
    ] as const)
      expect(
        await service.call(method, `/token/${path}`, path.startsWith('setpin') ? { query: { otppin: '1' } } : {}),
        path,
      ).toMatchObject({ status: 404, error: { code: 601 } })
    expect(await service.check({ serial, pass: '1' })).toMatchObject({ status: 404, error: { code: 601 } })
    await phone.poll()
    expect(phone.lastPoll.get(serial)).toMatchObject({
      status: 400,
      error: { code: 10, message: 'ERR10: Could not verify signature!' },
    })

    const again = await nod.enroll('frida', { serial })
    expect(await nod.failures(serial)).toBe(0)
    await service.triggerWithPin(again.owner, '')
    only(await again.phone.poll())
  })

  it('has the PIN it was given last', async () => {
    const { serial, owner } = await nod.enroll('greta', { pin: '1' })
    const { service } = nod
    const set = (form: Record<string, string>) => service.call('POST', '/token/setpin', { form: { serial, ...form } })
    expect((await set({ otppin: '22' })).value).toBe(1)
    expect((await service.check({ ...owner, pass: '1' })).authentication).toBe('REJECT')
    await service.triggerWithPin(owner, '22')
    expect((await set({})).value).toBe(0)
    await service.triggerWithPin(owner, '22')
    expect((await set({ otppin: '' })).value).toBe(1)
    expect((await service.check({ ...owner, pass: '22' })).authentication).toBe('REJECT')
    await service.triggerWithPin(owner, '')
  })
})

describe('a token with too many failed attempts', () => {
  it('is locked, to the right PIN as well, until it is reset', async () => {
    const { phone, serial, owner } = await nod.enroll('henri', { pin: '1234' })
    const { service } = nod
    for (let round = 0; round < 10; round++)
      expect((await service.check({ ...owner, pass: '4321' })).detail.message).toBe('wrong otp pin')
    for (const pass of ['4321', '1234', ''])
      expect(await service.check({ ...owner, pass })).toMatchObject({
        value: false,
        detail: { message: 'Failcounter exceeded' },
      })
    expect(await service.triggerchallenge(owner)).toMatchObject({
      status: 200,
      value: 0,
      detail: { message: 'Failcounter exceeded', messages: ['Failcounter exceeded'], transaction_ids: [] },
    })
    expect(fields((await nod.token(serial))['info'])['failcounter_exceeded']).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d\+0000$/,
    )
    expect(await nod.failures(serial)).toBe(10)
    expect(await phone.poll()).toEqual([])

    expect((await service.call('POST', `/token/reset/${serial}`)).value).toBe(1)
    expect(await nod.failures(serial)).toBe(0)
    const login = await service.triggerWithPin(owner, '1234')
    await phone.accept(only(await phone.poll()))
    expect(await service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('has had ten tries, however many come at once', async () => {
    const { serial, owner } = await nod.enroll('ines', { pin: '1234' })
    const tries = Array.from({ length: 25 }, () => nod.service.check({ ...owner, pass: '4321' }))
    const messages = (await Promise.all(tries)).map(({ detail }) => detail.message)
    expect(messages.filter((message) => message === 'wrong otp pin')).toHaveLength(10)
    expect(messages.filter((message) => message === 'Failcounter exceeded')).toHaveLength(15)
    expect(await nod.failures(serial)).toBe(10)
  })

  it('lets no login be finalized meanwhile; after a reset the open ones go on', async () => {
    const { phone, serial, owner } = await nod.enroll('jana', { pin: '1234' })
    const { service } = nod
    const login = await service.trigger(owner)
    await phone.accept(only(await phone.poll()))
    for (let round = 0; round < 10; round++) await service.check({ ...owner, pass: '4321' })
    expect(await service.check(service.finalizeForm(login.transactionId))).toMatchObject({
      value: false,
      authentication: 'REJECT',
      detail: { message: 'Failcounter exceeded' },
    })
    await service.call('POST', '/token/reset', { form: { serial } })
    expect(await service.finalize(login.transactionId)).toBe('ACCEPT')
  })
})

describe('the settings', () => {
  const setting = (values: Record<string, string>) => nod.service.call('POST', '/system/setConfig', { form: values })

  it('say how long a phone may answer, and how long an answer may be used', async () => {
    const { phone, owner } = await nod.enroll('kim')
    const { service } = nod
    expect((await setting({ PushChallengeValidityTime: '2' })).value).toEqual({ PushChallengeValidityTime: 'insert' })
    const short = await service.trigger(owner)
    const late = only(await phone.poll())
    await service.call('DELETE', '/system/PushChallengeValidityTime')
    await setting({ PushChallengeFinalizeGrace: '1' })
    const accepted = await service.trigger(owner)
    const other = (await phone.poll()).find(({ nonce }) => nonce !== late.nonce)
    if (other === undefined) throw new Error('no prompt')
    await phone.accept(other)
    await service.call('DELETE', '/system/PushChallengeFinalizeGrace')
    const isExpired = async () => {
      await phone.poll()
      return JSON.stringify(phone.lastPoll.get(late.serial)?.value) === '[]'
    }
    expect(await waitUntil(isExpired)).toBe(true)

    expect(await phone.accept(late)).toMatchObject({ handled: true, taken: false })
    for (const { transactionId } of [short, accepted]) {
      expect(await service.status(transactionId)).toBe('pending')
      expect(await service.finalize(transactionId, owner)).toBe('REJECT')
    }
  })

  it('are refused when Nod could not follow them, all of one request together', async () => {
    const { service } = nod
    for (const values of [
      { PushChallengeValidityTime: 'long' },
      { NoSuchSetting: '1' },
      { PushChallengeValidityTime: '0' },
      { splitAtSign: 'maybe' },
    ] as Record<string, string>[])
      expect(await setting({ DefaultMaxFailCount: '7', ...values }), JSON.stringify(values)).toMatchObject({
        status: 400,
        error: { code: 905 },
      })
    expect((await service.call('GET', '/system/')).value).toEqual({})
    for (const key of ['DefaultMaxFailCount', 'constructor', '__proto__'])
      expect(await service.call('GET', `/system/${key}`), key).toMatchObject({ status: 200, value: null })
  })

  it('are one change, however many one request has', async () => {
    const { service } = nod
    const names = 'PushChallengeFinalizeGrace, DefaultMaxFailCount'
    expect(await setting({ DefaultMaxFailCount: '7', PushChallengeFinalizeGrace: '200' })).toMatchObject({
      value: { DefaultMaxFailCount: 'insert', PushChallengeFinalizeGrace: 'insert' },
    })
    expect(await service.call('GET', '/audit/', { query: { action_detail: names } })).toMatchObject({
      value: { count: 1, auditdata: [{ action: 'POST /system/setConfig', administrator: 'admin' }] },
    })
    for (const key of names.split(', ')) await service.call('DELETE', `/system/${key}`)
  })

  it('say whether there was one to delete', async () => {
    const { service } = nod
    await setting({ PushChallengeFinalizeGrace: '200' })
    for (const was of [true, false])
      expect(await service.call('DELETE', '/system/PushChallengeFinalizeGrace')).toMatchObject({
        status: 200,
        value: was,
      })
  })

  it('say which realm is meant where none is named', async () => {
    const { service, realm } = nod
    const { owner } = await nod.enroll('lena')
    expect(await service.check({ user: owner.user, pass: '' })).toMatchObject({ error: { code: 904 } })
    await service.call('POST', `/defaultrealm/${realm}`)
    expect(await service.check({ user: owner.user, pass: '' })).toMatchObject({ authentication: 'CHALLENGE' })
    await service.call('POST', '/defaultrealm/defrealm')
    expect(await waitUntil(async () => (await service.check({ user: owner.user, pass: '' })).error?.code === 904)).toBe(
      true,
    )
  })
})
