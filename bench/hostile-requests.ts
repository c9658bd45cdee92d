/** Hostile requests: forged, made up or too large, each one different. */
import { randomBytes } from 'node:crypto'
import type { Client } from './client.ts'
import { type RequestResult, sendLarge } from './connections.ts'

/** One request. */
export type SendRequest = (client: Client) => Promise<RequestResult>
type Form = Readonly<Record<string, string>>

const LARGE = 10_000_000

const digits = (): string => Array.from(randomBytes(20), (byte) => byte % 10).join('')
const letters = (count: number): string =>
  Array.from(randomBytes(count), (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte % 32]).join('')
const serial = (): string => `PIPU${randomBytes(4).toString('hex').toUpperCase()}`
/** A made-up signature of 2048 bits, whose last letter has only two significant bits. */
const signature = (): string => `${letters(409)}A======`
const madeUpSignature = (): Form => ({ serial: serial(), timestamp: new Date().toISOString(), signature: signature() })

export const get =
  (path: () => string): SendRequest =>
  async (client) =>
    status(await client.call('flood', 'GET', path()))
const post =
  (path: string, form: () => Form): SendRequest =>
  async (client) =>
    status(await client.call('flood', 'POST', path, form()))
const status = (answer: { readonly status: number }): RequestResult => ({ status: String(answer.status), sent: 0 })
const phone = (form: () => Form): SendRequest => post('/ttype/push', form)

/** Returns the kinds of requests with their names. `rung`: an open challenge of a phone. */
export const hostileRequests = (
  url: string,
  rung: { readonly serial: string; readonly nonce: string },
): readonly (readonly [string, SendRequest])[] => [
  ['forged transaction id, polltransaction', get(() => `/validate/polltransaction/${digits()}`)],
  [
    'forged transaction id, finalize',
    post('/validate/check', () => ({ user: 'ada', pass: '', transaction_id: digits() })),
  ],
  ['forged answer, a nonce that is open', phone(() => ({ ...rung, signature: signature() }))],
  ['forged answer, a nonce that names nothing', phone(() => ({ ...rung, nonce: letters(64), signature: signature() }))],
  ['made-up serial, answer', phone(() => ({ serial: serial(), nonce: letters(64), signature: signature() }))],
  ['made-up serial, phone poll', get(() => `/ttype/push?${new URLSearchParams(madeUpSignature()).toString()}`)],
  [
    'made-up serial, registration',
    phone(() => ({ serial: serial(), enrollment_credential: letters(40), fbtoken: '', pubkey: letters(40) })),
  ],
  ['made-up serial, new registration token', phone(() => ({ ...madeUpSignature(), new_fb_token: letters(40) }))],
  ['a body of 10 MB, with its length', () => sendLarge(url, '/validate/check', LARGE, false)],
  ['a body of 10 MB, in chunks', () => sendLarge(url, '/validate/check', LARGE, true)],
]

/** Requests with names that nobody has. */
export const hostileNames: readonly (readonly [string, SendRequest])[] = [
  ['made-up name, sign-in', post('/auth', () => ({ username: letters(12), password: letters(12) }))],
  ['made-up name, check without a key', post('/validate/check', () => ({ user: letters(12), pass: '1' }))],
  [
    'made-up service key, list of tokens',
    async (client) =>
      status(await client.call('flood', 'GET', '/token/', undefined, { 'PI-Authorization': `nod_${letters(43)}` })),
  ],
]
