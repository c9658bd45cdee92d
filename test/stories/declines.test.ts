import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deliveredPrompt, only, Scene } from './scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await Scene.open('declines')
})
afterAll(() => scene.close())

const NOS = [
  { reason: undefined, status: 'declined' },
  { reason: 'unknown_trigger', status: 'declined' },
  { reason: 'cancelled', status: 'cancelled' },
  { reason: 'something new', status: 'declined' },
] as const

describe('a no', () => {
  it.each(NOS)('with the reason $reason is told as $status', async ({ reason, status }) => {
    const { phone, serial, owner: who } = await scene.enroll(`ada-${reason?.replaceAll(' ', '-') ?? 'plain'}`)
    for (const withNonce of [true, false]) {
      const login = await scene.service.trigger(who)
      const prompt = only(await phone.poll())
      const said = await phone.decline(prompt, { ...(reason === undefined ? {} : { reason }), withNonce })
      expect(said).toMatchObject({ handled: true, taken: true })

      const poll = await scene.service.call('GET', `/validate/polltransaction/${login.transactionId}`)
      expect(poll).toMatchObject({ status: 200, value: false, authentication: 'DECLINED' })
      expect(poll.detail).toMatchObject({ challenge_status: status })
      const used = await scene.service.check(scene.service.finalizeForm(login.transactionId))
      expect(used).toMatchObject({ status: 200, value: false, authentication: 'REJECT' })
      expect(used.detail).toEqual({
        message: 'Response did not match the challenge.',
        serial,
        type: 'push',
        threadid: 1,
      })
    }
    // To say no is no failed attempt.
    expect(await scene.failures(serial)).toBe(0)
  })

  it('said twice is one no, and a yes after it changes nothing', async () => {
    const { phone, owner: who } = await scene.enroll('bob')
    const login = await scene.service.trigger(who)
    const prompt = only(await phone.poll())
    const first = await phone.decline(prompt)
    const again = await phone.decline(prompt)
    expect(again.reply?.text.replace(/"time":[\d.]+/, '')).toBe(first.reply?.text.replace(/"time":[\d.]+/, ''))
    expect(await phone.accept(prompt)).toMatchObject({ handled: true, taken: false })
    expect(await scene.service.status(login.transactionId)).toBe('declined')
    expect(await scene.service.finalize(login.transactionId)).toBe('REJECT')
  })

  it('after a yes changes nothing either', async () => {
    const { phone, owner: who } = await scene.enroll('bella')
    const login = await scene.service.trigger(who)
    const prompt = only(await phone.poll())
    await phone.accept(prompt)
    expect(await phone.decline(prompt, { reason: 'unknown_trigger' })).toMatchObject({ taken: false })
    expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('to what Google brought is heard as well', async () => {
    const { phone, owner: who } = await scene.enroll('carla', { pushed: true })
    const login = await scene.service.trigger(who)
    await phone.decline(await deliveredPrompt(phone), { reason: 'unknown_trigger' })
    expect(await scene.service.status(login.transactionId)).toBe('declined')
    expect(await scene.service.finalize(login.transactionId)).toBe('REJECT')
  })

  it('and a yes at once leave one of them standing', async () => {
    const { phone, owner: who } = await scene.enroll('dora')
    for (let round = 0; round < 3; round++) {
      const login = await scene.service.trigger(who)
      const prompt = only(await phone.poll())
      const [yes, no] = await Promise.all([phone.accept(prompt), phone.decline(prompt)])
      expect([yes.taken, no.taken].filter(Boolean)).toHaveLength(1)
      expect(await scene.service.status(login.transactionId)).toBe(yes.taken ? 'accept' : 'declined')
      expect(await scene.service.finalize(login.transactionId)).toBe(yes.taken ? 'ACCEPT' : 'REJECT')
    }
  })
})

describe('a yes', () => {
  it('without its nonce finds the newest login of the phone', async () => {
    const { phone, owner: who } = await scene.enroll('eve')
    const older = await scene.service.trigger(who)
    only(await phone.poll())
    const newer = await scene.service.trigger(who)
    const prompt = only(await phone.poll())
    expect(await phone.accept(prompt, { withNonce: false })).toMatchObject({ taken: true })
    expect(await scene.service.status(newer.transactionId)).toBe('accept')
    expect(await scene.service.status(older.transactionId)).toBe('pending')
    expect(await scene.service.finalize(newer.transactionId)).toBe('ACCEPT')
  })

  it('is for the login it was asked about, whichever was opened first', async () => {
    const { phone, owner: who } = await scene.enroll('frida')
    const older = await scene.service.trigger(who)
    const first = only(await phone.poll())
    const newer = await scene.service.trigger(who)
    await phone.accept(first)
    expect(await scene.service.status(older.transactionId)).toBe('accept')
    expect(await scene.service.status(newer.transactionId)).toBe('pending')
    expect(await scene.service.finalize(newer.transactionId)).toBe('REJECT')
    expect(await scene.service.finalize(older.transactionId)).toBe('ACCEPT')
  })

  it('sent twice, as the app does when it heard nothing, gets the same reply', async () => {
    const { phone, owner: who } = await scene.enroll('greta')
    const login = await scene.service.trigger(who)
    const prompt = only(await phone.poll())
    const [one, other] = await Promise.all([phone.accept(prompt), phone.accept(prompt)])
    expect([one.taken, other.taken]).toEqual([true, true])
    expect(await scene.service.finalize(login.transactionId)).toBe('ACCEPT')
    expect(await phone.accept(prompt)).toMatchObject({ taken: true })
    expect(await scene.service.finalize(login.transactionId)).toBe('REJECT')
  })
})
