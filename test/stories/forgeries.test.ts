import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fromBase32, toBase64 } from '../simulation/bytes.ts'
import type { FormFields, Phone, Prompt } from '../simulation/phone.ts'
import type { Driver } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('forgeries')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

/** What a phone would have to send to be believed; a forger has none of it but what is public. */
interface Attempt {
  readonly prompt: Prompt
  readonly phone: Phone
  readonly sign: (text: string) => Promise<string>
}

type Forge = (attempt: Attempt) => Promise<FormFields>

const base = ({ nonce, serial }: Prompt) => ({ nonce, serial })
const inBase64 = (base32: string): string => toBase64(fromBase32(base32) ?? new Uint8Array())

/** What is sent, and how it is answered: `value: false`, or an error. */
const FORGERIES: readonly (readonly [string, Forge, number])[] = [
  [
    'the signature of a decline, sent as a yes',
    async ({ prompt, sign }) => ({
      ...base(prompt),
      signature: await sign(`${prompt.nonce}|${prompt.serial}|decline`),
    }),
    200,
  ],
  [
    'the signature of a decline, sent as a yes to the number "decline"',
    async ({ prompt, sign }) => ({
      ...base(prompt),
      signature: await sign(`${prompt.nonce}|${prompt.serial}|decline`),
      presence_answer: 'decline',
    }),
    400,
  ],
  [
    'a decline that carries a number as well',
    async ({ prompt, sign }) => ({
      ...base(prompt),
      signature: await sign(`${prompt.nonce}|${prompt.serial}|decline`),
      decline: '1',
      presence_answer: 'decline',
    }),
    400,
  ],
  [
    'the signature of "not me", sent as a yes to the number "decline|unknown_trigger"',
    async ({ prompt, sign }) => ({
      ...base(prompt),
      signature: await sign(`${prompt.nonce}|${prompt.serial}|decline|unknown_trigger`),
      presence_answer: 'decline|unknown_trigger',
    }),
    400,
  ],
  [
    'a yes signed for another serial',
    async ({ prompt, sign }) => ({ ...base(prompt), signature: await sign(`${prompt.nonce}|PIPUOTHER001`) }),
    200,
  ],
  [
    'a yes over another nonce',
    async ({ prompt, sign }) => ({ ...base(prompt), signature: await sign(`${'A'.repeat(64)}|${prompt.serial}`) }),
    200,
  ],
  ['a yes signed over nothing', async ({ prompt, sign }) => ({ ...base(prompt), signature: await sign('') }), 200],
  ['an empty signature', async ({ prompt }) => ({ ...base(prompt), signature: '' }), 200],
  ['no signature at all', async ({ prompt }) => base(prompt), 400],
  [
    'a signature in base64',
    async ({ prompt, sign }) => ({
      ...base(prompt),
      signature: inBase64(await sign(`${prompt.nonce}|${prompt.serial}`)),
    }),
    400,
  ],
  [
    'a signature in lower case',
    async ({ prompt, sign }) => ({
      ...base(prompt),
      signature: (await sign(`${prompt.nonce}|${prompt.serial}`)).toLowerCase(),
    }),
    400,
  ],
  [
    'a signature cut short',
    async ({ prompt, sign }) => ({
      ...base(prompt),
      signature: (await sign(`${prompt.nonce}|${prompt.serial}`)).slice(0, 64),
    }),
    200,
  ],
  [
    'a serial that is none',
    async ({ prompt, sign }) => ({
      ...base(prompt),
      serial: 'no such',
      signature: await sign(`${prompt.nonce}|no such`),
    }),
    404,
  ],
  [
    'no serial',
    async ({ prompt, sign }) => ({ nonce: prompt.nonce, signature: await sign(`${prompt.nonce}|${prompt.serial}`) }),
    400,
  ],
]

describe.each([
  ['a plain login', {}],
  ['a login with a number', { push_require_presence: true }],
] as const)('%s', (name, action) => {
  it.each(FORGERIES)('is not opened by %s', async (_, forge, status) => {
    if (Object.keys(action).length > 0) await nod.authenticationPolicy(action)
    const { phone, owner } = await nod.enroll(`ada-${name.replaceAll(' ', '-')}`)
    const login = await nod.service.trigger(owner)
    const prompt = (await phone.poll()).find((one) => login.serials.includes(one.serial))
    if (prompt === undefined) throw new Error('no prompt')
    const reply = await phone.post(prompt.url, await forge({ prompt, phone, sign: (text) => phone.sign(text) }))
    expect(reply.status).toBe(status)
    expect(reply.value).toBe(status === 200 ? false : undefined)
    expect(await nod.service.status(login.transactionId)).not.toBe('accept')
    expect(await nod.service.finalize(login.transactionId)).toBe('REJECT')
    await nod.service.deleteToken(prompt.serial)
  })
})

