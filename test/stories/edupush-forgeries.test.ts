/** What an eduMFA phone is not believed: keys it may not have, signatures that are none, and the other type's address. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bytes, toBase32 } from '../simulation/bytes.ts'
import { EDUMFA, Phone, RegistrationRefused } from '../simulation/phone.ts'
import { derSignature, generateCurveKeys, type Keys, rawSignature } from '../simulation/phone/signing.ts'
import type { Driver } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { openNod, url } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('edupush-forgeries')
})
afterAll(() => nod.close())

/** Signs until r has its highest bit set, so that DER has to lead it with a zero: half of all signatures do. */
async function withHighR(text: string, keys: Keys): Promise<Bytes> {
  for (;;) {
    const raw = await rawSignature(text, keys)
    if ((raw[0] ?? 0) >= 0x80) return raw
  }
}

/** A SEQUENCE of these contents as INTEGERs, however long they say they are: what strict DER would not write. */
const sequence = (...numbers: readonly (readonly number[])[]): Bytes => {
  const content = numbers.flatMap((number) => [2, number.length, ...number])
  return new Uint8Array([48, content.length, ...content])
}
const halves = (raw: Bytes): readonly [number[], number[]] => [Array.from(raw.slice(0, 32)), Array.from(raw.slice(32))]
const positive = (digits: readonly number[]): readonly number[] => ((digits[0] ?? 0) < 0x80 ? digits : [0, ...digits])

type Forge = (text: string, keys: Keys) => Promise<Bytes> | Bytes

const FORGERIES: readonly (readonly [string, Forge])[] = [
  ['r and s side by side, as Web Crypto has them', rawSignature],
  [
    'a length that is written longer than it needs to be',
    async (text, keys) => {
      const [, length = 0, ...rest] = derSignature(await rawSignature(text, keys))
      return new Uint8Array([48, 0x81, length, ...rest])
    },
  ],
  [
    'an indefinite length',
    async (text, keys) => {
      const [, , ...rest] = derSignature(await rawSignature(text, keys))
      return new Uint8Array([48, 0x80, ...rest, 0, 0])
    },
  ],
  [
    'a length far beyond its end',
    async (text, keys) => {
      const [, , ...rest] = derSignature(await rawSignature(text, keys))
      return new Uint8Array([48, 0x84, 0xff, 0xff, 0xff, 0xff, ...rest])
    },
  ],
  ['something behind it', async (text, keys) => new Uint8Array([...derSignature(await rawSignature(text, keys)), 0])],
  [
    'a third number',
    async (text, keys) => {
      const [r, s] = halves(await withHighR(text, keys))
      return sequence([0, ...r], positive(s), [1])
    },
  ],
  [
    'a zero too many before r',
    async (text, keys) => {
      const [r, s] = halves(await withHighR(text, keys))
      return sequence([0, 0, ...r], positive(s))
    },
  ],
  [
    'a zero too few before r, which makes it negative',
    async (text, keys) => {
      const [r, s] = halves(await withHighR(text, keys))
      return sequence(r, positive(s))
    },
  ],
  ['r longer than the curve', () => sequence([1, ...Array<number>(32).fill(1)], [1])],
  ['zero for both numbers', () => sequence([0], [0])],
  ['no digits at all', () => sequence([], [])],
  ['nothing', () => new Uint8Array()],
  ["another phone's signature", async (text) => derSignature(await rawSignature(text, await generateCurveKeys()))],
  [
    'a signature on another curve',
    async (text) => derSignature(await rawSignature(text, await generateCurveKeys('P-384'))),
  ],
  ['words that were not signed', async (text, keys) => derSignature(await rawSignature(`${text}|decline`, keys))],
]

