/** One Nod as `npm start` serves it, with faults between it and its world, a simulated Google, services and phones. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '../../scripts/serve.mjs'
import { flushAudit } from '../served/flush-audit.ts'
import { type Google, startGoogle } from '../simulation/google.ts'
import { Phone, type PhoneOptions } from '../simulation/phone.ts'
import { Service } from '../simulation/service.ts'
import type { Fault } from './fault.ts'

/** Each with a breaker of its own. */
const FIREBASES = Array.from({ length: 24 }, (_, at) => `fb${at}`)
const ADMIN = { login: 'admin', password: 'adminpw' }

export interface EnrolledUser {
  readonly phone: Phone
  readonly serial: string
  readonly owner: { readonly user: string; readonly realm: string }
}

export class World {
  readonly url: string
  readonly google: Google
  readonly service: Service
  readonly #nod: Running
  #restarting: Promise<void> | undefined
  #users = 0
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
    await world.#prepare()
    return world
  }

  private constructor(url: string, google: Google, nod: Running) {
    this.url = url
    this.google = google
    this.service = new Service({ baseUrl: url })
    this.#nod = nod
  }

  async #prepare(): Promise<void> {
    await this.service.auth(ADMIN.login, ADMIN.password)
    for (const realm of ['polled', 'waiting']) await this.#admit(realm, 'poll only')
    await this.service.setPolicy('waits', 'authentication', { push_wait: '20' }, { realm: ['waiting'] })
  }

  async #admit(realm: string, firebase: string): Promise<void> {
    // A realm is there while a user of it is, and only then may a policy name it.
    await this.service.call('POST', '/user/', { form: { user: 'settler', realm } })
    const action = { push_registration_url: `${this.url}/ttype/push`, push_firebase_configuration: firebase }
    await this.service.setPolicy(`enroll-${realm}`, 'enrollment', action, { realm })
  }

  close(): Promise<void> {
    return this.#nod.stop()
  }

  /** From now on these faults and no others. */
  async injectFaults(...faults: readonly Fault[]): Promise<void> {
    await fetch(`${this.url}/_/faults`, { method: 'POST', body: JSON.stringify(faults) })
  }

  /** No faults; where Nod is just coming back, as soon as it has. */
  async lift(): Promise<void> {
    await this.waitUntilUp()
    await this.injectFaults()
  }

  /** A user whose phone is still to scan its QR code. */
  async beginEnrollment(realm = 'polled', more: { pin?: string } & PhoneOptions = {}) {
    const { pin = '', ...options } = more
    const who = { user: `user${this.#users++}`, realm }
    const { pushurl } = await this.service.init({ ...who, pin })
    const phone = new Phone({ keys: this.#users % 4, ...options })
    return { who, phone, credential: phone.scan(pushurl?.value ?? '') }
  }

  async enroll(...how: Parameters<World['beginEnrollment']>): Promise<EnrolledUser> {
    const { who, phone, credential } = await this.beginEnrollment(...how)
    const { serial } = await phone.register(credential)
    return { owner: who, phone, serial }
  }

  /** A realm whose tokens have a Firebase configuration that no other row has met. */
  async addFirebaseRealm(): Promise<string> {
    const name = FIREBASES[this.#firebases++]
    if (name === undefined) throw new Error('more rows than Firebase configurations')
    await this.#admit(name, name)
    return name
  }

  async sql(text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const response = await fetch(`${this.url}/_/sql`, { method: 'POST', body: text })
    return response.json() as Promise<Readonly<Record<string, unknown>>[]>
  }

  /** How many records the audit has of each login, once it has one of all, or after fifteen seconds. They are handed
   *  over at once; an outbox waits five seconds before it offers again what was not taken. */
  async audited(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
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

  /** workerd ends and can do nothing about it; it is started anew at the same address. */
  kill(): void {
    const [pid] = children()
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
  }

  /** Returns once it answers. Miniflare starts a workerd that was killed anew, unless that happens while it is starting
   *  one: then all of it is started anew. */
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

export const sleep = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds))

/** The workerd that this process has started. */
function children(): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const [, command = '', parent = ''] = /\((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? []
      return command === 'workerd' && Number(parent) === process.pid ? [Number(name)] : []
    } catch {
      return [] // ended while we were looking
    }
  })
}
