import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { deliveredPrompt, messagesTo, only, Scene, waitUntil } from './scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await Scene.open('several')
})
afterEach(() => scene.liftPolicies())
afterAll(() => scene.close())

describe('a user with two phones', () => {
  it('has one login, on both of them', async () => {
    const one = await scene.enroll('ada')
    const other = await scene.enroll('ada')
    const login = await scene.service.trigger(one.owner)
    expect(login.serials.toSorted()).toEqual([one.serial, other.serial].toSorted())
    expect(login.reply.value).toBe(2)
    expect(login.reply.detail.transaction_ids).toEqual([login.transactionId, login.transactionId])

    const first = only(await one.phone.poll())
    const second = only(await other.phone.poll())
    expect(first.nonce).not.toBe(second.nonce)
    await other.phone.accept(second)
    expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('is rung only where the PIN is right, and has no failed attempt where it is not', async () => {
    const one = await scene.enroll('bob', { pin: '11' })
    const other = await scene.enroll('bob', { pin: '22' })
    const login = await scene.service.triggerWithPin(one.owner, '22')
    expect(login.serials).toEqual([other.serial])
    expect(await one.phone.poll()).toEqual([])
    await other.phone.accept(only(await other.phone.poll()))
    expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect(await waitUntil(async () => (await scene.failures(one.serial)) === 0)).toBe(true)

    // A PIN of neither counts for both.
    await scene.service.check({ ...one.owner, pass: '33' })
    expect([await scene.failures(one.serial), await scene.failures(other.serial)]).toEqual([1, 1])
  })

  it('is rung on both where both have that PIN', async () => {
    const one = await scene.enroll('cleo', { pin: '11' })
    const other = await scene.enroll('cleo', { pin: '11' })
    const login = await scene.service.triggerWithPin(one.owner, '11')
    expect(login.serials).toHaveLength(2)
    await one.phone.accept(only(await one.phone.poll()))
    expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect(await scene.failures(other.serial)).toBe(0)
  })

  it('is let in by the first yes; then the other phone has nothing to say any more', async () => {
    const one = await scene.enroll('dora')
    const other = await scene.enroll('dora')
    const login = await scene.service.trigger(one.owner)
    const late = only(await other.phone.poll())
    await one.phone.accept(only(await one.phone.poll()))

    await other.phone.poll()
    expect(other.phone.lastPoll.get(other.serial)?.value).toEqual([])
    expect(await other.phone.decline(late, { reason: 'unknown_trigger' })).toMatchObject({
      handled: true,
      taken: false,
    })
    expect(await scene.service.status(login.transactionId)).toBe('accept')
    expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('ends the login with "not me" on either, whatever the other says after', async () => {
    const one = await scene.enroll('eve')
    const other = await scene.enroll('eve')
    const login = await scene.service.trigger(one.owner)
    const open = only(await other.phone.poll())
    await one.phone.decline(only(await one.phone.poll()), { reason: 'unknown_trigger' })
    expect(await scene.service.status(login.transactionId)).toBe('declined')

    expect(await other.phone.accept(open)).toMatchObject({ taken: false })
    expect(await scene.service.status(login.transactionId)).toBe('declined')
    const used = await scene.service.check(scene.service.finalizeForm(login.transactionId))
    expect(used).toMatchObject({ value: false, authentication: 'REJECT' })
    expect(used.detail).toEqual({ message: 'Response did not match for 2 tokens.', threadid: 1 })
  })

  it.each([undefined, 'cancelled'])('may stop on one (%s) and say yes on the other', async (reason) => {
    const user = `frida-${reason ?? 'plain'}`
    const one = await scene.enroll(user)
    const other = await scene.enroll(user)
    const login = await scene.service.trigger(one.owner)
    const open = only(await other.phone.poll())
    await one.phone.decline(only(await one.phone.poll()), reason === undefined ? {} : { reason })
    expect(await scene.service.status(login.transactionId)).toBe('pending')
    expect(await other.phone.accept(open)).toMatchObject({ taken: true })
    expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('has declined when both have', async () => {
    const one = await scene.enroll('greta')
    const other = await scene.enroll('greta')
    const login = await scene.service.trigger(one.owner)
    await one.phone.decline(only(await one.phone.poll()), { reason: 'cancelled' })
    await other.phone.decline(only(await other.phone.poll()), { reason: 'cancelled' })
    expect(await scene.service.status(login.transactionId)).toBe('cancelled')
    expect(await scene.service.finalize(login.transactionId)).toBe('REJECT')
  })

  it('taps the same number on whichever', async () => {
    await scene.authenticationPolicy({ push_require_presence: true })
    const one = await scene.enroll('henri')
    const other = await scene.enroll('henri')
    const login = await scene.service.trigger(one.owner)
    const first = only(await one.phone.poll())
    const second = only(await other.phone.poll())
    expect(first.options).toEqual(second.options)
    expect(login.message).toBe(
      `Please confirm the authentication on your mobile device! Please press: ${login.presence}`,
    )
    expect(await other.phone.accept(second, { presence: login.presence ?? '' })).toMatchObject({ taken: true })
    expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('may have one that polls and one that is pushed to', async () => {
    const pushed = await scene.enroll('ines', { pushed: true })
    const { service, pushedRealm: realm } = scene
    // Enrolled before its realm had Firebase: a token keeps what it was enrolled with.
    await service.setPolicy('several-enroll-fcm', 'enrollment', {
      push_registration_url: `${service.baseUrl}/ttype/push`,
      push_firebase_configuration: 'poll only',
    })
    const polled = await scene.enroll('ines', { pushed: true })
    const login = await service.trigger({ user: 'ines', realm })
    expect(login.serials).toHaveLength(2)
    expect(await messagesTo(polled.phone)).toEqual([])
    await pushed.phone.accept(await deliveredPrompt(pushed.phone))
    await polled.phone.poll()
    expect(polled.phone.lastPoll.get(polled.serial)?.value).toEqual([])
    expect(await service.finalize(login.transactionId)).toBe('ACCEPT')
  })
})

describe('two tokens on one phone', () => {
  it('are two challenges of a login, and one yes is enough', async () => {
    const one = await scene.enroll('jana')
    await scene.enroll('jana', { phone: one.phone })
    const login = await scene.service.trigger(one.owner)
    expect(login.serials).toHaveLength(2)
    const prompts = await one.phone.poll()
    expect(prompts).toHaveLength(2)
    for (const prompt of prompts.slice(0, 1)) await one.phone.accept(prompt)
    expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
  })
})
