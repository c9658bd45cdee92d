/** The server under test, and what a statement makes in it: everything has a name of its own and is gone afterwards.
 *  Black box over HTTP; it shares no line with the server. */
import { Phone, type PhoneOptions, type Prompt } from '../simulation/phone.ts'
import { type Reply, fields, summary } from '../simulation/reply.ts'
import { type Form, type Login, Service, type ServiceOptions } from '../simulation/service.ts'
import type { PeerKind, PeerOptions } from './options.ts'
import { NotApplicable } from './statement.ts'

export type Owner = Readonly<Record<'user' | 'realm', string>>

/** A user with an enrolled phone. */
export interface EnrolledUser {
  readonly phone: Phone
  readonly serial: string
  readonly owner: Owner
  readonly reply: Reply
}

interface EnrollOptions extends PhoneOptions {
  readonly who?: Owner
  readonly pin?: string
  /** The phone is reached by FCM; else it has to poll. */
  readonly pushed?: boolean
}

type Action = Readonly<Record<string, string | true>>

/** What a test asks the simulated Google for, without holding it. */
export interface Message {
  readonly data: Readonly<Record<string, unknown>>
  readonly message: Readonly<Record<string, unknown>>
  readonly answered: number | string
}

export class World {
  readonly options: PeerOptions
  /** The administrator's script, signed in. */
  readonly service: Service
  readonly realm: string
  /** As the server names itself. */
  version = ''
  kind: PeerKind = 'nod'
  readonly #name = `conf-${crypto.randomUUID().slice(0, 8)}`
  #count = 0
  #people: Owner[] = []
  #serials: string[] = []
  #policies: string[] = []
  readonly #settings = new Map<string, unknown>()

  static async open(options: PeerOptions): Promise<World> {
    const world = new World(options)
    const { login, password } = options.admin
    await world.service.auth(login, password)
    const reply = await world.call('GET', '/token/', { query: { pagesize: '1' } })
    world.version = String(fields(reply.body)['version'])
    world.kind = options.peer ?? (world.version.startsWith('privacyIDEA') ? 'privacyidea' : 'nod')
    await world.#settle()
    await world.enrollment()
    return world
  }

  private constructor(options: PeerOptions) {
    this.options = options
    this.service = new Service({ baseUrl: options.url })
    this.realm = options.realm ?? this.#name
  }

  get call(): Service['call'] {
    return this.service.call.bind(this.service)
  }

  /** Another caller of the same server, without the administrator's token unless given one. */
  caller(options: Partial<ServiceOptions> = {}): Service {
    return new Service({ baseUrl: this.options.url, ...options })
  }

  /** A name nothing else has. */
  unique(what: string): string {
    return `${this.#name}-${what}-${++this.#count}`
  }

  /** A user without a token; their name contains this. */
  async newUser(name = 'user'): Promise<Owner> {
    const { users } = this.options
    const { realm } = this
    if (users.length > 0) {
      const given = users[this.#people.length]
      if (given === undefined) throw new NotApplicable(`--users names only ${users.length}`)
      return this.#met({ user: given.login, realm })
    }
    const user = this.unique(name)
    const reply = await this.call('POST', '/user/', { form: { user, realm } })
    if (reply.status !== 200) throw new Error(`POST /user/: ${summary(reply)}`)
    return this.#met({ user, realm })
  }

  /** A realm is there while a user of it is, and only then may a policy name it. */
  async #settle(): Promise<void> {
    if (this.options.users.length > 0) return
    const { realm } = this
    await this.call('POST', '/user/', { form: { user: SETTLER, realm } })
  }

