/** One Nod as `npm start` serves it, with faults between it and its world, a simulated Google, services and phones. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '../../scripts/serve.mjs'
import { Driver, type EnrolledUser, type EnrollOptions, type PendingEnrollment } from '../driver/driver.ts'
import { sleep } from '../driver/waiting.ts'
import { flushAudit } from '../served/flush-audit.ts'
import { type Google, startGoogle } from '../simulation/google.ts'
import type { Fault } from './fault.ts'

/** Each with a breaker of its own. */
const FIREBASES = Array.from({ length: 24 }, (_, at) => `fb${at}`)
const ADMIN = { login: 'admin', password: 'adminpw-of-tests' }

export class World extends Driver {
  readonly google: Google
  readonly #nod: Running
  #restarting: Promise<void> | undefined
  #firebases = 0

  static async open(): Promise<World> {
    const state = mkdtempSync(join(tmpdir(), 'nod-faults-'))
    const google = await startGoogle()
    const account = JSON.stringify(google.serviceAccount)
    const settings = {
      PORT: '0',
      NOD_STATE: state,
      ADMIN_LOGIN: ADMIN.login,
      ADMIN_PASSWORD: ADMIN.password,
      SIGNING_KEY_BITS: '2048',
      AUDIT_STRANGER_RECORDS_PER_HOUR: '100000',
      AUDIT_ARCHIVE_MODE: 'required',
      FCM_URL: google.url,
      ...Object.fromEntries(FIREBASES.map((name) => [`FIREBASE_${name.toUpperCase()}`, account])),
    }
    const around = join(import.meta.dirname, 'around.mjs')
    let nod = await serve(settings, { around })
    const { url } = nod
    const restart = async (): Promise<void> => {
      await nod.stop().catch(() => undefined)
      nod = await serve({ ...settings, PORT: new URL(url).port }, { around })
    }
    const stop = async (): Promise<void> => {
      await nod.stop().catch(() => undefined)
      await google.stop()
      rmSync(state, { recursive: true, force: true })
    }
    const world = new World(url, google, { restart, stop })
    await world.signIn(ADMIN)
    for (const realm of ['polled', 'waiting']) await world.addRealm(realm, 'poll only')
    // Faults repeat: a phone rings for one after the other, and none of these logins succeeds.
    await world.service.setPolicy('rings-on', 'authentication', { push_firewall: 'off' })
    await world.service.setPolicy('waits', 'authentication', { push_wait: '20' }, { realm: ['waiting'] })
    return world
  }

  private constructor(url: string, google: Google, nod: Running) {
    super({ url }, { polled: 'polled' })
    this.google = google
    this.#nod = nod
  }

  /** Signs the administrator in, whose API token is void after a restore. */
  signInAgain(): Promise<void> {
    return this.signIn(ADMIN)
  }

  override close(): Promise<void> {
    return this.#nod.stop()
  }

  /** Injects these faults from now on, and no others. Throws if one of those before was to happen so many times, and never
   *  did: its row would say nothing. */
  async injectFaults(...faults: readonly Fault[]): Promise<void> {
    const response = await fetch(`${this.url}/_/faults`, { method: 'POST', body: JSON.stringify(faults) })
    const ended = (await response.json()) as readonly (Fault & { left: number })[]
    const unused = ended.filter(({ left, times }) => left === times)
    if (unused.length > 0) throw new Error(`the fault never happened: ${JSON.stringify(unused)}`)
  }

  /** Ends all faults, as soon as Nod is up. */
  async clearFaults(): Promise<void> {
    await this.waitUntilUp()
    await this.injectFaults()
  }

  /** A new user whose phone has scanned its QR code. */
  beginNewEnrollment(options: EnrollOptions = {}): Promise<PendingEnrollment> {
    return this.beginEnrollment(this.unique('user'), options)
  }

  /** A new user with a phone. */
  enrollNewUser(options: EnrollOptions = {}): Promise<EnrolledUser> {
    return this.enroll(this.unique('user'), options)
  }

  /** Creates a realm whose tokens have a Firebase configuration that no other row uses. */
  async addFirebaseRealm(): Promise<string> {
    const name = FIREBASES[this.#firebases++]
    if (name === undefined) throw new Error('more rows than Firebase configurations')
    await this.addRealm(name, name)
    return name
  }

  async sql(text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const response = await fetch(`${this.url}/_/sql`, { method: 'POST', body: text })
    return response.json() as Promise<Readonly<Record<string, unknown>>[]>
  }

  /** Keeps the catalogue as it is now, for `putBackCatalogue`. */
  async keepCatalogue(): Promise<void> {
    await fetch(`${this.url}/_/catalogue`, { method: 'PUT' })
  }

  /** Puts D1 back to what was kept, as Time Travel does. */
  async putBackCatalogue(): Promise<void> {
    const { ok } = await fetch(`${this.url}/_/catalogue`, { method: 'POST' })
    if (!ok) throw new Error('D1 could not be put back')
  }

  /** Has the journal do its hourly housekeeping now. */
  async beginRounds(): Promise<void> {
    await fetch(`${this.url}/_/rounds`, { method: 'POST' })
  }

  /** How many records the audit has of each login, once it has one of all, or after fifteen seconds: an outbox waits five
   *  seconds before it offers again what was not taken. */
  async auditCounts(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const list = ids.map((id) => `'${id}'`).join(', ')
    await flushAudit(this.service)
    for (let waited = 0; ; waited += 250) {
      const rows = await this.sql(
        `SELECT transaction_id AS id, count(*) AS count FROM audit WHERE info = 'finalized' AND transaction_id IN (${list}) GROUP BY 1`,
      )
      if (rows.length === new Set(ids).size || waited > 15_000)
        return new Map(rows.map(({ id, count }) => [String(id), Number(count)]))
      await sleep(250)
    }
  }

  /** Ends workerd at once; it is started anew at the same address. */
  kill(): void {
    const [pid] = children()
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
  }

  /** Returns once Nod answers. Miniflare restarts a workerd that was killed, unless it is just starting one: then all of it is
   *  started anew. */
  async waitUntilUp(): Promise<void> {
    for (let tries = 1; tries < 400; tries++) {
      const answers = await fetch(`${this.url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      )
      if (answers) return
      await sleep(50)
      if (tries % 100 > 0) continue
      this.#restarting ??= this.#nod.restart().finally(() => (this.#restarting = undefined))
      await this.#restarting
    }
    throw new Error('Nod did not come back')
  }
}

interface Running {
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** The workerd that this process has started. */
function children(): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const [, command = '', parent = ''] = /\((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? []
      return command === 'workerd' && Number(parent) === process.pid ? [Number(name)] : []
    } catch {
      return [] // It ended meanwhile.
    }
  })
}
