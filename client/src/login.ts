import { call, exchange, type ValueOf } from './call.ts'
import type { CallOptions, Nod } from './connection.ts'
import type { Envelope } from './envelope.ts'
import { done, mapped, type Outcome } from './outcome.ts'
import { repeatable, type RepeatableOptions } from './repeatable.ts'
import { sleep } from './sleep.ts'

/** Whom a login is for: a user, or the owner of a token. */
export type Subject =
  | { readonly user: string; readonly realm?: string | undefined; readonly serial?: string | undefined }
  | { readonly serial: string; readonly user?: undefined; readonly realm?: undefined }

export type LoginRequest = Subject & {
  /** Only tokens of this type, where policy lets the caller say so. */
  readonly type?: 'push' | 'edupush' | undefined
  /** The end user's address, where Nod believes this service about it. */
  readonly client?: string | undefined
}

/** With the key that a login was opened by, the same request joins it. */
export type LoginOptions = RepeatableOptions

/** The answer to a login that was opened, or was not. */
export type Opened = Challenge | Accepted | Declined | Rejected

/** The user's phones are asked. */
export interface Challenge {
  readonly status: 'challenge'
  /** 20 digits: what to wait for, and what to finalize. */
  readonly transactionId: string
  /** What to tell the user. */
  readonly message: string
  /** The option that the user has to tap on the phone, with number matching: show it. */
  readonly presence: string | undefined
  /** Whether the phone shows a code that the user has to type: finalize with it, without waiting. */
  readonly entersCode: boolean
  /** Serials of the tokens whose phones are asked. */
  readonly serials: readonly string[]
  /** The user has no phone yet: show the image, a QR code as data URI, and wait as for any login. */
  readonly enrollment: { readonly image: string; readonly link: string; readonly isOptional: boolean } | undefined
}

/** The login has succeeded. */
export interface Accepted {
  readonly status: 'accepted'
  readonly message: string
  readonly serial: string | undefined
  /** The whole detail: with user and realm, where policy adds them. */
  readonly detail: Envelope['detail']
}

/** The user has said no, while the request waited (`push_wait`). */
export interface Declined {
  readonly status: 'declined'
  readonly message: string
}

/** The login goes no further: wrong PIN, no token, locked. */
export interface Rejected {
  readonly status: 'rejected'
  /** Why, unless policies hide it. */
  readonly message: string
  /** Seconds that this caller has to wait. */
  readonly retryAfter: number | undefined
}

/** Opens a login without a PIN, which the caller has checked itself or does not want: the user's phones are asked. */
export async function trigger(nod: Nod, request: LoginRequest, options: LoginOptions = {}): Promise<Outcome<Opened>> {
  const answer = await exchange(nod, 'POST /validate/triggerchallenge', request, repeatable(options))
  return mapped(answer, openedOf)
}

/** Milliseconds that `check` may take unless set: policy may let the request wait two minutes for the phone. */
const CHECK_TIMEOUT_MS = 150_000

/** Checks the PIN, or a bypass code, and asks the user's phones. Under the policy `push_wait` it answers once the phone has. */
export async function check(
  nod: Nod,
  request: LoginRequest & { readonly pass: string },
  options: LoginOptions = {},
): Promise<Outcome<Opened>> {
  const all = { timeout: CHECK_TIMEOUT_MS, ...repeatable(options) }
  return mapped(await exchange(nod, 'POST /validate/check', request, all), openedOf)
}

/** How a login stands. `over`: it was finalized, has expired, or never was. */
export type LoginStatus = 'pending' | 'accepted' | 'declined' | 'cancelled' | 'over'

export const LOGIN_STATUS = {
  accept: 'accepted',
  declined: 'declined',
  cancelled: 'cancelled',
  pending: 'pending',
} as const

/** Tells how a login stands now. A login that is over reads `pending` here. */
export const loginStatus = (nod: Nod, transactionId: string, options?: CallOptions): Promise<Outcome<LoginStatus>> =>
  poll(nod, transactionId, 0, options)

async function poll(
  nod: Nod,
  transactionId: string,
  seconds: number,
  options?: CallOptions,
): Promise<Outcome<LoginStatus>> {
  const parameters = { transaction_id: transactionId, wait: seconds > 0 ? seconds : undefined }
  const answer = await exchange(nod, 'GET /validate/polltransaction/{transaction_id}', parameters, options)
  return mapped(answer, ({ detail }) => LOGIN_STATUS[detail.challenge_status] ?? 'pending')
}

/** Seconds that one request of `wait` waits: less than what proxies allow a quiet connection. */
const LONGEST_POLL = 25
/** Milliseconds between two requests of `wait`, where Nod does not let one wait. */
const SHORTEST_TURN_MS = 1_000
const PATIENCE_MS = 120_000

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds to wait; 120,000 unless set, which is how long a phone may answer. */
  readonly patience?: number | undefined
}

/** Waits until the phone has answered, and tells what it said; `pending` if the time is over, `over` if nothing can come any more.
 *  It asks by requests that Nod answers once there is something to tell. */
