/** What the stories have at hand: the Nod that `test/served/setup.ts` serves, and in it two realms of each file's own, so
 *  that no file meets the users, tokens or policies of another. */
import { connect, type Socket } from 'node:net'
import { inject } from 'vitest'
import { type Credential, EDUMFA, Phone, type PhoneOptions, type Prompt } from '../simulation/phone.ts'
import { type Detail, fields } from '../simulation/reply.ts'
import { type Form, Service, type ServiceOptions } from '../simulation/service.ts'

const served = inject('served')
export const { url } = served
const { google } = served

type Action = Readonly<Record<string, string | true>>

interface EnrollOptions extends PhoneOptions {
  /** `push` for the privacyIDEA Authenticator, unless said otherwise; `edupush` for eduMFA's app. */
  readonly type?: 'push' | 'edupush'
  readonly pin?: string
  /** The phone is reached by FCM; else it has to poll. */
  readonly pushed?: boolean
  /** A phone that has a token already. */
  readonly phone?: Phone
  readonly serial?: string
}

interface EnrolledUser {
  readonly phone: Phone
  readonly serial: string
  /** Whose phone it is, for the service to name. */
  readonly owner: { readonly user: string; readonly realm: string }
}

interface PendingEnrollment extends EnrolledUser {
  readonly detail: Detail
  readonly credential: Credential
}

const SETTLER = 'settler'

export class Scene {
  /** The administrator's script, signed in; it calls as a plugin with an API token does. */
  readonly service: Service
  /** Tokens of this realm are poll-only. */
  readonly realm: string
  /** Tokens of this realm are delivered to by the simulated Google. */
  readonly pushedRealm: string
  readonly #serials = new Set<string>()
  readonly #enrollment: readonly string[]
  readonly #rules = new Set<string>()
  #scanned = 0

  static async open(name: string): Promise<Scene> {
    const scene = new Scene(name)
    await scene.service.auth(served.admin.login, served.admin.password)
    const [polled = '', pushed = ''] = scene.#enrollment
    // A realm is there while a user of it is, and only then may a policy name it.
    for (const realm of [scene.realm, scene.pushedRealm])
      await scene.service.call('POST', '/user/', { form: { user: SETTLER, realm } })
    const enrolls = (policy: string, firebase: string, realm: string): Promise<void> => {
      const action = Object.fromEntries(
        ['push', 'edupush'].flatMap((type) => [
          [`${type}_registration_url`, `${url}/ttype/${type}`],
          [`${type}_firebase_configuration`, firebase],
        ]),
      )
      return scene.service.setPolicy(policy, 'enrollment', action, { realm })
    }
    await enrolls(polled, 'poll only', scene.realm)
    await enrolls(pushed, 'fb1', scene.pushedRealm)
    return scene
  }

  private constructor(name: string) {
    this.service = new Service({ baseUrl: url })
    this.realm = name
    this.pushedRealm = `${name}-fcm`
    this.#enrollment = [`${name}-enroll`, `${name}-enroll-fcm`]
  }

