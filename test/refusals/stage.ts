/** Where strangers meet Nod: its Worker, by HTTP, with a phone and a service of the simulation. */
import { exports } from 'cloudflare:workers'
import type { Refusal } from '../../src/refusal.ts'
import { type Credential, Phone } from '../simulation/phone.ts'
import { fields, type Reply } from '../simulation/reply.ts'
import { type Form, Service } from '../simulation/service.ts'

export const ORIGIN = 'https://nod.example'
/** Where phones go. */
export const PUSH_URL = `${ORIGIN}/ttype/push`

/** An error: its code and message. */
interface Error {
  readonly status: number
  readonly code: number
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A login that goes no further: no error, but a reason. */
interface Reject {
  readonly authentication: 'REJECT' | 'DECLINED'
  readonly message: string
}

/** How a stranger meets a refusal over HTTP, and what he hears. */
export interface RefusalCase {
  readonly meet: () => Promise<Reply>
  readonly hears: Error | Reject
}

/** A refusal that no stranger hears of, and how rooms say it to one another. */
export interface InternalRefusal {
  readonly inside: () => Promise<Refusal['reason'] | undefined>
}

export type RefusalCases = Partial<Record<Refusal['reason'], RefusalCase>>

export const badRequest = (code: number, message: string): Error => ({
  status: 400,
  code,
  message: `ERR${code}: ${message}`,
})
export const unauthorized = (code: number, message: string): Error => ({
  status: 401,
  code,
  message: `Authentication failure. ${message}`,
})
export const forbidden = (message: string): Error => ({ status: 403, code: 303, message })
export const notFound = (message: string): Error => ({ status: 404, code: 601, message })
export const reject = (message: string): Reject => ({ authentication: 'REJECT', message })

const fetch = (request: Request): Promise<Response> => exports.default.fetch(request)

/** Whoever calls, with nothing to show. */
export const anonymous = new Service({ baseUrl: ORIGIN, fetch })

export const caller = (authorization: string): Service => new Service({ baseUrl: ORIGIN, fetch, authorization })

let signedIn: Promise<Service> | undefined

/** The administrator, signed in once for the file. */
export function administrator(): Promise<Service> {
  signedIn ??= (async () => {
    const service = new Service({ baseUrl: ORIGIN, fetch })
    await service.auth('admin', 'adminpw')
    return service
  })()
  return signedIn
}

export const newPhone = (): Phone => new Phone({ fetch, keys: 0 })

interface TokenInClientwait {
  readonly credential: Credential
  readonly phone: Phone
  readonly serial: string
}

/** A token whose QR code is out; poll-only unless said otherwise. */
export async function beginEnrollment(
  user: string,
  extra: Form = {},
  firebase = 'poll only',
): Promise<TokenInClientwait> {
  const service = await administrator()
  const action = { push_firebase_configuration: firebase, push_registration_url: PUSH_URL }
  const { pushurl } = await withPolicy('enrollment', action, {}, () => service.init({ user, ...extra }))
  const phone = newPhone()
  const credential = phone.scan(pushurl?.value ?? '')
  return { credential, phone, serial: credential.serial }
}

/** A user with a phone. */
export async function enroll(user: string, ...how: [Form?, string?]): Promise<{ phone: Phone; serial: string }> {
  const { phone, credential } = await beginEnrollment(user, ...how)
  const { serial } = await phone.register(credential)
  return { phone, serial }
}

/** What happens while a policy holds. */
export async function withPolicy<T>(
  scope: string,
  action: Readonly<Record<string, string | true>>,
  extra: Readonly<Record<string, unknown>>,
  work: () => Promise<T>,
): Promise<T> {
  const service = await administrator()
  const name = `under-${crypto.randomUUID()}`
  await service.setPolicy(name, scope, action, extra)
  try {
    return await work()
  } finally {
    await service.deletePolicy(name)
  }
}

/** A new service key. */
export async function serviceKey(role: string): Promise<string> {
  const form = { name: `key-${crypto.randomUUID()}`, role }
  const { value } = await (await administrator()).call('POST', '/apikey', { form })
  return String(fields(value)['key'])
}

/** The one prompt there is. */
export async function nextPrompt(phone: Phone) {
  for (let round = 0; round < 100; round++) {
    const [prompt] = await phone.poll()
    if (prompt !== undefined) return prompt
    await scheduler.wait(20)
  }
  throw new TypeError('no prompt came')
}
