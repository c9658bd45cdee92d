/** A token as another server has it: its server key, its phone with the key that it keeps, and what is sent to import it. Runs in Node and
 *  inside workerd. */
import type { Bytes } from '../simulation/bytes.ts'
import { fromBase64, toBase64, utf8 } from '../simulation/bytes.ts'
import { type Credential, generateKeys, type Keys, Phone, type PhoneOptions } from '../simulation/phone.ts'

export interface MovedToken {
  readonly serial: string
  readonly phone: Phone
  /** The token as `POST /deployment/import` takes it. */
  readonly sent: Readonly<Record<string, unknown>>
  /** Whether its server key has signed the text; `signature` in base64. */
  readonly verifies: (text: string, signature: string) => Promise<boolean>
}

const der = (exported: ArrayBuffer | object): Bytes => {
  if (!(exported instanceof ArrayBuffer)) throw new Error('exported as JSON')
  return new Uint8Array(exported)
}

/** PKCS#1 is what follows the header of an RSA SubjectPublicKeyInfo, whose length depends on the key's alone. */
const pkcs1Of = (spki: Bytes): Bytes => spki.slice(24)

export const hexDigest = async (text: string): Promise<string> =>
  Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(text))), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')

/** PBKDF2 with SHA-512 as passlib stores it, 25,000 rounds. */
export async function foreignHash(pin: string, rounds = 25_000) {
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const key = await crypto.subtle.importKey('raw', utf8(pin), 'PBKDF2', false, ['deriveBits'])
  const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-512', salt, iterations: rounds }, key, 512)
  return { digest: 'SHA-512', rounds, salt: toBase64(salt), hash: toBase64(new Uint8Array(bits)) }
}

/** What a QR code of the other server says. */
export const scannedCode = (url: string, serial: string): Credential => ({
  serial,
  enrollmentCredential: '',
  url,
  label: serial,
  issuer: 'old',
  ttl: 10,
  sslVerify: true,
  pollOnly: true,
  pinRequired: false,
  forceUnlock: undefined,
  image: undefined,
  scannedAt: 0,
})

let serverKey: Promise<Keys> | undefined

/** A token that a phone registered at another server, whose address is `url` from now on. `changes`: fields to send otherwise;
 *  `keysOfServer`: its server key, which is the same for all otherwise. */
export async function movedToken(
  url: string,
  serial: string,
  changes: Readonly<Record<string, unknown>> = {},
  options: PhoneOptions = {},
  keysOfServer?: Keys,
): Promise<MovedToken> {
  serverKey ??= generateKeys(2048)
  const keys = keysOfServer ?? (await serverKey)
  const privateKey = toBase64(der(await crypto.subtle.exportKey('pkcs8', keys.privateKey)))
  const spki = der(await crypto.subtle.exportKey('spki', keys.publicKey))
  const phone = new Phone(options)
  const { pubkey } = await phone.registrationForm(scannedCode(url, serial))
  phone.tokens.set(serial, {
    serial,
    url,
    issuer: 'old',
    label: serial,
    sslVerify: true,
    pollOnly: true,
    serverKey: toBase64(pkcs1Of(spki)),
  })
  const sent = {
    serial,
    type: 'push',
    state: 'enrolled',
    active: true,
    revoked: false,
    firebase: 'poll only',
    registration_url: url,
    phone_key: pubkey,
    private_key: privateKey,
    attempts: 0,
    max_attempts: 10,
    failures: 2,
    successes: 5,
    created_at: 1_700_000_000_000,
    realms: [],
    info: {},
    kept: {},
    ...changes,
  }
  const verifies = (text: string, signature: string) =>
    crypto.subtle.verify('RSASSA-PKCS1-v1_5', keys.publicKey, fromBase64(signature) ?? new Uint8Array(), utf8(text))
  return { serial, phone, sent: { digest: await hexDigest(JSON.stringify(sent)), ...sent }, verifies }
}
