import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { google, openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('several')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

describe('a user with two phones', () => {
  it('has one login, on both of them', async () => {
    const one = await nod.enroll('ada')
    const other = await nod.enroll('ada')
    const login = await nod.service.trigger(one.owner)
    expect(login.serials.toSorted()).toEqual([one.serial, other.serial].toSorted())
    expect(login.reply.value).toBe(2)
    expect(login.reply.detail.transaction_ids).toEqual([login.transactionId, login.transactionId])

    const first = only(await one.phone.poll())
    const second = only(await other.phone.poll())
    expect(first.nonce).not.toBe(second.nonce)
    await other.phone.accept(second)
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('is rung only where the PIN is right, and has no failed attempt where it is not', async () => {
    const one = await nod.enroll('bob', { pin: '11' })
    const other = await nod.enroll('bob', { pin: '22' })
    const login = await nod.service.triggerWithPin(one.owner, '22')
    expect(login.serials).toEqual([other.serial])
    expect(await one.phone.poll()).toEqual([])
    await other.phone.accept(only(await other.phone.poll()))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect(await waitUntil(async () => (await nod.failures(one.serial)) === 0)).toBe(true)

    // A PIN of neither counts for both.
    await nod.service.check({ ...one.owner, pass: '33' })
    expect([await nod.failures(one.serial), await nod.failures(other.serial)]).toEqual([1, 1])
  })

  it('is rung on both where both have that PIN', async () => {
    const one = await nod.enroll('cleo', { pin: '11' })
    const other = await nod.enroll('cleo', { pin: '11' })
    const login = await nod.service.triggerWithPin(one.owner, '11')
    expect(login.serials).toHaveLength(2)
    await one.phone.accept(only(await one.phone.poll()))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect(await nod.failures(other.serial)).toBe(0)
  })

  it('is let in by the first yes; after that the other phone has no prompt', async () => {
    const one = await nod.enroll('dora')
    const other = await nod.enroll('dora')
    const login = await nod.service.trigger(one.owner)
    const late = only(await other.phone.poll())
    await one.phone.accept(only(await one.phone.poll()))

    await other.phone.poll()
    expect(other.phone.lastPoll.get(other.serial)?.value).toEqual([])
    expect(await other.phone.decline(late, { reason: 'unknown_trigger' })).toMatchObject({
      handled: true,
      taken: false,
    })
    expect(await nod.service.status(login.transactionId)).toBe('accept')
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it.each([
    ['unknown_trigger', 'declined'],
    ['cancelled', 'cancelled'],
    [undefined, 'declined'],
  ])('ends the login with a decline (%s) on either, whatever the other says after', async (reason, status) => {
    const user = `eve-${reason ?? 'plain'}`
    const one = await nod.enroll(user)
    const other = await nod.enroll(user)
    const login = await nod.service.trigger(one.owner)
    const open = only(await other.phone.poll())
    const waiting = nod.service.call('GET', `/validate/polltransaction/${login.transactionId}`, {
      query: { wait: '20' },
    })
    await one.phone.decline(only(await one.phone.poll()), reason === undefined ? {} : { reason })
    expect(await waiting).toMatchObject({ authentication: 'DECLINED', detail: { challenge_status: status } })
    await other.phone.poll()
    expect(other.phone.lastPoll.get(other.serial)?.value).toEqual([])

    expect(await other.phone.accept(open)).toMatchObject({ taken: false })
    expect(await nod.service.status(login.transactionId)).toBe(status)
    const used = await nod.service.check(nod.service.finalizeForm(login.transactionId))
    expect(used).toMatchObject({ value: false, authentication: 'REJECT' })
    expect(used.detail).toEqual({ message: 'Response did not match for 2 tokens.', threadid: 1 })
  })

  it('may tap a wrong number on one and the right one on the other', async () => {
    await nod.authenticationPolicy({ push_require_presence: true })
    const one = await nod.enroll('frida')
    const other = await nod.enroll('frida')
    const login = await nod.service.trigger(one.owner)
    const open = only(await other.phone.poll())
    const prompt = only(await one.phone.poll())
    const wrong = prompt.options?.find((option) => option !== login.presence) ?? ''
    expect(await one.phone.accept(prompt, { presence: wrong })).toMatchObject({ taken: false })
    expect(await nod.service.status(login.transactionId)).toBe('pending')
    expect(await other.phone.accept(open, { presence: login.presence ?? '' })).toMatchObject({ taken: true })
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('taps the same number on whichever', async () => {
    await nod.authenticationPolicy({ push_require_presence: true })
    const one = await nod.enroll('henri')
    const other = await nod.enroll('henri')
    const login = await nod.service.trigger(one.owner)
    const first = only(await one.phone.poll())
    const second = only(await other.phone.poll())
    expect(first.options).toEqual(second.options)
    expect(login.message).toBe(
      `Please confirm the authentication on your mobile device! Please press: ${login.presence}`,
    )
    expect(await other.phone.accept(second, { presence: login.presence ?? '' })).toMatchObject({ taken: true })
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('may have one that polls and one that is pushed to', async () => {
    const pushed = await nod.enroll('ines', { pushed: true })
    const { service, pushedRealm: realm } = nod
    // Enrolled before its realm had Firebase: a token keeps what it was enrolled with.
    await service.setPolicy(`${realm}-enroll`, 'enrollment', {
      push_registration_url: `${service.baseUrl}/ttype/push`,
      push_firebase_configuration: 'poll only',
      new_phone_notice: 'off',
    })
    const polled = await nod.enroll('ines', { pushed: true })
    const login = await service.trigger({ user: 'ines', realm })
    expect(login.serials).toHaveLength(2)
    expect(await google.messagesTo(polled.phone)).toEqual([])
    await pushed.phone.accept(await google.deliveredPrompt(pushed.phone))
    await polled.phone.poll()
    expect(polled.phone.lastPoll.get(polled.serial)?.value).toEqual([])
    expect(await service.finalize(login.transactionId)).toBe('ACCEPT')
  })
})

describe('two tokens on one phone', () => {
  it('are two challenges of a login, and one yes is enough', async () => {
    const one = await nod.enroll('jana')
    await nod.enroll('jana', { phone: one.phone })
    const login = await nod.service.trigger(one.owner)
    expect(login.serials).toHaveLength(2)
    const prompts = await one.phone.poll()
    expect(prompts).toHaveLength(2)
    for (const prompt of prompts.slice(0, 1)) await one.phone.accept(prompt)
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })
})