  /** Nothing of the file is left, so that whatever comes after begins where this began. */
  async close(): Promise<void> {
    await this.liftPolicies()
    for (const serial of this.#serials) await this.service.call('DELETE', `/token/${serial}`)
    for (const policy of this.#enrollment) await this.service.deletePolicy(policy)
    for (const realm of [this.realm, this.pushedRealm])
      await this.service.call('DELETE', `/user/nod/${SETTLER}`, { query: { realm } })
  }

  /** Another caller of the same Nod, without the administrator's token unless it is given one. */
  caller(options: Partial<ServiceOptions> = {}): Service {
    return new Service({ baseUrl: url, ...options })
  }

  /** A user with a phone. */
  async enroll(user: string, how: EnrollOptions = {}): Promise<EnrolledUser> {
    const { type = 'push', pin = '', pushed = false, serial, phone, ...options } = how
    const who = { user, realm: pushed ? this.pushedRealm : this.realm }
    const detail = await this.service.init({ ...who, type, pin, ...(serial === undefined ? {} : { serial }) })
    const holding = phone ?? new Phone({ ...(type === 'edupush' ? { app: EDUMFA } : {}), ...options })
    const token = await holding.register(holding.scan(detail.pushurl?.value ?? ''))
    this.#serials.add(token.serial)
    return { phone: holding, serial: token.serial, owner: who }
  }

  /** A QR code as its user sees it, and a phone that has scanned it; nothing is registered yet. */
  async scan(extra: Form = {}, options: PhoneOptions = {}): Promise<PendingEnrollment> {
    const number = ++this.#scanned
    const who = { user: `user${number}`, realm: this.realm }
    const detail = await this.service.init({ serial: `SCAN${this.realm}${number}`, ...who, ...extra })
    const phone = new Phone(options)
    const credential = phone.scan(detail.pushurl?.value ?? '')
    this.#serials.add(credential.serial)
    return { serial: credential.serial, owner: who, detail, phone, credential }
  }

  /** An authentication policy for this file's users, until `lift`. */
  async authenticationPolicy(action: Action, extra: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const name = `${this.realm}-rule-${this.#rules.size + 1}`
    await this.service.setPolicy(name, 'authentication', action, { realm: [this.realm, this.pushedRealm], ...extra })
    this.#rules.add(name)
    return name
  }

  async liftPolicies(): Promise<void> {
    for (const name of this.#rules) await this.service.call('DELETE', `/policy/${name}`)
    this.#rules.clear()
  }

  /** The token as an administrator sees it. */
  async token(serial: string): Promise<Readonly<Record<string, unknown>>> {
    const { value } = await this.service.call('GET', '/token/', { query: { serial } })
    const { tokens } = fields(value)
    return fields(Array.isArray(tokens) ? tokens[0] : undefined)
  }

  async failures(serial: string): Promise<unknown> {
    return (await this.token(serial))['failcount']
  }

  /** A service key; whoever calls with it is not the administrator. */
  async serviceKey(name: string, role = 'validate'): Promise<string> {
    const { value } = await this.service.call('POST', '/apikey', { form: { name: `${this.realm}-${name}`, role } })
    return String(fields(value)['key'])
  }

  async revokeServiceKey(name: string): Promise<void> {
    await this.service.call('DELETE', `/apikey/${this.realm}-${name}`)
  }
}

/** The one prompt there is. */
export function only<T>(list: readonly T[]): T {
  const [first] = list
  if (first === undefined || list.length > 1) throw new Error(`expected one, got ${list.length}`)
  return first
}

export interface PushMessage {
  readonly registrationToken: string
  readonly data: Readonly<Record<string, string>>
  readonly message: Readonly<Record<string, unknown>>
  readonly answered: number | string
}

/** What Google was sent for this phone, oldest first. */
export async function messagesTo(phone: Phone, wait = 0): Promise<readonly PushMessage[]> {
  const query = new URLSearchParams({ registration_token: phone.registrationToken, wait: String(wait) })
  return (await fetch(`${google}/_/messages?${query}`)).json() as Promise<readonly PushMessage[]>
}

/** The prompt FCM brings to a phone, verified as the app does before it shows one. */
export async function deliveredPrompt(phone: Phone): Promise<Prompt> {
  for (let waited = 0; waited < 5000; waited += 50) {
    for (const { data, answered } of await messagesTo(phone)) {
      const prompt = answered === 200 ? await phone.receive(data) : undefined
      if (prompt !== undefined) return prompt
    }
    await sleep(50)
  }
  throw new Error(`nothing came by FCM; dropped: ${JSON.stringify(phone.dropped)}`)
}

/** The prompt of a request that has not been answered yet. */
export async function nextPrompt(phone: Phone): Promise<Prompt> {
  for (let waited = 0; waited < 5000; waited += 50) {
    const [prompt] = await phone.poll()
    if (prompt !== undefined) return prompt
    await sleep(50)
  }
  throw new Error('nothing to answer')
}

/** Google does as told with the messages to this phone. */
export async function tellGoogle(phone: Phone, behavior: unknown, times?: number): Promise<void> {
  const order = { behavior, registrationToken: phone.registrationToken, ...(times === undefined ? {} : { times }) }
  await fetch(`${google}/_/behave`, { method: 'POST', body: JSON.stringify(order) })
}

/** Google takes back every access token it has given out. */
export const revokeAccessTokens = (): Promise<unknown> => fetch(`${google}/_/revoke-access-tokens`, { method: 'POST' })

export const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))

/** Waits until it holds, twenty seconds at most unless said otherwise: for what Nod does after it has answered. */
export async function waitUntil(holds: () => Promise<boolean>, patience = 20_000): Promise<boolean> {
  for (let waited = 0; waited < patience; waited += 50) {
    if (await holds()) return true
    await sleep(50)
  }
  return false
}

/** A caller whose connection can be cut. */
export const openConnection = (address: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(address).port), '127.0.0.1', () => resolve(socket)).once('error', reject)
  })
