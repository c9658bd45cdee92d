import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Driver, nextPrompt } from '../driver/driver.ts'
import { foreignHash, type MovedToken, movedToken } from '../driver/moved.ts'
import { fromBase64, toBase64 } from '../simulation/bytes.ts'
import { fields } from '../simulation/reply.ts'
import { openNod } from './scene.ts'

let nod: Driver
let recipient: CryptoKeyPair
let address: string

beforeAll(async () => {
  nod = await openNod('export')
  const made = await crypto.subtle.generateKey(
    { name: 'RSA-OAEP', hash: 'SHA-256', modulusLength: 3072, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['encrypt', 'decrypt'],
  )
  if (!('privateKey' in made)) throw new Error('no pair')
  recipient = made
  const spki = await crypto.subtle.exportKey('spki', made.publicKey)
  if (!(spki instanceof ArrayBuffer)) throw new Error('exported as JSON')
  address = toBase64(new Uint8Array(spki))
})
afterAll(() => nod.close())

let drawn = 0
const owned = (login: string, changes: Readonly<Record<string, unknown>> = {}) =>
  movedToken(nod.phoneUrl(), `PIPUEXPORT${String(drawn++).padStart(2, '0')}`, {
    user: { login, realm: nod.realm, given_name: 'Ada', user_id: '1001', resolver: 'users' },
    ...changes,
  })
const send = ({ sent }: MovedToken) =>
  nod.service.call('POST', '/deployment/import', { json: { source: 'privacyidea', tokens: [sent] } })
const ask = (more: Readonly<Record<string, unknown>> = {}) =>
  nod.service.call('POST', '/deployment/export', { json: { recipient: address, realms: nod.realm, ...more } })

/** Opens a JWE as RFC 7516 says. */
async function opened(jwe: string): Promise<Readonly<Record<string, Readonly<Record<string, unknown>>>>> {
  const [header = '', wrapped = '', iv = '', sealed = '', tag = ''] = jwe.split('.')
  const bytes = (part: string) => {
    const base64 = part.replaceAll('-', '+').replaceAll('_', '/')
    return fromBase64(base64.padEnd(Math.ceil(base64.length / 4) * 4, '=')) ?? new Uint8Array()
  }
  const raw = await crypto.subtle.decrypt({ name: 'RSA-OAEP' }, recipient.privateKey, bytes(wrapped))
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['decrypt'])
  const whole = new Uint8Array([...bytes(sealed), ...bytes(tag)])
  const additionalData = new TextEncoder().encode(header)
  const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: bytes(iv), additionalData }, key, whole)
  return JSON.parse(new TextDecoder().decode(plain)) as never
}

async function exported() {
  const { value, status } = await ask()
  expect(status).toBe(200)
  const { tokens, secrets } = fields(value)
  const list = (tokens as unknown[]).map(fields)
  return {
    of: (serial: string) => fields(list.find((one) => one['serial'] === serial)),
    secrets: await opened(String(secrets)),
  }
}

describe('an export', () => {
  it('gives no secret of a token that is as it was imported', async () => {
    const token = await owned('as-imported', { pin: await foreignHash('4711', 100) })
    await send(token)
    const { of, secrets } = await exported()
    expect(of(token.serial)).toMatchObject({
      changed: false,
      origin: { source: 'privacyidea', digest: token.sent['digest'], user_id: '1001', resolver: 'users' },
      token: { username: 'as-imported', has_pin: true, signing_key: `imported:${token.serial}` },
    })
    expect(secrets['pins']).not.toHaveProperty(token.serial)
    expect(Object.keys(secrets['keys'] ?? {}).filter((id) => id.startsWith('imported:'))).toEqual([])
  })

  it('gives the PIN that was set since, as a hash, and keeps one that only the other server can check', async () => {
    const [set, pending] = [await owned('set'), await owned('pending', { pin: 'upstream' })]
    for (const token of [set, pending]) await send(token)
    await nod.service.call('POST', `/token/setpin/${set.serial}`, { form: { otppin: '1234' } })
    await nod.service.call('POST', `/token/description/${pending.serial}`, { form: { description: 'changed' } })
    const { of, secrets } = await exported()
    expect(of(set.serial)).toMatchObject({ changed: true })
    expect(of(pending.serial)).toMatchObject({ changed: true, token: { has_pin: true, description: 'changed' } })
    expect(secrets['pins']).not.toHaveProperty(pending.serial)
    const { digest, salt, hash } = fields(secrets['pins']?.[set.serial])
    expect(digest).toBe('SHA-256')
    // The Nod of the stories computes 100 rounds, whatever is asked for.
    const key = await crypto.subtle.importKey('raw', new TextEncoder().encode('1234'), 'PBKDF2', false, ['deriveBits'])
    const bits = await crypto.subtle.deriveBits(
      { name: 'PBKDF2', hash: 'SHA-256', salt: fromBase64(String(salt)) ?? new Uint8Array(), iterations: 100 },
      key,
      256,
    )
    expect(toBase64(new Uint8Array(bits))).toBe(hash)
  })

  it('gives a new phone with the key that signs its prompts, and says who was deleted', async () => {
    const gone = await owned('gone')
    await send(gone)
    await nod.service.call('DELETE', `/token/${gone.serial}`)
    const { serial, phone } = await nod.enroll('new-phone')
    const { of, secrets } = await exported()
    expect(of(gone.serial)).toMatchObject({ token: null, origin: { user_id: '1001' } })
    const token = fields(of(serial)['token'])
    expect(of(serial)).toMatchObject({ changed: true, origin: null })
    const pkcs8 = fromBase64(String(secrets['keys']?.[String(token['signing_key'])])) ?? new Uint8Array()
    const key = await crypto.subtle.importKey('pkcs8', pkcs8, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, [
      'sign',
    ])
    const jwk = await crypto.subtle.exportKey('jwk', key)
    const n = 'n' in jwk ? (jwk.n ?? '') : ''
    // The phone has the public half, PKCS#1: its modulus is in there.
    const modulus = toBase64(
      fromBase64(
        n
          .replaceAll('-', '+')
          .replaceAll('_', '/')
          .padEnd(Math.ceil(n.length / 4) * 4, '='),
      ) ?? new Uint8Array(),
    )
    const hex = (base64: string) =>
      Array.from(fromBase64(base64) ?? [], (byte) => byte.toString(16).padStart(2, '0')).join('')
    expect(hex(phone.tokens.get(serial)?.serverKey ?? '')).toContain(hex(modulus))
    const { transactionId } = await nod.service.trigger({ serial })
    await phone.accept(await nextPrompt(phone, serial))
    expect(await nod.service.finalize(transactionId, { serial })).toBe('ACCEPT')
  })

  it('is in the audit, with what left Nod', async () => {
    await exported()
    await expect
      .poll(async () => {
        const { value } = await nod.service.call('GET', '/audit/', { query: { action: '*deployment/export' } })
        return JSON.stringify(fields(value)['auditdata'])
      })
      .toMatch(/\d+ tokens, PIPU\w+ to PIPU\w+; \d PIN hashes; signing keys: k\d+-\d+/)
  })

  it('goes on after the last serial, and is encrypted for large RSA keys alone', async () => {
    expect(await ask({ after: 'zzzz' })).toMatchObject({ status: 200, value: { tokens: [], next: null } })
    expect(await ask({ realms: 'nosuch' })).toMatchObject({ status: 200, value: { tokens: [] } })
    for (const key of ['', '!', 'AAAA']) expect(await ask({ recipient: key })).toMatchObject({ status: 400 })
  })
})
