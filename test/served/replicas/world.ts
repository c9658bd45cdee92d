/** One Nod with a replica of D1 that is as late as a test wants. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '../../../scripts/serve.mjs'
import { Driver } from '../../driver/driver.ts'
import { Service, type ServiceOptions } from '../../simulation/service.ts'

const ADMIN = { login: 'admin', password: 'adminpw-of-tests' }

export class ReplicaWorld extends Driver {
  /** A service whose requests are answered by an isolate that reads the replica, with the administrator's API token. */
  readonly late: Service
  readonly #stop: () => Promise<void>

  static async open(): Promise<ReplicaWorld> {
    const state = mkdtempSync(join(tmpdir(), 'nod-replicas-'))
    const settings = {
      PORT: '0',
      NOD_STATE: state,
      ADMIN_LOGIN: ADMIN.login,
      ADMIN_PASSWORD: ADMIN.password,
      SIGNING_KEY_BITS: '2048',
    }
    const around = join(import.meta.dirname, 'around.mjs')
    const nod = await serve(settings, { around, databases: { REPLICA: '00000000-0000-0000-0000-000000000001' } })
    const world = new ReplicaWorld(nod.url, async () => {
      await nod.stop()
      rmSync(state, { recursive: true, force: true })
    })
    await world.signIn(ADMIN)
    world.late.token = world.service.token
    await world.addRealm('polled', 'poll only')
    // The same user logs in again and again.
    await world.service.setPolicy('no-firewall', 'authentication', { push_firewall: 'off' })
    await world.bringReplicaUpToDate()
    return world
  }

  private constructor(url: string, stop: () => Promise<void>) {
    super({ url }, { polled: 'polled' })
    this.#stop = stop
    this.late = this.lateCaller()
  }

  override close(): Promise<void> {
    return this.#stop()
  }

  /** Another caller whose requests are answered by an isolate that reads the replica. */
  lateCaller(options: Partial<ServiceOptions> = {}): Service {
    const fetchLate = (request: Request): Promise<Response> => {
      request.headers.set('x-replica', 'late')
      return fetch(request)
    }
    return new Service({ baseUrl: this.url, fetch: fetchLate, ...options })
  }

  async bringReplicaUpToDate(): Promise<void> {
    await this.#tell('PUT', 'replica')
  }

  async loseReplica(): Promise<void> {
    await this.#tell('POST', 'gone')
  }

  async findReplica(): Promise<void> {
    await this.#tell('DELETE', 'gone')
  }

  /** The primary does not answer, as while Cloudflare moves it, until it has arrived. */
  async movePrimary(isUnderWay: boolean): Promise<void> {
    await this.#tell(isUnderWay ? 'POST' : 'DELETE', 'moving')
  }

  /** Calls of these objects get lost, as `Transactions weur/0`, or only those of a verb, as `Transactions weur/0 open`. */
  async loseCallsOf(...objects: readonly string[]): Promise<void> {
    await this.#tell(objects.length === 0 ? 'DELETE' : 'POST', 'deaf', JSON.stringify(objects))
  }

  async sql(text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.#tell('POST', 'sql', text)).json() as Promise<Readonly<Record<string, unknown>>[]>
  }

  async #tell(method: string, what: string, body?: string): Promise<Response> {
    const response = await fetch(`${this.url}/_/${what}`, { method, ...(body === undefined ? {} : { body }) })
    if (!response.ok) throw new Error(`${method} /_/${what}: ${response.status} ${await response.text()}`)
    return response
  }
}
