/** The one way tests use Nod over HTTP: an administrator prepares users, tokens and policies, services open logins and
 *  phones answer them. Requests go over the network or, with a transport's `fetch`, to the Worker in the same process.
 *  It shares no line with the server. */
import { type Credential, EDUMFA, Phone, type PhoneOptions, type Prompt } from '../simulation/phone.ts'
import { type Detail, fields } from '../simulation/reply.ts'
import { type Form, type Login, Service, type ServiceOptions } from '../simulation/service.ts'
import { waitUntil } from './waiting.ts'

/** How requests reach the server. */
export interface Transport {
  readonly url: string
  /** In place of the network. */
  readonly fetch?: (request: Request) => Promise<Response>
}

export interface Administrator {
  readonly login: string
  readonly password: string
}

/** The realms of a driver's users. */
export interface Realms {
  /** Its tokens are poll-only. */
  readonly polled: string
  /** Its tokens are reached by FCM; the same realm unless set. */
  readonly pushed?: string
  /** Begins every name the driver gives; that of the realm unless set. */
  readonly prefix?: string
}

/** A user in a realm, as a service names them. */
export type Owner = Readonly<Record<'user' | 'realm', string>>

/** Policy actions, as `{ push_wait: '20', push_require_presence: true }`. */
export type Action = Readonly<Record<string, string | true>>

export interface EnrollOptions extends PhoneOptions {
  /** The realm of poll-only tokens, unless set. */
  readonly realm?: string
  /** Enrolls in the realm whose tokens FCM reaches. */
  readonly pushed?: boolean
  /** `push` for the privacyIDEA Authenticator, unless set; `edupush` for eduMFA's app. */
  readonly type?: 'push' | 'edupush'
  readonly pin?: string
  readonly serial?: string
  /** A phone that has a token already; a new one unless set. */
  readonly phone?: Phone
  /** Further parameters of `POST /token/init`. */
  readonly parameters?: Form
}

/** A user with a phone that holds a token. */
export interface EnrolledUser {
  readonly phone: Phone
  readonly serial: string
  readonly owner: Owner
}

/** A QR code that is shown and scanned, and nothing registered yet. */
export interface PendingEnrollment extends EnrolledUser {
  readonly credential: Credential
  readonly detail: Detail
}

export class Driver {
  readonly url: string
  readonly realm: string
  readonly pushedRealm: string
  /** The administrator's script. It also opens logins, as a plugin with an API token does. */
  readonly service: Service
  readonly #transport: Transport
  readonly #serials = new Set<string>()
  readonly #policies = new Set<string>()
  readonly #realms = new Set<string>()
  readonly #prefix: string
  #count = 0

  constructor(transport: Transport, { polled, pushed = polled, prefix = polled }: Realms) {
    this.url = transport.url
    this.#prefix = prefix
    this.realm = polled
    this.pushedRealm = pushed
    this.#transport = transport
    this.service = this.caller()
  }

  /** Signs the administrator in. */
  async signIn({ login, password }: Administrator): Promise<void> {
    await this.service.auth(login, password)
  }

  /** Creates the realm of poll-only tokens, and the one that this Firebase configuration reaches. */
  async addRealms(firebase: string): Promise<void> {
    await this.addRealm(this.realm, 'poll only')
    if (this.pushedRealm !== this.realm) await this.addRealm(this.pushedRealm, firebase)
  }

  /** Another caller of the same server, without the administrator's token. */
  caller(options: Partial<ServiceOptions> = {}): Service {
    const { url, fetch } = this.#transport
    return new Service({ baseUrl: url, fetch, ...options })
  }

