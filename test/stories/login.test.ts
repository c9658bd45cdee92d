import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { google, openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('login')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

describe('a login by push', () => {
  it('lets Ada in after she says yes on a phone that polls', async () => {
    const { phone, owner } = await nod.enroll('ada')
    const login = await nod.service.trigger(owner)
    expect(await nod.service.status(login.transactionId)).toBe('pending')

    const prompt = only(await phone.poll())
    expect(prompt).toMatchObject({ title: 'privacyIDEA', question: 'Do you want to confirm the login?' })
    expect(await phone.accept(prompt)).toMatchObject({ handled: true, taken: true })

    expect(await nod.service.status(login.transactionId)).toBe('accept')
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect(await nod.service.finalize(login.transactionId)).toBe('REJECT')
  })

  it('lets Bob in after he says yes to a prompt that came by FCM', async () => {
    const { phone, owner } = await nod.enroll('bob', { pushed: true })
    const login = await nod.service.trigger(owner)
    expect(login.message).toBe('Please confirm the authentication on your mobile device!')

    const prompt = await google.deliveredPrompt(phone)
    expect(phone.dropped).toEqual([])
    expect(await phone.accept(prompt)).toMatchObject({ handled: true, taken: true })

    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('is shown once, whether it comes by poll or by FCM', async () => {
    const { phone, owner } = await nod.enroll('brit', { pushed: true })
    await nod.service.trigger(owner)
    const prompt = await google.deliveredPrompt(phone)
    expect(await phone.poll()).toEqual([])
    expect(phone.lastPoll.get(prompt.serial)?.value).toMatchObject([{ nonce: prompt.nonce }])
    expect(phone.openPrompts()).toHaveLength(1)
  })

  it('begins with the PIN, and only the right one rings', async () => {
    const { phone, serial, owner } = await nod.enroll('carla', { pin: '1234' })
    const wrong = await nod.service.check({ ...owner, pass: '4321' })
    expect(wrong).toMatchObject({ status: 200, value: false, authentication: 'REJECT' })
    expect(wrong.detail).toMatchObject({ message: 'wrong otp pin' })
    expect(wrong.detail).not.toHaveProperty('transaction_id')
    expect(await phone.poll()).toEqual([])
    expect(await nod.failures(serial)).toBe(1)

    const login = await nod.service.triggerWithPin(owner, '1234')
    await phone.accept(only(await phone.poll()))
    const used = await nod.service.check(nod.service.finalizeForm(login.transactionId))
    expect(used).toMatchObject({ value: true, authentication: 'ACCEPT' })
    expect(used.detail).toEqual({ message: 'Found matching challenge', serial, threadid: 1 })
    // The login that was finished makes up for the wrong PIN.
    expect(await nod.failures(serial)).toBe(0)
  })

  it('takes an empty PIN where the token has none, and no PIN at all for none', async () => {
    const { phone, owner } = await nod.enroll('carol')
    expect(await nod.service.check(owner)).toMatchObject({ value: false, authentication: 'REJECT' })
    const login = await nod.service.triggerWithPin(owner, '')
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('asks for no PIN where policy says so, and then takes nothing but an empty one', async () => {
    const { phone, owner } = await nod.enroll('cleo', { pin: '1234' })
    await nod.authenticationPolicy({ otppin: 'none' })
    expect((await nod.service.check({ ...owner, pass: '1234' })).authentication).toBe('REJECT')
    const login = await nod.service.triggerWithPin(owner, '')
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('may be for a token instead of a user', async () => {
    const { phone, serial } = await nod.enroll('dora', { pin: '77' })
    const triggered = await nod.service.trigger({ serial })
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(triggered.transactionId)).toBe('ACCEPT')

    const checked = await nod.service.triggerWithPin({ serial }, '77')
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(checked.transactionId)).toBe('ACCEPT')
  })

  it('may be triggered for a user and used for the token that was rung', async () => {
    const { phone, serial, owner } = await nod.enroll('dana')
    const login = await nod.service.trigger(owner)
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(login.transactionId, { serial })).toBe('ACCEPT')
  })

  it('is finalized with what RADIUS calls `state`, whatever the user typed', async () => {
    const { phone, owner } = await nod.enroll('eve')
    const radius = nod.caller({ userAgent: 'FreeRADIUS' })
    const challenged = await radius.check({ ...owner, pass: '' })
    const state = challenged.detail.transaction_id ?? ''
    expect(state).toMatch(/^\d{20}$/)
    // The user answers the prompt before the phone does: still no.
    expect(await radius.check({ ...owner, pass: 'now?', state })).toMatchObject({
      value: false,
      authentication: 'REJECT',
    })
    await phone.accept(only(await phone.poll()))
    expect(await radius.check({ ...owner, pass: 'ok', state })).toMatchObject({ value: true, authentication: 'ACCEPT' })
  })

  it('gives the service every field that a plugin reads', async () => {
    const { serial, owner } = await nod.enroll('frida')
    const { reply, transactionId } = await nod.service.trigger(owner)
    const message = 'Please confirm the authentication on your mobile device!'
    expect(reply).toMatchObject({ status: 200, value: 1, authentication: 'CHALLENGE' })
    const entry = { transaction_id: transactionId, serial, type: 'push', client_mode: 'poll', message }
    expect(reply.detail).toEqual({
      ...entry,
      messages: [message],
      transaction_ids: [transactionId],
      multi_challenge: [entry],
      attributes: { hideResponseInput: true },
      preferred_client_mode: 'poll',
      threadid: 1,
    })
    expect(reply.body).toMatchObject({ id: 2, jsonrpc: '2.0', time: expect.any(Number) })
    expect(reply.headers.get('cache-control')).toBe('no-store')
  })

  it('is answered while a service waits for it', async () => {
    const { phone, owner } = await nod.enroll('greta')
    const login = await nod.service.trigger(owner)
    const waiting = nod.service.call('GET', `/validate/polltransaction/${login.transactionId}`, {
      query: { wait: '20' },
    })
    await phone.accept(only(await phone.poll()))
    const began = performance.now()
    expect(await waiting).toMatchObject({ value: true, detail: { challenge_status: 'accept' } })
    expect(performance.now() - began).toBeLessThan(5000)
  })
})

describe('a login that no token can be rung for', () => {
  it('is refused without a challenge', async () => {
    const { service, realm } = nod
    await nod.enroll('henri')
    const nobody = await service.check({ user: 'nobody', realm, pass: '' })
    expect(nobody).toMatchObject({
      status: 400,
      error: { code: 904, message: `ERR904: User <nobody@${realm}> does not exist.` },
    })
    const triggered = await service.triggerchallenge({ user: 'nobody', realm })
    expect(triggered).toMatchObject({ status: 400, error: { code: 904 } })

    const { serial, owner } = await nod.enroll('ines')
    await service.deleteToken(serial)
    const without = await service.check({ ...owner, pass: '' })
    expect(without).toMatchObject({ status: 200, value: false, authentication: 'REJECT' })
    expect(without.detail).toEqual({ message: 'The user has no tokens assigned', threadid: 1 })
    const none = await service.triggerchallenge(owner)
    expect(none).toMatchObject({ status: 200, value: 0, authentication: 'REJECT' })
    expect(none.detail).toMatchObject({ messages: [], transaction_ids: [], multi_challenge: [] })
  })

  it('is told when the token named is of somebody else', async () => {
    const { serial } = await nod.enroll('jana')
    const { owner } = await nod.enroll('kim')
    expect(await nod.service.check({ ...owner, serial, pass: '' })).toMatchObject({ status: 400, error: { code: 905 } })
    expect((await nod.service.triggerchallenge({ ...owner, serial })).value).toBe(0)
  })
})