  #met(person: Owner): Owner {
    this.#people.push(person)
    return person
  }

  /** Where this run's tokens register and how they are reached, until `close` or the next call. */
  async enrollment(action: Action = {}): Promise<void> {
    const usual = { push_registration_url: this.registrationUrl, push_firebase_configuration: 'poll only' }
    await this.service.setPolicy(this.enrollmentPolicy, 'enrollment', { ...usual, ...action }, { realm: [this.realm] })
  }

  /** What is enrolled meanwhile is reached through the simulated Google. */
  async withDelivery<T>(work: () => Promise<T>): Promise<T> {
    this.google()
    await this.enrollment({ push_firebase_configuration: this.options.firebase })
    try {
      return await work()
    } finally {
      await this.enrollment()
    }
  }

  get registrationUrl(): string {
    return `${this.options.url}/ttype/push`
  }

  get enrollmentPolicy(): string {
    return `${this.#name}-enrollment`
  }

  /** Step 1: what the QR code says. `type=push&genkey=1` unless `form` says otherwise. */
  async init(form: Form): Promise<Reply> {
    const reply = await this.call('POST', '/token/init', { json: { type: 'push', genkey: '1', ...form } })
    if (typeof reply.detail.serial === 'string') this.#serials.push(reply.detail.serial)
    return reply
  }

  async enroll({ who, pin = '', pushed = false, ...options }: EnrollOptions = {}): Promise<EnrolledUser> {
    const owner = who ?? (await this.newUser())
    const initialized = (): Promise<Reply> => this.init({ ...owner, pin })
    const reply = await (pushed ? this.withDelivery(initialized) : initialized())
    if (reply.value !== true) throw new Error(`POST /token/init: ${summary(reply)}`)
    const phone = new Phone(options)
    const { serial } = await phone.register(phone.scan(reply.detail.pushurl?.value ?? ''))
    return { phone, serial, owner: owner, reply }
  }

  /** A policy of this run's users, until the statement ends. */
  async policy(scope: string, action: Action): Promise<void> {
    const name = this.unique('policy')
    await this.service.setPolicy(name, scope, action, { realm: [this.realm] })
    this.#policies.push(name)
  }

  /** As `policy`; false if the server knows no such action. */
  async tryPolicy(scope: string, action: Action): Promise<boolean> {
    return this.policy(scope, action).then(
      () => true,
      () => false,
    )
  }

  async dropPolicies(): Promise<void> {
    for (const name of this.#policies.splice(0)) await this.call('DELETE', `/policy/${name}`)
  }

  /** A system setting, until the statement ends. */
  async setting(key: string, value: string): Promise<void> {
    const before = await this.call('GET', `/system/${key}`)
    const reply = await this.call('POST', '/system/setConfig', { form: { [key]: value } })
    if (reply.status !== 200) throw new NotApplicable(`the server takes no ${key}: ${summary(reply)}`)
    if (!this.#settings.has(key)) this.#settings.set(key, before.value)
  }

  /** The token as an administrator sees it. */
  async token(serial: string): Promise<Readonly<Record<string, unknown>>> {
    const { value } = await this.call('GET', '/token/', { query: { serial } })
    const { tokens } = fields(value)
    return fields(Array.isArray(tokens) ? tokens[0] : undefined)
  }

  /** A login opened for this holder, and the prompt its phone got by polling. */
  async loginWithPrompt({ owner: who, phone, serial }: EnrolledUser): Promise<{ login: Login; prompt: Prompt }> {
    const login = await this.service.trigger(who)
    const [prompt] = await phone.poll(serial)
    if (prompt === undefined) throw new Error(`nothing to answer; dropped: ${JSON.stringify(phone.dropped)}`)
    return { login, prompt }
  }

  /** The prompt of a request that has not been answered yet. */
  async nextPrompt({ phone, serial }: EnrolledUser): Promise<Prompt> {
    for (let waited = 0; waited < 5000; waited += 100) {
      const [prompt] = await phone.poll(serial)
      if (prompt !== undefined) return prompt
      await sleep(100)
    }
    throw new Error('nothing to answer within 5 s')
  }

  google(): string {
    if (this.options.google === undefined) throw new NotApplicable('no simulated Google: --google')
    return this.options.google
  }

  /** What Google was sent for a registration token, oldest first; waits for the first. */
  async messagesTo(registrationToken: string): Promise<readonly Message[]> {
    const query = new URLSearchParams({ registration_token: registrationToken, wait: '5000' })
    return (await fetch(`${this.google()}/_/messages?${query}`)).json() as Promise<readonly Message[]>
  }

  /** Google does as told with the messages to this phone. */
  async tellGoogle(phone: Phone, behavior: unknown, times?: number): Promise<void> {
    const order = { behavior, registrationToken: phone.registrationToken, ...(times === undefined ? {} : { times }) }
    await fetch(`${this.google()}/_/behave`, { method: 'POST', body: JSON.stringify(order) })
  }

  /** Nothing is left of the statement. */
  async tidy(): Promise<void> {
    await this.dropPolicies()
    for (const serial of new Set(this.#serials.splice(0))) await this.call('DELETE', `/token/${serial}`)
    for (const [key, value] of this.#settings)
      await (value === null || value === undefined
        ? this.call('DELETE', `/system/${key}`)
        : this.call('POST', '/system/setConfig', { form: { [key]: String(value) } }))
    this.#settings.clear()
    for (const { user, realm } of this.#people.splice(0))
      if (this.options.users.length === 0) await this.call('DELETE', `/user/nod/${user}`, { query: { realm } })
  }

  async close(): Promise<void> {
    await this.tidy()
    await this.call('DELETE', `/policy/${this.enrollmentPolicy}`)
    if (this.options.users.length > 0) return
    await this.call('DELETE', `/user/nod/${SETTLER}`, { query: { realm: this.realm } })
  }
}

const SETTLER = 'settler'

export const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))
