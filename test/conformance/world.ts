/** The server under test, and what a statement makes in it: everything has a name of its own and is deleted afterwards.
 *  It only speaks HTTP, and shares no line with the server. */
import { type Action, Driver, type EnrolledUser as Enrolled, type Owner } from '../driver/driver.ts'
import { GoogleControl } from '../driver/google.ts'
import type { PhoneOptions } from '../simulation/phone.ts'
import { type Reply, fields, summary } from '../simulation/reply.ts'
import type { Form, Service } from '../simulation/service.ts'
import type { PeerKind, PeerOptions } from './options.ts'
import { NotApplicable } from './statement.ts'

export interface EnrolledUser extends Enrolled {
  /** What the enrollment was answered. */
  readonly reply: Reply
}

interface EnrollOptions extends PhoneOptions {
  /** A new user unless set. */
  readonly owner?: Owner
  readonly pin?: string
  /** FCM reaches the phone; otherwise it has to poll. */
  readonly pushed?: boolean
}

export class World extends Driver {
  readonly options: PeerOptions
  /** As the server names itself. */
  version = ''
  kind: PeerKind = 'nod'
  readonly enrollmentPolicy: string
  #users: Owner[] = []
  #serials: string[] = []
  readonly #settings = new Map<string, unknown>()

  static async open(options: PeerOptions): Promise<World> {
    const world = new World(options, `conf-${crypto.randomUUID().slice(0, 8)}`)
    await world.signIn(options.admin)
    const reply = await world.call('GET', '/token/', { query: { pagesize: '1' } })
    world.version = String(fields(reply.body)['version'])
    world.kind = options.peer ?? (world.version.startsWith('privacyIDEA') ? 'privacyidea' : 'nod')
    if (options.users.length === 0) await world.call('POST', `/realm/${world.realm}`)
    await world.enrollment()
    return world
  }

  private constructor(options: PeerOptions, prefix: string) {
    super({ url: options.url }, { polled: options.realm ?? prefix, prefix })
    this.options = options
    this.enrollmentPolicy = `${prefix}-enrollment`
  }

  get call(): Service['call'] {
    return this.service.call.bind(this.service)
  }

  /** A user without a token; their name contains `kind`. */
  async newUser(kind = 'user'): Promise<Owner> {
    const { users } = this.options
    const listed = users[this.#users.length]
    if (users.length > 0 && listed === undefined) throw new NotApplicable(`--users names only ${users.length}`)
    const owner = { user: listed?.login ?? this.unique(kind), realm: this.realm }
    if (listed === undefined) await this.addUser(owner)
    this.#users.push(owner)
    return owner
  }

  async addUser(owner: Owner): Promise<void> {
    const reply = await this.call('POST', '/user/', { form: owner })
    if (reply.status !== 200) throw new Error(`POST /user/: ${summary(reply)}`)
  }

  /** Sets where this run's tokens register and how they are reached, until `close` or the next call. */
  async enrollment(action: Action = {}): Promise<void> {
    const usual = { push_registration_url: this.phoneUrl(), push_firebase_configuration: 'poll only' }
    await this.service.setPolicy(this.enrollmentPolicy, 'enrollment', { ...usual, ...action }, { realm: [this.realm] })
  }

  /** Runs `work`, whose enrollments are reached through the simulated Google. */
  async withDelivery<T>(work: () => Promise<T>): Promise<T> {
    void this.google
    await this.enrollment({ push_firebase_configuration: this.options.firebase })
    try {
      return await work()
    } finally {
      await this.enrollment()
    }
  }

  /** Step 1: the reply holds what the QR code says. `type=push&genkey=1` unless `form` sets them. */
  async init(form: Form): Promise<Reply> {
    const reply = await this.call('POST', '/token/init', { json: { type: 'push', genkey: '1', ...form } })
    if (typeof reply.detail.serial === 'string') this.#serials.push(reply.detail.serial)
    return reply
  }

  /** Enrolls a phone. */
  async enrollPhone({ owner, pin = '', pushed = false, ...options }: EnrollOptions = {}): Promise<EnrolledUser> {
    const user = owner ?? (await this.newUser())
    const begin = (): Promise<Reply> => this.init({ ...user, pin })
    const reply = await (pushed ? this.withDelivery(begin) : begin())
    if (reply.value !== true) throw new Error(`POST /token/init: ${summary(reply)}`)
    const phone = this.phone(options)
    const { serial } = await phone.register(phone.scan(reply.detail.pushurl?.value ?? ''))
    return { phone, serial, owner: user, reply }
  }

  /** Writes a policy for this run's users, until the statement ends. */
  override policy(scope: string, action: Action): Promise<string> {
    return super.policy(scope, action, { realm: [this.realm] })
  }

  /** As `policy`; false if the server knows no such action. */
  async tryPolicy(scope: string, action: Action): Promise<boolean> {
    return this.policy(scope, action).then(
      () => true,
      () => false,
    )
  }

  /** Changes a system setting, until the statement ends. */
  async setting(key: string, value: string): Promise<void> {
    const before = await this.call('GET', `/system/${key}`)
    const reply = await this.call('POST', '/system/setConfig', { form: { [key]: value } })
    if (reply.status !== 200) throw new NotApplicable(`the server takes no ${key}: ${summary(reply)}`)
    if (!this.#settings.has(key)) this.#settings.set(key, before.value)
  }

  get google(): GoogleControl {
    if (this.options.google === undefined) throw new NotApplicable('no simulated Google: --google')
    return new GoogleControl(this.options.google)
  }

  /** Deletes what a statement has made. */
  async tidy(): Promise<void> {
    await this.deletePolicies()
    for (const serial of new Set(this.#serials.splice(0))) await this.call('DELETE', `/token/${serial}`)
    for (const [key, value] of this.#settings)
      await (value === null || value === undefined
        ? this.call('DELETE', `/system/${key}`)
        : this.call('POST', '/system/setConfig', { form: { [key]: String(value) } }))
    this.#settings.clear()
    for (const owner of this.#users.splice(0)) await this.#deleteUser(owner)
  }

  override async close(): Promise<void> {
    await this.tidy()
    await this.call('DELETE', `/policy/${this.enrollmentPolicy}`)
    if (this.options.users.length === 0) await this.call('DELETE', `/realm/${this.realm}`)
  }

  async #deleteUser({ user, realm }: Owner): Promise<void> {
    if (this.options.users.length > 0) return
    await this.call('DELETE', `/user/nod/${user}`, { query: { realm } })
  }
}
