/** Services and phones that log in as fast as they can. They share no line with Nod, nor with the simulations, whose checks
 *  would cost more than Nod itself. */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import type { Client } from './client.ts'
import type { Google } from './google.ts'

export interface Phone {
  readonly serial: string
  readonly user: string
  readonly key: KeyObject
}

/** How a login is opened: by an API token, or by the user's PIN. */
export type LoginOpening = { readonly token: string } | { readonly pin: string }

export const PIN = '1234'

/** Enrolls and registers a phone of the user; its pushes go to the stand-in for FCM. `own`: the client of the phone itself. */
export async function enroll(client: Client, token: string, user: string, pem: string, own = client): Promise<Phone> {
  const key = createPrivateKey(pem)
  const form = { type: 'push', genkey: '1', user, pin: PIN }
  const { detail } = await client.call('init', 'POST', '/token/init', form, { Authorization: token })
  const { serial, enrollment_credential } = detail as { serial: string; enrollment_credential: string }
  const pubkey = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64')
  await own.call('register', 'POST', '/ttype/push', {
    serial,
    enrollment_credential,
    fbtoken: `fb-${serial}`,
    pubkey,
  })
  return { serial, user, key }
}

/** Opens a login and returns its transaction id. */
export async function trigger(client: Client, phone: Phone, opening: LoginOpening): Promise<string> {
  const { detail } =
    'token' in opening
      ? await client.call(
          'trigger',
          'POST',
          '/validate/triggerchallenge',
          { user: phone.user },
          { Authorization: opening.token },
        )
      : await client.call('trigger', 'POST', '/validate/check', { user: phone.user, pass: opening.pin })
  const id = detail?.['transaction_id']
  if (typeof id !== 'string') throw new Error(`no login for ${phone.user}: ${JSON.stringify(detail)}`)
  return id
}

/** Accepts the login of this nonce on the phone. */
export async function accept(client: Client, phone: Phone, nonce: string): Promise<void> {
  const signature = base32(sign('sha256', Buffer.from(`${nonce}|${phone.serial}`), phone.key))
  const { value } = await client.call('answer', 'POST', '/ttype/push', { serial: phone.serial, nonce, signature })
  if (value !== true) throw new Error(`the answer of ${phone.serial} was refused`)
}

/** Runs one whole login: trigger, push, answer, one status poll, finalize. */
export async function login(client: Client, google: Google, phone: Phone, opening: LoginOpening): Promise<void> {
  const pushed = google.next(phone.serial)
  const id = await trigger(client, phone, opening)
  await accept(client, phone, await pushed)
  const status = await client.call('status', 'GET', `/validate/polltransaction/${id}`)
  const used = await client.call('finalize', 'POST', '/validate/check', {
    user: phone.user,
    pass: '',
    transaction_id: id,
  })
  if (status.value !== true || used.value !== true) throw new Error(`the login of ${phone.user} failed`)
}

/** Polls as the phone and returns the number of prompts. */
export async function poll(client: Client, { serial, key }: Phone): Promise<number> {
  const timestamp = new Date().toISOString()
  const signature = base32(sign('sha256', Buffer.from(`${serial}|${timestamp}`), key))
  const query = new URLSearchParams({ serial, timestamp, signature }).toString()
  const { value } = await client.call('phone poll', 'GET', `/ttype/push?${query}`)
  return (value as unknown[]).length
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function base32(bytes: Uint8Array): string {
  let held = 0
  let value = 0
  let text = ''
  for (const byte of bytes) {
    value = (value << 8) | byte
    for (held += 8; held >= 5; held -= 5) text += ALPHABET[(value >>> (held - 5)) & 31]
    value &= (1 << held) - 1
  }
  if (held > 0) text += ALPHABET[(value << (5 - held)) & 31]
  return text + '='.repeat((8 - (text.length % 8)) % 8)
}
