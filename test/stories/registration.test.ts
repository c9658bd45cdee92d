import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toBase64 } from '../simulation/bytes.ts'
import { type Credential, generateKeys, Phone, RegistrationRefused } from '../simulation/phone.ts'
import type { Driver } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('registration')
})
afterAll(() => nod.close())

const register = async (phone: Phone, credential: Credential, change: Record<string, string> = {}) =>
  phone.post(credential.url, { ...(await phone.registrationForm(credential)), ...change })

const NOT_WAITING = {
  status: 404,
  error: { code: 601, message: "No token with this serial number in the rollout state 'clientwait'." },
}

describe('a phone that registers', () => {
  it('gets the key it verifies prompts with, once', async () => {
    const { phone, credential, serial, owner } = await nod.beginEnrollment()
    const reply = await register(phone, credential)
    expect(reply).toMatchObject({ status: 200, value: true, detail: { serial, rollout_state: 'enrolled' } })
    expect(await nod.token(serial)).toMatchObject({ active: true, rollout_state: 'enrolled' })
    await phone.register(credential)
    const login = await nod.service.trigger(owner)
    await phone.accept(only(await phone.poll()))
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('may be an iPhone, which asks for network permission first', async () => {
    const { phone, credential } = await nod.beginEnrollment('ben', { system: 'iOS/18.1' })
    const knock = await phone.post(credential.url, {})
    expect(knock).toMatchObject({ status: 400, error: { code: 905 } })
    expect(await phone.register(credential)).toMatchObject({ pollOnly: true })
  })

  it('takes from an app only what its protocol has', async () => {
    const { phone, credential, serial, owner } = await nod.beginEnrollment('bela', {
      parameters: { description: 'of Ada' },
    })
    const more = {
      pin: '9999',
      otppin: '9999',
      description: 'mine now',
      user: 'mallory',
      realm: 'elsewhere',
      maxfail: '1000',
      active: '0',
      type: 'hotp',
      genkey: '1',
      rollover: '1',
    }
    expect(await register(phone, credential, more)).toMatchObject({ status: 200, value: true })
    expect(await nod.token(serial)).toMatchObject({
      description: 'of Ada',
      username: owner.user,
      user_realm: owner.realm,
      maxfail: 10,
      active: true,
    })
    expect(await nod.service.check({ ...owner, pass: '9999' })).toMatchObject({ authentication: 'REJECT' })
    expect(await nod.service.check({ ...owner, pass: '' })).toMatchObject({ authentication: 'CHALLENGE' })
  })

  it('needs the whole credential of its QR code', async () => {
    const { phone, credential, serial } = await nod.beginEnrollment()
    const other = await nod.beginEnrollment()
    const { enrollmentCredential: secret } = credential
    for (const wrong of [
      other.credential.enrollmentCredential,
      secret.slice(1),
      secret.toUpperCase(),
      `${secret} `,
      '0'.repeat(40),
    ]) {
      const reply = await register(phone, credential, { enrollment_credential: wrong })
      expect(reply, wrong).toMatchObject({ status: 400, error: { code: 905 } })
      expect(reply.error?.message).toBe(
        'ERR905: Invalid enrollment credential. You are not authorized to finalize this token.',
      )
    }
    const form = await phone.registrationForm(credential)
    for (const [name, message] of Object.entries({
      serial: 'serial',
      enrollment_credential: 'enrollment_credential',
    })) {
      const { [name]: _, ...rest } = form
      for (const sent of [rest, { ...rest, [name]: '' }])
        expect(await phone.post(credential.url, sent), name).toMatchObject({
          status: 400,
          error: { code: 905, message: `ERR905: Missing parameter: ${message}` },
        })
    }
    for (const name of ['fbtoken', 'pubkey']) {
      const { [name]: _, ...rest } = form
      expect(await phone.post(credential.url, rest), name).toMatchObject({
        status: 400,
        error: { code: 905, message: 'ERR905: Missing parameters!' },
      })
    }
    expect(await register(phone, credential, { serial: 'NOSUCH01' })).toMatchObject(NOT_WAITING)
    expect(await register(phone, credential, { serial: 'no such' })).toMatchObject(NOT_WAITING)
    expect(await nod.token(serial)).toMatchObject({ rollout_state: 'clientwait' })
    expect(await register(phone, credential)).toMatchObject({ status: 200, value: true })
  })

  it('gets the same answer to the same request, and no other service gets it', async () => {
    const { phone, credential } = await nod.beginEnrollment()
    const first = await register(phone, credential)
    const again = await register(phone, credential)
    expect(again).toMatchObject({ status: 200, value: true })
    expect(again.detail.public_key).toBe(first.detail.public_key)

    const thief = new Phone({ keys: await generateKeys() })
    expect(await register(thief, credential)).toMatchObject(NOT_WAITING)
    expect(await register(phone, credential, { fbtoken: 'elsewhere' })).toMatchObject(NOT_WAITING)
    expect(await register(phone, credential, { enrollment_credential: '0'.repeat(40) })).toMatchObject(NOT_WAITING)
    await expect(thief.register(credential)).rejects.toThrow(RegistrationRefused)
  })

  it('is one of ten that try at once', async () => {
    const { credential, owner, serial } = await nod.beginEnrollment()
    const keys = await Promise.all(Array.from({ length: 10 }, () => generateKeys()))
    const phones = keys.map((pair) => new Phone({ keys: pair }))
    const replies = await Promise.all(phones.map((phone) => register(phone, credential)))
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const reply of replies.filter(({ status }) => status !== 200)) expect(reply).toMatchObject(NOT_WAITING)

    // The one that was told yes is the one that is believed.
    const login = await nod.service.trigger(owner)
    for (const [at, phone] of phones.entries()) {
      const isTaken = replies[at]?.status === 200
      const polled = await phone.get(credential.url, await phone.phonePollQuery(serial))
      expect(polled.status).toBe(isTaken ? 200 : 400)
      if (!isTaken) continue
      await phone.register(credential)
      await phone.accept(only(await phone.poll()))
    }
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it('may write its key with blanks for plus signs, URL-safe or without padding', async () => {
    const spellings = [
      (key: string) => key.replaceAll('+', ' '),
      (key: string) => key.replaceAll('+', '-').replaceAll('/', '_'),
      (key: string) => key.replace(/=+$/, ''),
    ]
    for (const spell of spellings) {
      const { phone, credential, owner } = await nod.beginEnrollment()
      const { pubkey = '' } = await phone.registrationForm(credential)
      expect(await register(phone, credential, { pubkey: spell(pubkey) })).toMatchObject({ status: 200, value: true })
      expect((await nod.service.triggerchallenge(owner)).value).toBe(1)
    }
  })

  it('with a key that cannot sign logins is refused at once, with that reason', async () => {
    const { phone, credential, serial, owner } = await nod.beginEnrollment()
    const { pubkey = '' } = await phone.registrationForm(credential)
    const der = Uint8Array.from(atob(pubkey), (letter) => letter.charCodeAt(0))
    const spki = async ({ publicKey }: { publicKey: CryptoKey }) =>
      toBase64(new Uint8Array(await crypto.subtle.exportKey('spki', publicKey)))
    const curve = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
    const unfit = {
      '1024 bits': await spki(await generateKeys(1024)),
      'an elliptic curve': await spki(curve),
      'an even exponent': toBase64(der.with(der.length - 1, 0)),
      'the exponent 65539': toBase64(der.with(der.length - 1, 3)),
      'the inside without its wrapper': toBase64(der.slice(24)),
      'half a key': toBase64(der.slice(0, 150)),
      'a key and more': toBase64(Uint8Array.of(...der, 0)),
      PEM: `-----BEGIN PUBLIC KEY-----\n${pubkey}\n-----END PUBLIC KEY-----`,
      words: 'this is not a key',
      nothing: '',
    }
    for (const [name, key] of Object.entries(unfit)) {
      const reply = await register(phone, credential, { pubkey: key })
      expect(reply, name).toMatchObject({ status: 400, error: { code: 905 } })
      expect(reply.error?.message, name).toMatch(/^ERR905: The phone's public key is not acceptable: /)
    }
    expect(await nod.token(serial)).toMatchObject({ rollout_state: 'clientwait', active: false })
    expect(await register(phone, credential)).toMatchObject({ status: 200, value: true })
    expect((await nod.service.triggerchallenge(owner)).value).toBe(1)
  })
})
