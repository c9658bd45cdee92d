import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openConnection, deliveredPrompt, Scene, nextPrompt, waitUntil, url } from './scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await Scene.open('wait')
})
afterEach(() => scene.liftPolicies())
afterAll(() => scene.close())

const seconds = async <T>(work: Promise<T>): Promise<readonly [T, number]> => {
  const began = performance.now()
  return [await work, (performance.now() - began) / 1000]
}

describe('a service that waits', () => {
  it('is answered once Ada has said yes', async () => {
    await scene.authenticationPolicy({ push_wait: '20' })
    const { phone, serial, owner: who } = await scene.enroll('ada', { pin: '1234' })
    const waiting = seconds(scene.service.check({ ...who, pass: '1234' }))
    await phone.accept(await nextPrompt(phone))
    const [reply, took] = await waiting
    expect(reply).toMatchObject({ status: 200, value: true, authentication: 'ACCEPT' })
    expect(reply.detail).toEqual({ message: 'matching 1 tokens', serial, type: 'push', otplen: 6, threadid: 1 })
    expect(took).toBeLessThan(10)
  })

  it('is answered once Bob has said yes to what Google brought', async () => {
    await scene.authenticationPolicy({ push_wait: '20' })
    const { phone, owner: who } = await scene.enroll('bob', { pushed: true })
    const waiting = scene.service.check({ ...who, pass: '' })
    await phone.accept(await deliveredPrompt(phone))
    expect(await waiting).toMatchObject({ value: true, authentication: 'ACCEPT' })
  })

  it.each([
    ['declined', {}],
    ['declined', { reason: 'unknown_trigger' }],
    ['cancelled', { reason: 'cancelled' }],
  ] as const)('hears %s at once (%o), and it is no failed attempt', async (status, how) => {
    await scene.authenticationPolicy({ push_wait: '20' })
    const { phone, serial, owner: who } = await scene.enroll(`carla-${'reason' in how ? how.reason : 'plain'}`)
    const waiting = seconds(scene.service.check({ ...who, pass: '' }))
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
    expect(await scene.failures(serial)).toBe(0)
  })

  it('hears no when the time is over; a yes after that is too late', async () => {
    await scene.authenticationPolicy({ push_wait: '2' })
    const { phone, serial, owner: who } = await scene.enroll('dora')
    const waiting = seconds(scene.service.check({ ...who, pass: '' }))
    const prompt = await nextPrompt(phone)
    const [reply, took] = await waiting
    expect(reply).toMatchObject({ status: 200, value: false, authentication: 'REJECT' })
    expect(reply.detail).toEqual({ message: 'wrong otp value', serial, type: 'push', otplen: 6, threadid: 1 })
    expect(took).toBeGreaterThan(1.9)
    expect(await phone.accept(prompt)).toMatchObject({ handled: true, taken: false })
    expect(await scene.failures(serial)).toBe(0)
  })

  it('and leaves has taken its question back', async () => {
    await scene.authenticationPolicy({ push_wait: '20' })
    const { phone, owner: who } = await scene.enroll('eve')
    const caller = await openConnection(url)
    const query = new URLSearchParams({ ...who, pass: '' })
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

  it('is asked for nothing but a tap: numbers and codes are for those who do not wait', async () => {
    await scene.authenticationPolicy({ push_wait: '20', push_require_presence: true })
    const { phone, owner: who } = await scene.enroll('frida')
    const waiting = scene.service.check({ ...who, pass: '' })
    const prompt = await nextPrompt(phone)
    expect(prompt.options).toBeUndefined()
    await phone.accept(prompt)
    expect(await waiting).toMatchObject({ authentication: 'ACCEPT' })
    // A trigger never waits, so there the number stays.
    const login = await scene.service.trigger(who)
    expect(login.presence).toMatch(/^[A-Z]$/)
  })

  it('with a wrong PIN is refused at once', async () => {
    await scene.authenticationPolicy({ push_wait: '20' })
    const { phone, owner: who } = await scene.enroll('greta', { pin: '1234' })
    const [reply, took] = await seconds(scene.service.check({ ...who, pass: '4321' }))
    expect(reply).toMatchObject({ value: false, detail: { message: 'wrong otp pin' } })
    expect(took).toBeLessThan(5)
    expect(await phone.poll()).toEqual([])
  })

  it('is let in by either of two phones', async () => {
    await scene.authenticationPolicy({ push_wait: '20' })
    const one = await scene.enroll('henri')
    const other = await scene.enroll('henri')
    const waiting = scene.service.check({ ...one.owner, pass: '' })
    const first = await nextPrompt(one.phone)
    await one.phone.decline(first, { reason: 'cancelled' })
    await other.phone.accept(await nextPrompt(other.phone))
    expect(await waiting).toMatchObject({ authentication: 'ACCEPT', detail: { serial: other.serial } })
  })

  it('with a transaction is finalizing, and does not wait', async () => {
    const { owner: who } = await scene.enroll('ines')
    const login = await scene.service.triggerWithPin(who, '')
    await scene.authenticationPolicy({ push_wait: '20' })
    const [outcome, took] = await seconds(scene.service.finalize(login.transactionId))
    expect(outcome).toBe('REJECT')
    expect(took).toBeLessThan(5)
  })

  it('and is not told to does not wait, whatever it sends', async () => {
    const { owner: who } = await scene.enroll('jana')
    const [reply, took] = await seconds(scene.service.check({ ...who, pass: '', push_wait: '20' }))
    expect(reply.authentication).toBe('CHALLENGE')
    expect(took).toBeLessThan(5)
  })
})
