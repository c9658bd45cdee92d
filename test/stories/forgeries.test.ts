import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fromBase32, toBase64 } from '../simulation/bytes.ts'
import type { FormFields, Phone, Prompt } from '../simulation/phone.ts'
import type { Driver } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import type { Login } from '../simulation/service.ts'
import { openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('forgeries')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

/** What a forger works with: the prompt, and signatures of the phone over other texts. */
interface Attempt {
  readonly prompt: Prompt
  readonly phone: Phone
  readonly sign: (text: string) => Promise<string>
}

type Forge = (attempt: Attempt) => Promise<FormFields>

const base = ({ nonce, serial }: Prompt) => ({ nonce, serial })
const inBase64 = (base32: string): string => toBase64(fromBase32(base32) ?? new Uint8Array())

/** What is sent, and the HTTP status of the answer: with 200 its value is false, otherwise it is an error. */
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

const MODES = [
  ['plain login', {}],
  ['login with a number', { push_require_presence: true }],
  ['login with a code', { push_code_to_phone: true }],
] as const

/** What the phone's user does, and then the service: the outcome of the login. */
async function complete(phone: Phone, prompt: Prompt, { transactionId, presence }: Login): Promise<string> {
  const { displayCode = '' } = await phone.accept(prompt, presence === undefined ? {} : { presence })
  return nod.service.finalize(transactionId, undefined, { pass: displayCode })
}

const optionOf = ({ presence }: Login): FormFields => (presence === undefined ? {} : { presence_answer: presence })

describe.each(MODES)('a %s', (name, action) => {
  beforeEach(async () => {
    if (name !== 'plain login') await nod.authenticationPolicy(action)
  })

  it.each(FORGERIES)('is not opened by %s', async (_, forge, status) => {
    const { phone, owner } = await nod.enroll(`ada-${name.replaceAll(' ', '-')}`)
    const login = await nod.service.trigger(owner)
    const prompt = only(await phone.poll())
    const reply = await phone.post(prompt.url, await forge({ prompt, phone, sign: (text) => phone.sign(text) }))
    expect(reply.status).toBe(status)
    expect(reply.value).toBe(status === 200 ? false : undefined)
    // Whoever has nonce and serial does not get the code.
    expect(reply.text).not.toContain('display_code')
    expect(await nod.service.status(login.transactionId)).not.toBe('accept')
    expect(await nod.service.finalize(login.transactionId)).toBe('REJECT')
    await nod.service.deleteToken(prompt.serial)
  })

  it('is not opened by another phone, which has another key', async () => {
    const ada = await nod.enroll(`bob-${name.replaceAll(' ', '-')}`)
    const mallory = await nod.enroll(`mallory-${name.replaceAll(' ', '-')}`)
    const login = await nod.service.trigger(ada.owner)
    const prompt = only(await ada.phone.poll())
    const option = optionOf(login)
    // Under the serial of the token that was rung, and under the one that goes with the key.
    for (const serial of [ada.serial, mallory.serial]) {
      const signature = await mallory.phone.sign([prompt.nonce, serial, ...Object.values(option)].join('|'))
      const reply = await mallory.phone.post(prompt.url, { nonce: prompt.nonce, serial, signature, ...option })
      expect(reply).toMatchObject({ status: 200, value: false })
      expect(reply.text).not.toContain('display_code')
    }
    expect(await nod.service.status(login.transactionId)).toBe('pending')
    // The forgeries have used nothing up.
    expect(await complete(ada.phone, prompt, login)).toBe('ACCEPT')
  })

  it('is not opened by the other phone of its owner for the one that was asked', async () => {
    const user = `carla-${name.replaceAll(' ', '-')}`
    const one = await nod.enroll(user)
    const other = await nod.enroll(user)
    const login = await nod.service.trigger(one.owner)
    const prompt = only(await one.phone.poll())
    const option = optionOf(login)
    const crossed = await other.phone.post(prompt.url, {
      nonce: prompt.nonce,
      serial: other.serial,
      signature: await other.phone.sign([prompt.nonce, other.serial, ...Object.values(option)].join('|')),
      ...option,
    })
    expect(crossed).toMatchObject({ status: 200, value: false })
    expect(crossed.text).not.toContain('display_code')
    expect(await nod.service.status(login.transactionId)).toBe('pending')
  })
})

describe('an answer that was given before', () => {
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

  it('comes too late for a login that was withdrawn', async () => {
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

  it('does not count with a nonce that Nod never gave out', async () => {
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
