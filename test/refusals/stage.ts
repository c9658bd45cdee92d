/** How a refusal is provoked over HTTP, and what it is answered: the Worker of this isolate, a phone and a service. */
import type { Refusal } from '../../src/refusal.ts'
import { type Action, Driver, type EnrollOptions } from '../driver/driver.ts'
import { inProcess } from '../driver/in-process.ts'
import type { Phone } from '../simulation/phone.ts'
import type { Reply } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'

const nod = new Driver(inProcess, { polled: 'defrealm', prefix: 'refusals' })

export const ORIGIN = nod.url
/** Where phones register, poll and answer. */
export const PUSH_URL = nod.phoneUrl()

interface ErrorReply {
  readonly status: number
  readonly code: number
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A login that is rejected: the answer is no error, but has a message. */
interface RejectReply {
  readonly authentication: 'REJECT' | 'DECLINED'
  readonly message: string
}

/** How to provoke a refusal over HTTP, and how it is answered. */
export interface RefusalCase {
  readonly provoke: () => Promise<Reply>
  readonly reply: ErrorReply | RejectReply
}

/** A refusal that no caller gets, and how to provoke it inside of Nod. */
export interface InternalRefusal {
  readonly reason: () => Promise<Refusal['reason'] | undefined>
}

export type RefusalCases = Partial<Record<Refusal['reason'], RefusalCase>>

export const badRequest = (code: number, message: string): ErrorReply => ({
  status: 400,
  code,
  message: `ERR${code}: ${message}`,
})
export const unauthorized = (code: number, message: string): ErrorReply => ({
  status: 401,
  code,
  message: `Authentication failure. ${message}`,
})
export const forbidden = (message: string): ErrorReply => ({ status: 403, code: 303, message })
export const notFound = (message: string): ErrorReply => ({ status: 404, code: 601, message })
export const reject = (message: string): RejectReply => ({ authentication: 'REJECT', message })

/** A service without credentials. */
export const anonymous = nod.caller()

export const caller = (authorization: string): Service => nod.caller({ authorization })

let signedIn: Promise<void> | undefined

/** The administrator, signed in once for the file. */
export async function administrator(): Promise<Service> {
  signedIn ??= nod.signIn({ login: 'admin', password: 'adminpw-of-tests' })
  await signedIn
  return nod.service
}

export const newPhone = (): Phone => nod.phone({ keys: 0 })

/** A token whose QR code is scanned and not registered; poll-only unless `firebase` is set. */
export async function beginEnrollment(user: string, options: EnrollOptions = {}, firebase = 'poll only') {
  return withPolicy('enrollment', nod.enrollmentAction(firebase), {}, () =>
    nod.beginEnrollment(user, { keys: 0, ...options }),
  )
}

/** A user with a phone. */
export async function enroll(user: string, ...rest: [EnrollOptions?, string?]) {
  const { phone, credential } = await beginEnrollment(user, ...rest)
  const { serial } = await phone.register(credential)
  return { phone, serial }
}

/** Runs `work` while a policy applies. */
export async function withPolicy<T>(
  scope: string,
  action: Action,
  extra: Readonly<Record<string, unknown>>,
  work: () => Promise<T>,
): Promise<T> {
  await administrator()
  return nod.withPolicy(scope, action, extra, work)
}

/** A new service key. */
export async function serviceKey(role: string): Promise<string> {
  await administrator()
  return nod.serviceKey(nod.unique('key'), role)
}