describe('an answer under a key on a curve', () => {
  it.each(FORGERIES)('is not believed with %s', async (_, forge) => {
    const keys = await generateCurveKeys()
    const { phone, owner, serial } = await nod.enroll('forged', { type: 'edupush', keys })
    const login = await nod.service.trigger({ serial })
    const prompt = only(await phone.poll())
    const { nonce } = prompt
    const signature = toBase32(await forge(`${nonce}|${serial}`, keys))
    expect(await phone.post(prompt.url, { serial, nonce, signature })).toMatchObject({ status: 200, value: false })
    expect(await nod.service.status(login.transactionId)).toBe('pending')
    // The phone itself still is.
    expect(await phone.accept(prompt)).toMatchObject({ taken: true })
    expect(await nod.service.finalize(login.transactionId, owner)).toBe('ACCEPT')
  })
})

describe('a key that no eduMFA phone may have', () => {
  it('is one on another curve', async () => {
    const { phone, credential } = await nod.beginEnrollment('amir', {
      type: 'edupush',
      keys: await generateCurveKeys('P-521'),
    })
    await expect(phone.register(credential)).rejects.toThrow('not an RSA key or a key on P-256 or P-384')
  })

  it('is one on any curve for the app of privacyIDEA', async () => {
    const { phone, credential } = await nod.beginEnrollment('alice', { keys: await generateCurveKeys() })
    await expect(phone.register(credential)).rejects.toThrow('not an RSA key in SubjectPublicKeyInfo form')
  })
})

describe('a token and the address of the other type', () => {
  it('do not know each other', async () => {
    const { phone, serial, owner } = await nod.enroll('lost', { type: 'edupush' })
    const elsewhere = `${url}/ttype/push`
    const login = await nod.service.trigger(owner)
    const prompt = only(await phone.poll())

    const poll = await phone.get(elsewhere, await phone.phonePollQuery(serial))
    const strange = await phone.get(elsewhere, await phone.phonePollQuery('EDUPNOSUCH00'))
    expect([poll.status, poll.error]).toEqual([400, { code: 10, message: 'ERR10: Could not verify signature!' }])
    expect([strange.status, strange.error]).toEqual([poll.status, poll.error])
    const refresh = await phone.post(elsewhere, await phone.refreshForm(serial, 'elsewhere'))
    expect(refresh).toMatchObject({ status: 400, error: { code: 10 } })

    const { nonce } = prompt
    const signature = await phone.sign(`${nonce}|${serial}`)
    expect(await phone.post(elsewhere, { serial, nonce, signature })).toMatchObject({ status: 200, value: false })
    expect(await phone.post(elsewhere, { serial, signature })).toMatchObject({ status: 404, error: { code: 601 } })
    expect(await nod.service.status(login.transactionId)).toBe('pending')
    expect(await phone.accept(prompt)).toMatchObject({ taken: true })
  })

  it('do not when it is to be registered, and not the other way round', async () => {
    const { phone, credential } = await nod.beginEnrollment('anna', { type: 'edupush' })
    const astray = phone.register({ ...credential, url: `${url}/ttype/push` })
    await expect(astray).rejects.toThrow(RegistrationRefused)
    await expect(astray).rejects.toThrow("rollout state 'clientwait'")
    await phone.register(credential)

    const other = await nod.enroll('other-way')
    const query = await other.phone.phonePollQuery(other.serial)
    expect(await other.phone.get(`${url}/ttype/edupush`, query)).toMatchObject({ status: 400, error: { code: 10 } })
  })

  it('and a serial cannot change its type', async () => {
    const { serial, owner } = await nod.enroll('settled', { type: 'edupush' })
    const init = { ...owner, serial, genkey: '1', type: 'push' }
    expect((await nod.service.call('POST', '/token/init', { form: init })).error).toEqual({
      code: 301,
      message:
        `ERR301: init token failed: Token ${serial} already exists with type edupush. ` +
        'Can not initialize token with new type push',
    })
    const again = new Phone({ app: EDUMFA })
    await nod.enroll('settled', { type: 'edupush', serial, phone: again })
    expect(await nod.token(serial)).toMatchObject({ tokentype: 'edupush', rollout_state: 'enrolled' })
  })
})
