/** A Nod that users move to from another server, which is simulated. */
import { expect } from 'vitest'
import type { EnrolledUser } from '../driver/driver.ts'
import { OwnNod } from '../served/own-nod.ts'
import { OldServer } from '../simulation/old-server.ts'
import type { Reply } from '../simulation/reply.ts'
import type { Form } from '../simulation/service.ts'

export class MovingWorld {
  readonly old: OldServer
  readonly nod: OwnNod
  #count = 0

  private constructor(old: OldServer, nod: OwnNod) {
    this.old = old
    this.nod = nod
  }

  static async open(settings: Readonly<Record<string, string>> = {}): Promise<MovingWorld> {
    const old = await OldServer.start()
    const nod = await OwnNod.start({
      ANONYMOUS_CHECK: 'allow',
      UPSTREAM_URL: old.url,
      UPSTREAM_LOGIN: old.account.login,
      UPSTREAM_PASSWORD: old.account.password,
      UPSTREAM_HEADERS: '{"X-Gate": "open"}',
      ...settings,
    })
    return new MovingWorld(old, nod)
  }

  async close(): Promise<void> {
    await this.nod.remove()
    await this.old.stop()
  }

  /** Begins a story: the upstream behaves and has heard nothing, and realm `own` has moved. */
  async begin(): Promise<void> {
    this.old.mischief = 'none'
    this.old.headers = {}
    this.old.requests.length = 0
    await this.cutOver('own', 100, { other_tokens: '1' })
  }

  async cutOver(realm: string, share: number, more: Form = {}): Promise<void> {
    const form = { share: String(share), ...more }
    const reply = await this.nod.driver.service.call('POST', `/deployment/upstream/realms/${realm}`, { form })
    expect(reply).toMatchObject({ status: 200, value: { share } })
  }

  newName(): string {
    this.#count += 1
    return `user${this.#count}`
  }

  /** A check as a plugin without a key sends it. */
  check(form: Form): Promise<Reply> {
    return this.nod.driver.caller().check({ realm: 'own', ...form })
  }

  /** A user with a phone here, and one-time passwords there, both with the PIN 1234. */
  async withBoth(otps: readonly string[] = ['755224']): Promise<EnrolledUser> {
    const user = this.newName()
    const enrolled = await this.nod.driver.enroll(user, { pin: '1234', realm: 'own' })
    this.withOtp(user, otps)
    return enrolled
  }

  /** A user whom only the upstream knows. */
  withOtp(user = this.newName(), otps: readonly string[] = ['755224']): string {
    this.old.add(user, { serial: `TOTP-${user}`, type: 'totp', otps: [...otps] })
    return user
  }

  /** Puts the last cut-over far back: for ten minutes the upstream is believed about logins that it opened before. */
  async settled(): Promise<void> {
    const value = JSON.stringify({ share: 100, before: 100, at: 0, otherTokens: true })
    await this.nod.query(`UPDATE settings SET value = '${value}' WHERE key = 'upstream_cut_over:own'`)
    await this.nod.query('UPDATE deployment SET settings_revision = settings_revision + 1')
    await this.cutOver('own', 100)
  }
}

/** The transaction id of an answer. */
export const idOf = ({ detail }: Reply): string => detail.transaction_id ?? ''