export async function wait(
  nod: Nod,
  transactionId: string,
  { signal, patience = PATIENCE_MS }: WaitOptions = {},
): Promise<Outcome<LoginStatus>> {
  const end = performance.now() + patience
  for (let early = 0; ;) {
    const askedAt = performance.now()
    const seconds = Math.max(0, Math.min(LONGEST_POLL, Math.ceil((end - askedAt) / 1000)))
    const status = await poll(nod, transactionId, seconds, { signal, timeout: (seconds + 15) * 1000 })
    if (!status.ok || status.value !== 'pending') return status
    const now = performance.now()
    if (now >= end) return status
    // Nod answers at once about a login that is over.
    early = now - askedAt < seconds * 500 ? early + 1 : 0
    if (early > 1) return done('over')
    if (early > 0) await sleep(Math.min(SHORTEST_TURN_MS, end - now), signal)
  }
}

/** A login to finalize, by the caller that opened it. */
export type FinalizeRequest = Subject & { readonly transactionId: string }

export interface FinalizeOptions extends CallOptions {
  /** The code that the phone shows, or a bypass code. */
  readonly code?: string | undefined
}

/** Uses an accepted login, once: only now is the user logged in. Not repeated by itself: if no answer comes, the login may be used up,
 *  and the user has to log in again. */
export async function finalize(
  nod: Nod,
  { transactionId, ...subject }: FinalizeRequest,
  { code = '', ...options }: FinalizeOptions = {},
): Promise<Outcome<Accepted | Rejected>> {
  const parameters = { ...subject, transaction_id: transactionId, pass: code }
  return mapped(await exchange(nod, 'POST /validate/check', parameters, options), (answer) => {
    const opened = openedOf(answer)
    return opened.status === 'accepted' || opened.status === 'rejected' ? opened : rejected(answer)
  })
}

/** Ends a login: its phones show it no longer, and nobody finalizes it. For the roles `helpdesk` and `admin`; a service lets a login
 *  expire. The value says whether there was an open one. */
export async function withdraw(nod: Nod, transactionId: string, options?: CallOptions): Promise<Outcome<boolean>> {
  const route = 'DELETE /token/challenges/transaction/{transaction_id}'
  return mapped(await call(nod, route, { transaction_id: transactionId }, options), ({ deleted }) => deleted > 0)
}

/** Lets a user in, this once, who does not want to enroll a phone now, where policy makes that optional. */
export async function cancelEnrollment(
  nod: Nod,
  transactionId: string,
  options?: CallOptions,
): Promise<Outcome<Accepted | Rejected>> {
  const parameters = { transaction_id: transactionId, cancel_enrollment: true }
  return mapped(await exchange(nod, 'POST /validate/check', parameters, options), (answer) => {
    const opened = openedOf(answer)
    return opened.status === 'accepted' ? opened : rejected(answer)
  })
}

/** The steps of a login, each with its time. */
export type Timeline = ValueOf<'GET /transaction/{transaction_id}'>
/** A proof of the phone's answer that can be checked without Nod. */
export type Receipt = ValueOf<'GET /transaction/{transaction_id}/receipt'>

/** Lists what has happened in a login so far: for administrators, and for the service that opened it. */
export const timeline = (nod: Nod, transactionId: string, options?: CallOptions): Promise<Outcome<Timeline>> =>
  call(nod, 'GET /transaction/{transaction_id}', { transaction_id: transactionId }, options)

/** Issues a receipt of a login, until ten minutes after its end. */
export const receipt = (nod: Nod, transactionId: string, options?: CallOptions): Promise<Outcome<Receipt>> =>
  call(nod, 'GET /transaction/{transaction_id}/receipt', { transaction_id: transactionId }, options)

type LoginAnswer = Pick<Envelope, 'authentication' | 'retryAfter'> & { readonly detail: LoginDetail }
type LoginDetail = Readonly<{
  transaction_id?: string
  message?: string
  presence_answer?: string
  image?: string
  link?: string
  serial?: string
  multi_challenge?: readonly {
    readonly serial: string
    readonly client_mode: string
    readonly presence_answer?: string
    readonly image?: string
    readonly link?: string
  }[]
  enroll_via_multichallenge?: boolean
  enroll_via_multichallenge_optional?: boolean
}>

function openedOf(answer: LoginAnswer): Opened {
  const { authentication, detail } = answer
  const { message = '', serial } = detail
  if (authentication === 'ACCEPT') return { status: 'accepted', message, serial, detail: { ...detail } }
  if (authentication === 'DECLINED') return { status: 'declined', message }
  return challengeOf(answer) ?? rejected(answer)
}

/** The challenge in an answer; undefined if it is none. */
export function challengeOf({ authentication, detail }: LoginAnswer): Challenge | undefined {
  const { transaction_id: transactionId, multi_challenge: entries = [], image, link, message = '' } = detail
  if (authentication !== 'CHALLENGE' || transactionId === undefined) return undefined
  const isOptional = detail.enroll_via_multichallenge_optional === true
  return {
    status: 'challenge',
    transactionId,
    message,
    presence: detail.presence_answer ?? entries.find((one) => one.presence_answer !== undefined)?.presence_answer,
    entersCode: entries.some((one) => one.client_mode === 'interactive'),
    serials: entries.map((one) => one.serial),
    enrollment: image === undefined ? undefined : { image, link: link ?? '', isOptional },
  }
}

const rejected = ({ detail, retryAfter }: LoginAnswer): Rejected => ({
  status: 'rejected',
  message: detail.message ?? '',
  retryAfter,
})