describe('a yes of somebody else', () => {
  it('does not count: another phone has another key', async () => {
    const ada = await nod.enroll('bob')
    const mallory = await nod.enroll('mallory')
    const login = await nod.service.trigger(ada.owner)
    const prompt = only(await ada.phone.poll())
    const signature = await mallory.phone.sign(`${prompt.nonce}|${prompt.serial}`)
    const stolen = { nonce: prompt.nonce, serial: prompt.serial, signature }
    expect(await mallory.phone.post(prompt.url, stolen)).toMatchObject({ status: 200, value: false })
    // Neither does it under the serial that goes with the key.
    const own = {
      nonce: prompt.nonce,
      serial: mallory.serial,
      signature: await mallory.phone.sign(`${prompt.nonce}|${mallory.serial}`),
    }
    expect(await mallory.phone.post(prompt.url, own)).toMatchObject({ status: 200, value: false })
    expect(await nod.service.status(login.transactionId)).toBe('pending')
    // And the forgery has used nothing up.
    expect(await ada.phone.accept(prompt)).toMatchObject({ taken: true })
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('does not count, though it is the same user: each phone answers for itself', async () => {
    const one = await nod.enroll('carla')
    const other = await nod.enroll('carla')
    const login = await nod.service.trigger(one.owner)
    const prompt = only(await one.phone.poll())
    const crossed = await other.phone.post(prompt.url, {
      nonce: prompt.nonce,
      serial: other.serial,
      signature: await other.phone.sign(`${prompt.nonce}|${other.serial}`),
    })
    expect(crossed).toMatchObject({ status: 200, value: false })
    expect(await nod.service.status(login.transactionId)).toBe('pending')
  })
})

describe('a yes that was given before', () => {
  it('does not count for another login', async () => {
    const { phone, owner } = await nod.enroll('dora')
    const first = await nod.service.trigger(owner)
    const prompt = only(await phone.poll())
    const form = { ...base(prompt), signature: await phone.sign(`${prompt.nonce}|${prompt.serial}`) }
    await phone.answer(prompt, form)
    expect(await nod.service.finalize(first.transactionId)).toBe('ACCEPT')

    const second = await nod.service.trigger(owner)
    const next = only(await phone.poll())
    const { nonce: _, ...nameless } = form
    for (const replayed of [form, nameless, { ...form, nonce: next.nonce }]) await phone.post(prompt.url, replayed)
    expect(await nod.service.status(second.transactionId)).toBe('pending')
    expect(await nod.service.finalize(second.transactionId)).toBe('REJECT')
  })

  it('is too late for a login that was taken back', async () => {
    const { phone, serial, owner } = await nod.enroll('eve')
    const login = await nod.service.trigger(owner)
    const prompt = only(await phone.poll())
    await nod.service.call('POST', `/token/disable/${serial}`)
    await nod.service.call('POST', `/token/enable/${serial}`)
    expect(await phone.accept(prompt)).toMatchObject({ handled: true, taken: false })
    expect(await nod.service.finalize(login.transactionId)).toBe('REJECT')
  })

  it('does not count for a token that was enrolled anew, even with its old key', async () => {
    const old = await nod.enroll('frida')
    const login = await nod.service.trigger(old.owner)
    const prompt = only(await old.phone.poll())
    await nod.enroll('frida', { serial: old.serial })
    expect(await old.phone.accept(prompt)).toMatchObject({ taken: false })
    expect(await nod.service.finalize(login.transactionId)).toBe('REJECT')
  })

  it('with a nonce nobody gave out is offered to the phone it names, and found wanting', async () => {
    const { phone, serial, owner } = await nod.enroll('greta')
    const login = await nod.service.trigger(owner)
    const prompt = only(await phone.poll())
    for (const nonce of ['A'.repeat(64), 'A'.repeat(32), 'x', prompt.nonce.slice(0, 63)]) {
      const form = { nonce, serial, signature: await phone.sign(`${nonce}|${serial}`) }
      expect(await phone.post(prompt.url, form), nonce).toMatchObject({ status: 200, value: false })
    }
    expect(await nod.service.status(login.transactionId)).toBe('pending')
  })
})
