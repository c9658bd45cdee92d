import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { currentBuild } from '../../scripts/lib/build-cache.mjs'
import { openDatabase } from '../../scripts/lib/database.mjs'
import { serve } from '../../scripts/serve.mjs'
import { Driver, type EnrolledUser } from '../driver/driver.ts'
import { read } from '../docs/repository.ts'
import { only } from '../driver/waiting.ts'
import { Cloudflare, type Served } from '../simulation/cloudflare.ts'
import { PLACEHOLDER } from '../simulation/cloudflare/api.ts'
import { nod, type Ended } from './nod-command.ts'

const ADMIN = { login: 'admin', password: 'adminpw-of-tests' }

type Settings = Readonly<Record<string, string>>

/** The tag of the last migration of object classes. */
const LAST_CLASSES = /^tag = "([^"]+)"(?![\s\S]*^tag = )/m

export const newKey = (): string => randomBytes(32).toString('base64')

/** A Nod with state folders of its own, which may stop, start again on another folder or with other settings, and which is
 *  the Worker in the account of a simulated Cloudflare: its database and its secrets. */
export class OwnNod {
  /** Holds the state folders and backups of this Nod; removed with it. */
  readonly folder = mkdtempSync(join(tmpdir(), 'nod-own-'))
  /** The state folder it serves from. */
  state = join(this.folder, 'state')
  cloudflare: Cloudflare
  driver: Driver
  #settings: Settings
  #running: Awaited<ReturnType<typeof serve>> | undefined
  /** The database alone, of an account in which nothing runs yet. */
  #database: Awaited<ReturnType<typeof openDatabase>> | undefined
  #port = '0'

  private constructor(settings: Settings, cloudflare: Cloudflare) {
    this.#settings = {
      ADMIN_LOGIN: ADMIN.login,
      ADMIN_PASSWORD: ADMIN.password,
      BREAK_GLASS_SECRET: 'the break-glass secret of this Nod',
      SIGNING_KEY_BITS: '2048',
      MASTER_KEY: newKey(),
      ...settings,
    }
    this.cloudflare = cloudflare
    this.driver = new Driver({ url: 'http://127.0.0.1:1' }, { polled: 'own' })
  }

  static async start(settings: Settings = {}): Promise<OwnNod> {
    const own: OwnNod = new OwnNod(settings, await OwnNod.#account(() => own))
    await own.start()
    await own.driver.addRealm('own', 'poll only')
    return own
  }

  static async #account(own: () => OwnNod): Promise<Cloudflare> {
    const account = await Cloudflare.start({
      database: async () => own().#openDatabase(),
      run: async (served) => own().#serve(served),
    })
    account.databaseId = PLACEHOLDER // as in wrangler.toml
    return account
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  /** What its operator has in the environment: the deployment, the credential, the account. */
  get environment(): Settings {
    const { ADMIN_LOGIN = '', ADMIN_PASSWORD = '', BREAK_GLASS_SECRET = '', MASTER_KEY = '' } = this.#settings
    const credential = { ADMIN_LOGIN, ADMIN_PASSWORD, BREAK_GLASS_SECRET, MASTER_KEY }
    return { NOD_URL: this.url, NOD_STATE: this.state, ...credential, ...this.cloudflare.environment }
  }

  /** Starts it, at the address it had before: phones know no other. */
  async start(changed: Settings = {}): Promise<void> {
    this.#settings = { ...this.#settings, ...changed }
    const { worker, migrations } = await currentBuild()
    const objects = Object.entries<{ className: string }>(worker['durableObjects'])
    const classes = objects.map(([, { className }]) => className)
    const bindings = [
      { type: 'd1', name: 'DB', id: this.cloudflare.databaseId ?? PLACEHOLDER },
      ...objects.map(([name, { className }]) => ({ type: 'durable_object_namespace', name, class_name: className })),
    ]
    const secrets = new Map(Object.entries(this.#settings))
    const migrationTag = LAST_CLASSES.exec(read('wrangler.toml'))?.[1]
    const message = `Nod, schema ${migrations.at(-1)?.name.replace('.sql', '')}` // as npm run deploy writes it
    const annotations = { 'workers/message': message }
    await this.cloudflare.workers.install('nod', { bindings, secrets, migrationTag, annotations }, classes)
    this.driver = new Driver({ url: this.url }, { polled: 'own' })
    await this.signIn()
  }

  signIn(): Promise<void> {
    return this.driver.signIn(ADMIN)
  }

  async stop(): Promise<void> {
    await this.#database?.close()
    await this.#running?.stop()
    this.#running = undefined
    this.#database = undefined
  }

  /** Moves to an account that has nothing yet, and a state folder that has nothing yet. */
  async leaveAccount(): Promise<void> {
    await this.stop()
    await this.cloudflare.stop()
    this.state = this.path('elsewhere')
    this.cloudflare = await OwnNod.#account(() => this)
    this.cloudflare.databaseId = undefined
  }

  async remove(): Promise<void> {
    await this.stop()
    await this.cloudflare.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Runs `npm run nod -- <args>` as its operator. */
  run(args: readonly string[], environment: Settings = {}): Promise<Ended> {
    return nod(args, { ...this.environment, ...environment })
  }

  /** Runs a statement in its database, past Nod. */
  async query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const { results } = await (await this.#openDatabase()).prepare(sql).all()
    return results
  }

  /** Logs a user in, by PIN and phone. Returns what the service hears in the end. */
  async logIn({ owner, phone }: EnrolledUser, pin: string): Promise<string> {
    const login = await this.driver.service.triggerWithPin(owner, pin)
    await phone.accept(only(await phone.poll()))
    return this.driver.service.finalize(login.transactionId)
  }

  /** Serves the Worker of the account, with its secrets. One process cannot serve two versions, but all are of this checkout: where two
   *  share the traffic, the newer one serves. test/deploy has both. */
  async #serve({ traffic }: Served): Promise<void> {
    const [version] = traffic.map((one) => one.version).toSorted((a, b) => b.number - a.number)
    // `wrangler secret put` makes an empty Worker if there is none.
    if (version === undefined || version.bindings.length === 0) return
    const { SIGNING_KEY_BITS = '' } = this.#settings
    this.#settings = { SIGNING_KEY_BITS, ...Object.fromEntries(version.secrets) }
    await this.stop()
    const settings = { ...this.#settings, PORT: this.#port, NOD_STATE: this.state }
    const around = join(import.meta.dirname, 'quick-hashes.mjs')
    this.#running = await serve(settings, { around, version: { id: version.id } })
    this.#port = new URL(this.#running.url).port
  }

  async #openDatabase() {
    if (this.#running !== undefined) return this.#running.database()
    this.#database ??= await openDatabase(this.state, { ...(await currentBuild()), migrations: [] })
    return this.#database.db
  }
}
