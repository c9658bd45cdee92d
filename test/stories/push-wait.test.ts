import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Driver, nextPrompt } from '../driver/driver.ts'
import { waitUntil } from '../driver/waiting.ts'
import type { Reply } from '../simulation/reply.ts'
import { google, openConnection, openNod, url } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('wait')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

const seconds = async <T>(work: Promise<T>): Promise<readonly [T, number]> => {
  const began = performance.now()
  return [await work, (performance.now() - began) / 1000]
}

/** The timeline of the login that a response names in its header, where no field does. */
const loginOf = ({ headers }: Reply): Promise<Reply> =>
  nod.service.call('GET', `/transaction/${headers.get('Nod-Transaction-Id')}`)

describe('a service that waits', () => {
  it('is answered once Ada has said yes', async () => {
    await nod.authenticationPolicy({ push_wait: '20' })
    const { phone, serial, owner } = await nod.enroll('ada', { pin: '1234' })
    const waiting = seconds(nod.service.check({ ...owner, pass: '1234' }))
    await phone.accept(await nextPrompt(phone))
    const [reply, took] = await waiting
    expect(reply).toMatchObject({ status: 200, value: true, authentication: 'ACCEPT' })
    expect(reply.detail).toEqual({ message: 'matching 1 tokens', serial, type: 'push', otplen: 6, threadid: 1 })
    expect(took).toBeLessThan(10)
    expect(await loginOf(reply)).toMatchObject({ status: 200 })
  })

  it('is answered once Bob has said yes to a prompt that came by FCM', async () => {
    await nod.authenticationPolicy({ push_wait: '20' })
    const { phone, owner } = await nod.enroll('bob', { pushed: true })
    const waiting = nod.service.check({ ...owner, pass: '' })
    await phone.accept(await google.deliveredPrompt(phone))
    expect(await waiting).toMatchObject({ value: true, authentication: 'ACCEPT' })
  })

  it.each([
    ['declined', {}],
    ['declined', { reason: 'unknown_trigger' }],
    ['cancelled', { reason: 'cancelled' }],
  ] as const)('hears %s at once (%o), and it is no failed attempt', async (status, how) => {
    await nod.authenticationPolicy({ push_wait: '20' })
    const { phone, serial, owner } = await nod.enroll(`carla-${'reason' in how ? how.reason : 'plain'}`)
    const waiting = seconds(nod.service.check({ ...owner, pass: '' }))
    await phone.decline(await nextPrompt(phone), how)
    const [reply, took] = await waiting
    expect(reply).toMatchObject({ status: 200, value: false, authentication: 'DECLINED' })
    expect(reply.detail).toEqual({
      message: 'wrong otp value',
      challenge_status: status,
      serial,
      type: 'push',
      otplen: 6,
      threadid: 1,
    })
    expect(took).toBeLessThan(10)
    expect(await nod.failures(serial)).toBe(0)
    expect(await loginOf(reply)).toMatchObject({ status: 200 })
  })

  it('is refused when the time is over; a yes after that is too late', async () => {
    await nod.authenticationPolicy({ push_wait: '2' })
    const { phone, serial, owner } = await nod.enroll('dora')
    const waiting = seconds(nod.service.check({ ...owner, pass: '' }))
    const prompt = await nextPrompt(phone)
    const [reply, took] = await waiting
    expect(reply).toMatchObject({ status: 200, value: false, authentication: 'REJECT' })
    expect(reply.detail).toEqual({ message: 'wrong otp value', serial, type: 'push', otplen: 6, threadid: 1 })
    expect(took).toBeGreaterThan(1.9)
    expect(await phone.accept(prompt)).toMatchObject({ handled: true, taken: false })
    expect(await nod.failures(serial)).toBe(0)
  })

  it('and hangs up withdraws its login', async () => {
    await nod.authenticationPolicy({ push_wait: '20' })
    const { phone, owner } = await nod.enroll('eve')
    const caller = await openConnection(url)
    const query = new URLSearchParams({ ...owner, pass: '' })
    caller.write(`GET /validate/check?${query} HTTP/1.1\r\nHost: nod\r\n\r\n`)
    const prompt = await nextPrompt(phone)
    // A connection that is only closed looks to workerd like one whose caller still listens: this one is cut.
    caller.resetAndDestroy()
    const isGone = async () => {
      await phone.poll()
      return JSON.stringify(phone.lastPoll.get(prompt.serial)?.value) === '[]'
    }
    expect(await waitUntil(isGone)).toBe(true)
    expect(await phone.accept(prompt)).toMatchObject({ handled: true, taken: false })
  })

  it('asks for a tap only: numbers and codes are for logins that do not wait', async () => {
    await nod.authenticationPolicy({ push_wait: '20', push_require_presence: true })
    const { phone, owner } = await nod.enroll('frida')
    const waiting = nod.service.check({ ...owner, pass: '' })
    const prompt = await nextPrompt(phone)
    expect(prompt.options).toBeUndefined()
    await phone.accept(prompt)
    expect(await waiting).toMatchObject({ authentication: 'ACCEPT' })
    // A trigger never waits, so there the number stays.
    const login = await nod.service.trigger(owner)
    expect(login.presence).toMatch(/^[A-Z]$/)
  })

  it('with a wrong PIN is refused at once', async () => {
    await nod.authenticationPolicy({ push_wait: '20' })
    const { phone, owner } = await nod.enroll('greta', { pin: '1234' })
    const [reply, took] = await seconds(nod.service.check({ ...owner, pass: '4321' }))
    expect(reply).toMatchObject({ value: false, detail: { message: 'wrong otp pin' } })
    expect(took).toBeLessThan(5)
    expect(await phone.poll()).toEqual([])
  })

  it('is let in by either of two phones', async () => {
    await nod.authenticationPolicy({ push_wait: '20' })
    const one = await nod.enroll('henri')
    const other = await nod.enroll('henri')
    const waiting = nod.service.check({ ...one.owner, pass: '' })
    await nextPrompt(one.phone)
    await other.phone.accept(await nextPrompt(other.phone))
    expect(await waiting).toMatchObject({ authentication: 'ACCEPT', detail: { serial: other.serial } })
  })

  it('ends at once when the user stops on one of two phones', async () => {
    await nod.authenticationPolicy({ push_wait: '20' })
    const one = await nod.enroll('hedda')
    await nod.enroll('hedda')
    const waiting = seconds(nod.service.check({ ...one.owner, pass: '' }))
    await one.phone.decline(await nextPrompt(one.phone), { reason: 'cancelled' })
    const [reply, took] = await waiting
    const detail = { challenge_status: 'cancelled', serial: one.serial }
    expect(reply).toMatchObject({ value: false, authentication: 'DECLINED', detail })
    expect(took).toBeLessThan(10)
  })

  it('with a transaction is finalizing, and does not wait', async () => {
    const { owner } = await nod.enroll('ines')
    const login = await nod.service.triggerWithPin(owner, '')
    await nod.authenticationPolicy({ push_wait: '20' })
    const [outcome, took] = await seconds(nod.service.finalize(login.transactionId))
    expect(outcome).toBe('REJECT')
    expect(took).toBeLessThan(5)
  })

  it('does not wait without the policy, whatever parameters it sends', async () => {
    const { owner } = await nod.enroll('jana')
    const [reply, took] = await seconds(nod.service.check({ ...owner, pass: '', push_wait: '20' }))
    expect(reply.authentication).toBe('CHALLENGE')
    expect(took).toBeLessThan(5)
  })
})