  phone(options: PhoneOptions = {}): Phone {
    return new Phone({ fetch: this.#transport.fetch, ...options })
  }

  /** Where the phones of an app register, poll and answer. */
  phoneUrl(type: 'push' | 'edupush' = 'push'): string {
    return `${this.url}/ttype/${type}`
  }

  /** A name that this driver has not given before; names of a kind sort as they were given. */
  unique(kind: string): string {
    this.#count += 1
    return `${this.#prefix}-${kind}-${String(this.#count).padStart(2, '0')}`
  }

  /** Creates a realm whose tokens are enrolled with this Firebase configuration. */
  async addRealm(realm: string, firebase: string): Promise<void> {
    await this.service.call('POST', `/realm/${realm}`)
    this.#realms.add(realm)
    // Most stories are not about notices, and look at the prompts of logins.
    const action = { ...this.enrollmentAction(firebase), new_phone_notice: 'off' }
    await this.service.setPolicy(`${realm}-enroll`, 'enrollment', action, { realm })
  }

  /** The actions an enrollment needs, for both apps. `poll only` is no Firebase configuration. */
  enrollmentAction(firebase: string): Action {
    return Object.fromEntries(
      (['push', 'edupush'] as const).flatMap((type) => [
        [`${type}_registration_url`, this.phoneUrl(type)],
        [`${type}_firebase_configuration`, firebase],
      ]),
    )
  }

  /** Shows a user a QR code, and scans it with a phone. */
  async beginEnrollment(user = this.unique('user'), options: EnrollOptions = {}): Promise<PendingEnrollment> {
    const { pushed = false, realm = pushed ? this.pushedRealm : this.realm, type = 'push', ...rest } = options
    const { pin, serial, phone, parameters, ...phoneOptions } = rest
    const owner = { user, realm }
    const detail = await this.service.init({
      ...owner,
      type,
      ...(pin === undefined ? {} : { pin }),
      ...(serial === undefined ? {} : { serial }),
      ...parameters,
    })
    if (detail.serial !== undefined) this.#serials.add(detail.serial)
    const scanning = phone ?? this.phone({ ...(type === 'edupush' ? { app: EDUMFA } : {}), ...phoneOptions })
    const credential = scanning.scan(detail.pushurl?.value ?? '')
    return { owner, phone: scanning, serial: credential.serial, credential, detail }
  }

  /** Enrolls a phone for a user. */
  async enroll(user: string, options: EnrollOptions = {}): Promise<EnrolledUser> {
    const { phone, credential, owner } = await this.beginEnrollment(user, options)
    const { serial } = await phone.register(credential)
    return { phone, serial, owner }
  }

  /** Opens a login, and polls its prompt with the user's phone. */
  async loginWithPrompt({ owner, phone, serial }: EnrolledUser): Promise<{ login: Login; prompt: Prompt }> {
    const login = await this.service.trigger(owner)
    return { login, prompt: await nextPrompt(phone, serial) }
  }

  /** Writes a policy that applies until `deletePolicies`. Returns its name. */
  async policy(scope: string, action: Action, extra: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const name = this.unique('policy')
    await this.service.setPolicy(name, scope, action, extra)
    this.#policies.add(name)
    return name
  }

  /** As `policy`, for the logins of this driver's users. */
  async authenticationPolicy(action: Action, extra: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return this.policy('authentication', action, { realm: [this.realm, this.pushedRealm], ...extra })
  }

  async deletePolicies(): Promise<void> {
    for (const name of this.#policies) await this.service.call('DELETE', `/policy/${name}`)
    this.#policies.clear()
  }

  /** Runs `work` while a policy applies. */
  async withPolicy<T>(
    scope: string,
    action: Action,
    extra: Readonly<Record<string, unknown>>,
    work: () => Promise<T>,
  ): Promise<T> {
    const name = this.unique('policy')
    await this.service.setPolicy(name, scope, action, extra)
    try {
      return await work()
    } finally {
      await this.service.deletePolicy(name)
    }
  }

  /** A token as `GET /token/` lists it. */
  async token(serial: string): Promise<Readonly<Record<string, unknown>>> {
    const { value } = await this.service.call('GET', '/token/', { query: { serial } })
    const { tokens } = fields(value)
    return fields(Array.isArray(tokens) ? tokens[0] : undefined)
  }

  /** How many failed attempts a token has. */
  async failures(serial: string): Promise<unknown> {
    return (await this.token(serial))['failcount']
  }

  /** A new service key. */
  async serviceKey(name: string, role = 'validate'): Promise<string> {
    const { value } = await this.service.call('POST', '/apikey', { form: { name: `${this.#prefix}-${name}`, role } })
    return String(fields(value)['key'])
  }

  async revokeServiceKey(name: string): Promise<void> {
    await this.service.call('DELETE', `/apikey/${this.#prefix}-${name}`)
  }

  /** Deletes the policies and tokens that this driver has made, and its realms that have no users. */
  async close(): Promise<void> {
    await this.deletePolicies()
    await this.deleteTokens()
    for (const realm of this.#realms) {
      await this.service.call('DELETE', `/policy/${realm}-enroll`)
      await this.service.call('DELETE', `/realm/${realm}`)
    }
  }

  async deleteTokens(): Promise<void> {
    for (const serial of this.#serials) await this.service.call('DELETE', `/token/${serial}`)
    this.#serials.clear()
  }
}

/** Polls until a prompt comes: its login may still be opening. */
export async function nextPrompt(phone: Phone, serial?: string): Promise<Prompt> {
  const prompts: Prompt[] = []
  await waitUntil(async () => prompts.push(...(await phone.poll(serial))) > 0)
  const [prompt] = prompts
  if (prompt === undefined) throw new Error(`no prompt came; dropped: ${JSON.stringify(phone.dropped)}`)
  return prompt
}
