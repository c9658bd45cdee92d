import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Driver } from '../driver/driver.ts'
import { waitUntil } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('counters')
})
afterAll(() => nod.close())

const PATIENCE = 60_000
const LOCKED = 'Failcounter exceeded'
const WRONG = 'wrong otp pin'

interface Who {
  readonly user: string
  readonly realm: string
}

/** What each of so many guesses is told, all of them under way at once. */
const guess = (owner: Who, count: number): Promise<string | undefined>[] =>
  Array.from({ length: count }, async (_, index) => {
    const { detail } = await nod.service.check({ ...owner, pass: `guess ${index}` })
    return detail.message
  })

const count = (told: readonly unknown[], message: string): number => told.filter((one) => one === message).length

describe('a thousand wrong PINs at once', () => {
  it('are ten failed attempts, and the right one does not pass after them', { timeout: PATIENCE }, async () => {
    const { serial, owner } = await nod.enroll('ada', { pin: '1234' })
    const told = await Promise.all(guess(owner, 1000))
    expect([count(told, WRONG), count(told, LOCKED)]).toEqual([10, 990])
    expect(await nod.failures(serial)).toBe(10)
    expect((await nod.service.check({ ...owner, pass: '1234' })).detail.message).toBe(LOCKED)
    expect(await nod.failures(serial)).toBe(10)
  })

  it('let the right one among them in or not, and count as ten', { timeout: PATIENCE }, async () => {
    const { serial, owner } = await nod.enroll('bob', { pin: '1234' })
    const guesses = guess(owner, 500)
    const right = nod.service.check({ ...owner, pass: '1234' })
    const told = await Promise.all([...guesses, ...guess(owner, 500)])
    const { authentication, detail } = await right
    expect([count(told, WRONG), count(told, LOCKED)]).toEqual([10, 990])
    if (authentication !== 'CHALLENGE') expect(detail.message).toBe(LOCKED)
    expect(await nod.failures(serial)).toBe(10)
    expect((await nod.service.check({ ...owner, pass: '1234' })).detail.message).toBe(LOCKED)
  })

  it(
    'let the right one in if it comes first, and keep its login from being finalized',
    { timeout: PATIENCE },
    async () => {
      const { phone, serial, owner } = await nod.enroll('cleo', { pin: '1234' })
      const login = await nod.service.triggerWithPin(owner, '1234')
      const [prompt] = await phone.poll()
      if (prompt === undefined) throw new Error('no prompt')
      await phone.accept(prompt)
      const guesses = guess(owner, 100)
      const finalizing = nod.service.check(nod.service.finalizeForm(login.transactionId))
      const told = await Promise.all(guesses)
      const used = await finalizing
      // Finished before the lock, its success began the count anew; after it, it was refused.
      const wrong = count(told, WRONG)
      expect(wrong + count(told, LOCKED)).toBe(100)
      if (used.authentication === 'ACCEPT') expect(wrong).toBeGreaterThanOrEqual(10)
      else expect([used.detail.message, wrong]).toEqual([LOCKED, 10])
      expect(await nod.failures(serial)).toBe(10)
    },
  )
})

describe('the phones of one user, each with a PIN of its own', () => {
  it('keep their counts apart: ten logins by one are no failed attempt at the other', async () => {
    const one = await nod.enroll('dora', { pin: '11' })
    const other = await nod.enroll('dora', { pin: '22' })
    for (let login = 0; login < 10; login++)
      expect((await nod.service.triggerWithPin(one.owner, '11')).serials).toEqual([one.serial])
    expect(await waitUntil(async () => (await nod.failures(other.serial)) === 0)).toBe(true)
    expect(await nod.failures(one.serial)).toBe(0)
    // So the other one still has all its tries.
    expect((await nod.service.triggerWithPin(one.owner, '22')).serials).toEqual([other.serial])
  })

  it('also when the ten come at once; a PIN of neither counts once at each', async () => {
    const one = await nod.enroll('eve', { pin: '11' })
    const other = await nod.enroll('eve', { pin: '22' })
    const logins = Array.from({ length: 10 }, () => nod.service.triggerWithPin(one.owner, '11'))
    for (const { serials } of await Promise.all(logins)) expect(serials).toEqual([one.serial])
    const counts = async () => [await nod.failures(one.serial), await nod.failures(other.serial)]
    expect(await waitUntil(async () => JSON.stringify(await counts()) === '[0,0]')).toBe(true)

    expect(await Promise.all(guess(one.owner, 7))).toEqual(Array(7).fill(WRONG))
    expect(await counts()).toEqual([7, 7])
    await nod.service.triggerWithPin(one.owner, '22')
    expect(await waitUntil(async () => JSON.stringify(await counts()) === '[7,7]')).toBe(true)
  })
})

describe('successes', () => {
  it('are counted once for each login, however many services finalize it at once, and the last one is recorded', async () => {
    const { phone, serial, owner } = await nod.enroll('frida')
    const logins = await Promise.all(Array.from({ length: 5 }, () => nod.service.trigger(owner)))
    for (const prompt of await phone.poll()) await phone.accept(prompt)
    const before = Date.now()
    const forms = logins.map(({ transactionId }) => nod.service.finalizeForm(transactionId))
    const replies = await Promise.all([...forms, ...forms, ...forms].map((form) => nod.service.check(form)))
    expect(replies.filter(({ authentication }) => authentication === 'ACCEPT')).toHaveLength(5)
    const { info, failcount } = await nod.token(serial)
    const { count_auth_success: successes, last_auth: last } = fields(info)
    expect([successes, failcount]).toEqual(['5', 0])
    const used = Date.parse(
      String(last)
        .replace(' ', 'T')
        .replace(/(\.\d{3})000\+0000$/, '$1Z'),
    )
    expect(used).toBeGreaterThanOrEqual(before)
    expect(used).toBeLessThanOrEqual(Date.now())
  })
})
