import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { google, openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('declines')
})
afterAll(() => nod.close())

const NOS = [
  { reason: undefined, status: 'declined' },
  { reason: 'unknown_trigger', status: 'declined' },
  { reason: 'cancelled', status: 'cancelled' },
  { reason: 'something quite new', status: 'declined' },
] as const

describe('a no', () => {
  it.each(NOS)('with the reason $reason has the status $status', async ({ reason, status }) => {
    const { phone, serial, owner } = await nod.enroll(`ada-${reason?.replaceAll(' ', '-') ?? 'plain'}`)
    for (const withNonce of [true, false]) {
      const login = await nod.service.trigger(owner)
      const prompt = only(await phone.poll())
      const said = await phone.decline(prompt, { ...(reason === undefined ? {} : { reason }), withNonce })
      expect(said).toMatchObject({ handled: true, taken: true })

      const poll = await nod.service.call('GET', `/validate/polltransaction/${login.transactionId}`)
      expect(poll).toMatchObject({ status: 200, value: false, authentication: 'DECLINED' })
      expect(poll.detail).toMatchObject({ challenge_status: status })
      const used = await nod.service.check(nod.service.finalizeForm(login.transactionId))
      expect(used).toMatchObject({ status: 200, value: false, authentication: 'REJECT' })
      expect(used.detail).toEqual({
        message: 'Response did not match the challenge.',
        serial,
        type: 'push',
        threadid: 1,
      })
    }
    // To say no is no failed attempt.
    expect(await nod.failures(serial)).toBe(0)
  })

  it('sent twice counts once, and a yes after it changes nothing', async () => {
    const { phone, owner } = await nod.enroll('bob')
    const login = await nod.service.trigger(owner)
    const prompt = only(await phone.poll())
    const first = await phone.decline(prompt)
    const again = await phone.decline(prompt)
    expect(again.reply?.text.replace(/"time":[\d.]+/, '')).toBe(first.reply?.text.replace(/"time":[\d.]+/, ''))
    expect(await phone.accept(prompt)).toMatchObject({ handled: true, taken: false })
    expect(await nod.service.status(login.transactionId)).toBe('declined')
    expect(await nod.service.finalize(login.transactionId)).toBe('REJECT')
  })

  it('after a yes changes nothing either', async () => {
    const { phone, owner } = await nod.enroll('bella')
    const login = await nod.service.trigger(owner)
    const prompt = only(await phone.poll())
    await phone.accept(prompt)
    expect(await phone.decline(prompt, { reason: 'unknown_trigger' })).toMatchObject({ taken: false })
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('to a prompt that came by FCM counts as well', async () => {
    const { phone, owner } = await nod.enroll('carla', { pushed: true })
    const login = await nod.service.trigger(owner)
    await phone.decline(await google.deliveredPrompt(phone), { reason: 'unknown_trigger' })
    expect(await nod.service.status(login.transactionId)).toBe('declined')
    expect(await nod.service.finalize(login.transactionId)).toBe('REJECT')
  })

  it('and a yes at once leave one of them standing', async () => {
    for (let round = 0; round < 3; round++) {
      // Another user each time: after a no, logins of the same one need a code.
      const { phone, owner } = await nod.enroll(`dora${round}`)
      const login = await nod.service.trigger(owner)
      const prompt = only(await phone.poll())
      const [yes, no] = await Promise.all([phone.accept(prompt), phone.decline(prompt)])
      expect([yes.taken, no.taken].filter(Boolean)).toHaveLength(1)
      expect(await nod.service.status(login.transactionId)).toBe(yes.taken ? 'accept' : 'declined')
      expect(await nod.service.finalize(login.transactionId)).toBe(yes.taken ? 'ACCEPT' : 'REJECT')
    }
  })
})

describe('a yes', () => {
  it('without a nonce is for the newest login of the phone', async () => {
    const { phone, owner } = await nod.enroll('eve')
    const older = await nod.service.trigger(owner)
    only(await phone.poll())
    const newer = await nod.service.trigger(owner)
    const prompt = only(await phone.poll())
    expect(await phone.accept(prompt, { withNonce: false })).toMatchObject({ taken: true })
    expect(await nod.service.status(newer.transactionId)).toBe('accept')
    expect(await nod.service.status(older.transactionId)).toBe('pending')
    expect(await nod.service.finalize(newer.transactionId)).toBe('ACCEPT')
  })

  it('without its nonce finds the login it was signed for, behind logins that are open and logins that are over', async () => {
    const { phone, owner } = await nod.enroll('emmy')
    const mine = await nod.service.trigger(owner)
    const prompt = only(await phone.poll())
    for (const isOver of [false, false, true, true]) {
      await nod.service.trigger(owner)
      const other = only(await phone.poll())
      if (isOver) await phone.decline(other, { reason: 'cancelled' })
    }
    expect(await phone.accept(prompt, { withNonce: false })).toMatchObject({ taken: true })
    expect(await nod.service.finalize(mine.transactionId)).toBe('ACCEPT')
  })

  it('is for the login it was asked about, whichever was opened first', async () => {
    const { phone, owner } = await nod.enroll('frida')
    const older = await nod.service.trigger(owner)
    const first = only(await phone.poll())
    const newer = await nod.service.trigger(owner)
    await phone.accept(first)
    expect(await nod.service.status(older.transactionId)).toBe('accept')
    expect(await nod.service.status(newer.transactionId)).toBe('pending')
    expect(await nod.service.finalize(newer.transactionId)).toBe('REJECT')
    expect(await nod.service.finalize(older.transactionId)).toBe('ACCEPT')
  })

  it('sent twice, as the app does when it heard nothing, gets the same reply', async () => {
    const { phone, owner } = await nod.enroll('greta')
    const login = await nod.service.trigger(owner)
    const prompt = only(await phone.poll())
    const [one, other] = await Promise.all([phone.accept(prompt), phone.accept(prompt)])
    expect([one.taken, other.taken]).toEqual([true, true])
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect(await phone.accept(prompt)).toMatchObject({ taken: true })
    expect(await nod.service.finalize(login.transactionId)).toBe('REJECT')
  })
})
