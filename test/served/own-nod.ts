import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '../../scripts/serve.mjs'
import { Driver, type EnrolledUser } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { Cloudflare } from '../simulation/cloudflare.ts'
import { nod, type Ended } from './nod-command.ts'

const ADMIN = { login: 'admin', password: 'adminpw' }

type Settings = Readonly<Record<string, string>>

export const newKey = (): string => randomBytes(32).toString('base64')

/** A Nod with state folders of its own, which may stop, start again on another folder or with other settings, and whose
 *  database stands in the account of a simulated Cloudflare. */
export class OwnNod {
  /** Holds the state folders and backups of this Nod; removed with it. */
  readonly folder = mkdtempSync(join(tmpdir(), 'nod-own-'))
  /** The state folder it serves from. */
  state = join(this.folder, 'state')
  cloudflare: Cloudflare | undefined
  driver: Driver
  #settings: Settings
  #running: Awaited<ReturnType<typeof serve>> | undefined
  #port = '0'

  private constructor(settings: Settings) {
    this.#settings = {
      ADMIN_LOGIN: ADMIN.login,
      ADMIN_PASSWORD: ADMIN.password,
      SIGNING_KEY_BITS: '2048',
      MASTER_KEY: newKey(),
      ...settings,
    }
    this.driver = new Driver({ url: 'http://127.0.0.1:1' }, { polled: 'own' })
  }

  static async start(settings: Settings = {}): Promise<OwnNod> {
    const own = new OwnNod(settings)
    await own.start()
    await own.driver.addRealm('own', 'poll only')
    return own
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  /** Starts it, at the address it had before: phones know no other. */
  async start(changed: Settings = {}): Promise<void> {
    this.#settings = { ...this.#settings, ...changed }
    this.#running = await serve({ ...this.#settings, PORT: this.#port, NOD_STATE: this.state })
    this.#port = new URL(this.#running.url).port
    this.cloudflare = await Cloudflare.start({ database: await this.#running.database() })
    this.driver = new Driver({ url: this.url }, { polled: 'own' })
    await this.driver.signIn(ADMIN)
  }

  async stop(): Promise<void> {
    await this.cloudflare?.stop()
    await this.#running?.stop()
    this.#running = undefined
    this.cloudflare = undefined
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Runs `npm run nod -- <args>` as its operator, with the account in which its database is. */
  run(args: readonly string[], environment: Settings = {}): Promise<Ended> {
    return nod(args, {
      NOD_URL: this.url,
      NOD_STATE: this.state,
      ADMIN_LOGIN: ADMIN.login,
      ADMIN_PASSWORD: ADMIN.password,
      ...this.cloudflare?.environment,
      ...environment,
    })
  }

  /** Runs a statement in its database, past Nod. */
  async query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const database = await this.#running?.database()
    const { results = [] } = (await database?.prepare(sql).all()) ?? {}
    return results
  }

  /** Logs a user in, by PIN and phone. Returns what the service hears in the end. */
  async logIn({ owner, phone }: EnrolledUser, pin: string): Promise<string> {
    const login = await this.driver.service.triggerWithPin(owner, pin)
    await phone.accept(only(await phone.poll()))
    return this.driver.service.finalize(login.transactionId)
  }
}
