import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('code')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

const wrongFor = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

/** A login whose phone has confirmed, and the code it shows. */
async function confirmed(user: string) {
  await nod.authenticationPolicy({ push_code_to_phone: true })
  const { phone, serial, owner } = await nod.enroll(user)
  const login = await nod.service.trigger(owner)
  const prompt = only(await phone.poll())
  const shown = await phone.accept(prompt)
  return { phone, serial, owner, login, prompt, shown, code: shown.displayCode ?? '' }
}

describe('a login with a code', () => {
  it('lets Ada in after she types what her phone shows', async () => {
    await nod.authenticationPolicy({ push_code_to_phone: true })
    const { phone, serial, owner } = await nod.enroll('ada')
    const login = await nod.service.trigger(owner)
    expect(login.clientMode).toBe('interactive')
    expect(login.message).toBe('Please enter the code displayed on your smartphone.')
    expect(login.reply.detail).toMatchObject({
      attributes: { hideResponseInput: false },
      preferred_client_mode: 'interactive',
    })

    const prompt = only(await phone.poll())
    expect(prompt.options).toBeUndefined()
    // Nothing to type yet, and it costs nothing to try.
    expect(await nod.service.finalize(login.transactionId, owner, { pass: '123456' })).toBe('REJECT')
    const shown = await phone.accept(prompt)
    expect(shown).toMatchObject({ handled: true, taken: true, message: 'Enter the code to log in' })
    expect(shown.displayCode).toMatch(/^\d{6}$/)
    expect(await nod.service.status(login.transactionId)).toBe('pending')

    expect(await nod.service.finalize(login.transactionId, owner, { pass: shown.displayCode ?? '' })).toBe('ACCEPT')
    expect(await nod.service.finalize(login.transactionId, owner, { pass: shown.displayCode ?? '' })).toBe('REJECT')
    expect(await nod.failures(serial)).toBe(0)
  })

  it('goes on when the app says no because its code window is closed', async () => {
    const { phone, prompt, login, owner, code } = await confirmed('bob')
    expect(await phone.closeCodeWindow(prompt)).toMatchObject({ handled: true, taken: false })
    expect(await phone.decline(prompt, { reason: 'unknown_trigger' })).toMatchObject({ taken: false })
    expect(await nod.service.finalize(login.transactionId, owner, { pass: code })).toBe('ACCEPT')
  })

  it('is not confirmed twice, but the same answer hears the same code', async () => {
    const { phone, prompt, code, login, owner } = await confirmed('carla')
    expect((await phone.accept(prompt)).displayCode).toBe(code)
    await phone.poll()
    expect(phone.lastPoll.get(prompt.serial)?.value).toEqual([])
    expect(await nod.service.finalize(login.transactionId, owner, { pass: code })).toBe('ACCEPT')
  })

  it('takes two wrong codes and then the right one; the wrong ones are failed attempts until then', async () => {
    const { serial, login, owner, code } = await confirmed('dora')
    for (const round of [1, 2]) {
      expect(await nod.service.finalize(login.transactionId, owner, { pass: wrongFor(code) })).toBe('REJECT')
      expect(await waitUntil(async () => (await nod.failures(serial)) === round)).toBe(true)
    }
    expect(await nod.service.finalize(login.transactionId, owner, { pass: code })).toBe('ACCEPT')
    expect(await nod.failures(serial)).toBe(0)
  })

  it('ends with the third wrong code', async () => {
    const { serial, login, owner, code } = await confirmed('eve')
    for (let round = 0; round < 3; round++)
      expect(await nod.service.finalize(login.transactionId, owner, { pass: wrongFor(code) })).toBe('REJECT')
    expect(await nod.service.finalize(login.transactionId, owner, { pass: code })).toBe('REJECT')
    expect(await nod.service.status(login.transactionId)).toBe('declined')
    expect(await waitUntil(async () => (await nod.failures(serial)) === 3)).toBe(true)
  })

  it('is not opened by twenty guesses at once', async () => {
    const { serial, login, owner, code } = await confirmed('frida')
    const guesses = Array.from({ length: 20 }, (_, at) => String((Number(code) + 1 + at) % 1_000_000).padStart(6, '0'))
    const outcomes = await Promise.all(
      guesses.map((pass) => nod.service.finalize(login.transactionId, owner, { pass })),
    )
    expect(new Set(outcomes)).toEqual(new Set(['REJECT']))
    expect(await nod.service.finalize(login.transactionId, owner, { pass: code })).toBe('REJECT')
    expect(await waitUntil(async () => (await nod.failures(serial)) === 3)).toBe(true)
  })

  it.each(['', ' ', '0', 'undefined', '٠٠٠٠٠٠'])(
    'is not opened by %j, and an empty one does not count',
    async (pass) => {
      const { serial, login, owner, code } = await confirmed(`greta-${pass.codePointAt(0) ?? 'empty'}`)
      expect(await nod.service.finalize(login.transactionId, owner, { pass })).toBe('REJECT')
      expect(await waitUntil(async () => (await nod.failures(serial)) === (pass === '' ? 0 : 1))).toBe(true)
      expect(await nod.service.finalize(login.transactionId, owner, { pass: code })).toBe('ACCEPT')
    },
  )

  it('may be declined before it is confirmed', async () => {
    await nod.authenticationPolicy({ push_code_to_phone: true })
    const { phone, owner } = await nod.enroll('henri')
    const login = await nod.service.trigger(owner)
    await phone.decline(only(await phone.poll()), { reason: 'unknown_trigger' })
    expect(await nod.service.status(login.transactionId)).toBe('declined')
    expect(await nod.service.finalize(login.transactionId, owner, { pass: '000000' })).toBe('REJECT')
  })

  it('is confirmed on one phone only', async () => {
    await nod.authenticationPolicy({ push_code_to_phone: true })
    const one = await nod.enroll('ines')
    const other = await nod.enroll('ines')
    const login = await nod.service.trigger(one.owner)
    const late = only(await other.phone.poll())
    const { displayCode = '' } = await one.phone.accept(only(await one.phone.poll()))
    expect(await other.phone.accept(late)).toMatchObject({ taken: false, displayCode: undefined })
    expect(await nod.service.finalize(login.transactionId, one.owner, { pass: displayCode })).toBe('ACCEPT')
  })

  it('has as many digits and the words that policy says, unless numbers are asked for, which come first', async () => {
    await nod.authenticationPolicy({
      push_code_to_phone: true,
      push_code_to_phone_digits: '2',
      push_code_to_phone_message: 'Type this',
    })
    const { phone, owner } = await nod.enroll('jana')
    await nod.service.trigger(owner)
    const shown = await phone.accept(only(await phone.poll()))
    expect(shown.displayCode).toMatch(/^\d\d$/)
    expect(shown.message).toBe('Type this')

    await nod.authenticationPolicy({ push_require_presence: true })
    expect((await nod.service.trigger(owner)).clientMode).toBe('poll')
  })
})
