/** One Nod whose isolates and objects have different secrets, as during a deployment. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '../../../scripts/serve.mjs'
import { Driver } from '../../driver/driver.ts'
import { type Google, startGoogle } from '../../simulation/google.ts'
import { Service, type ServiceOptions } from '../../simulation/service.ts'

export interface Secrets {
  readonly MASTER_KEY: string
  readonly MASTER_KEY_PREVIOUS?: string
}

const ADMIN = { login: 'admin', password: 'adminpw-of-tests' }

export class RotationWorld extends Driver {
  readonly google: Google
  readonly #stop: () => Promise<void>

  /** Starts with this key alone. */
  static async open(key: string): Promise<RotationWorld> {
    const state = mkdtempSync(join(tmpdir(), 'nod-rotation-'))
    const google = await startGoogle()
    const settings = {
      PORT: '0',
      NOD_STATE: state,
      MASTER_KEY: key,
      ADMIN_LOGIN: ADMIN.login,
      ADMIN_PASSWORD: ADMIN.password,
      SIGNING_KEY_BITS: '2048',
      FCM_URL: google.url,
      FIREBASE_FB1: JSON.stringify(google.serviceAccount),
    }
    const nod = await serve(settings, { around: join(import.meta.dirname, 'secrets.mjs') })
    const world = new RotationWorld(nod.url, google, async () => {
      await nod.stop()
      await google.stop()
      rmSync(state, { recursive: true, force: true })
    })
    await world.signIn(ADMIN)
    await world.addRealms('fb1')
    return world
  }

  private constructor(url: string, google: Google, stop: () => Promise<void>) {
    super({ url }, { polled: 'polled', pushed: 'pushed' })
    this.google = google
    this.#stop = stop
  }

  override close(): Promise<void> {
    return this.#stop()
  }

  /** A service whose requests are answered by isolates with these secrets, with the administrator's API token. */
  through(secrets: Secrets, options: Partial<ServiceOptions> = {}): Service {
    const service = new Service({
      baseUrl: this.url,
      fetch: (request) => {
        request.headers.set('x-secrets', JSON.stringify(secrets))
        return fetch(request)
      },
      ...options,
    })
    service.token = this.service.token
    return service
  }

  /** All requests without a say of their own go to new isolates with these secrets. */
  async deployIsolates(secrets: Secrets): Promise<void> {
    await this.#post('isolates', JSON.stringify(secrets))
  }

  /** All objects restart with these secrets. Returns how many. */
  async deployObjects(secrets: Secrets): Promise<number> {
    return (await (await this.#post('objects', JSON.stringify(secrets))).json()) as number
  }

  async sql(text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await (await this.#post('sql', text)).json()) as Readonly<Record<string, unknown>>[]
  }

  /** So many seconds pass for the master keys. */
  async pass(seconds: number): Promise<void> {
    await this.sql(
      `UPDATE master_keys SET first_seen = first_seen - ${seconds * 1000}, current_since = current_since - ${seconds * 1000}`,
    )
  }

  #post(path: string, body: string): Promise<Response> {
    return fetch(`${this.url}/_/${path}`, { method: 'POST', body })
  }
}
