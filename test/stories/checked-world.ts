/** A Nod that asks others about PINs: a simulated verifier about passwords, and a simulated old server about PINs of imported tokens. */
import { expect } from 'vitest'
import type { EnrolledUser } from '../driver/driver.ts'
import { type MovedToken, movedToken } from '../driver/moved.ts'
import { PasswordVerifier } from '../simulation/password-verifier.ts'
import type { Reply } from '../simulation/reply.ts'
import { fields } from '../simulation/reply.ts'
import type { Form } from '../simulation/service.ts'
import { MovingWorld } from './moving-world.ts'

/** What a caller hears while nobody answers. */
export const UNAVAILABLE = { status: 503, error: { message: 'ERR903: The PIN cannot be checked now.' } }
export const WRONG = { authentication: 'REJECT', detail: { message: 'wrong otp pin' } }

export class CheckedWorld {
  readonly moving: MovingWorld
  readonly verifier: PasswordVerifier

  private constructor(moving: MovingWorld, verifier: PasswordVerifier) {
    this.moving = moving
    this.verifier = verifier
  }

  static async open(): Promise<CheckedWorld> {
    const verifier = await PasswordVerifier.start()
    const settings = { PASSWORD_CHECK_URL: verifier.url, PASSWORD_CHECK_SECRET: verifier.secret }
    return new CheckedWorld(await MovingWorld.open(settings), verifier)
  }

  get driver() {
    return this.moving.nod.driver
  }

  async close(): Promise<void> {
    await this.moving.close()
    await this.verifier.stop()
  }

  /** Begins a story: realm `own` has moved, only Nod is asked, and PINs are those of tokens. */
  async begin(): Promise<void> {
    await this.moving.begin()
    await this.moving.cutOver('own', 100, { other_tokens: '0' })
    this.moving.old.asksTokens = false
    this.verifier.mischief = 'none'
    this.verifier.gate = undefined
    this.verifier.questions.length = 0
    await this.driver.deletePolicies()
  }

  check(form: Form): Promise<Reply> {
    return this.moving.check(form)
  }

  /** A user whose PIN is the password `open sesame`; their token has the PIN 1234. */
  async withPassword(): Promise<EnrolledUser> {
    await this.driver.policy('authentication', { otppin: 'userstore' }, { realm: 'own' })
    const enrolled = await this.driver.enroll(this.moving.newName(), { pin: '1234', realm: 'own' })
    this.verifier.passwords.set(`${enrolled.owner.user}@own`, 'open sesame')
    return enrolled
  }

  /** A user whose token was imported with the PIN 4711, which only the old server can compare. */
  async imported(changes: Readonly<Record<string, unknown>> = {}): Promise<MovedToken & EnrolledUser> {
    const user = this.moving.newName()
    const token = await movedToken(this.driver.phoneUrl(), `PIPU${user.toUpperCase()}`, {
      user: { login: user, realm: 'own', user_id: user, resolver: 'users' },
      pin: 'upstream',
      ...changes,
    })
    const json = { source: 'privacyidea', tokens: [token.sent] }
    await this.driver.service.call('POST', '/deployment/import', { json })
    this.moving.old.add(user, { serial: token.serial, type: 'push', pin: '4711' })
    return { ...token, owner: { user, realm: 'own' } }
  }

  async logIn({ owner, phone }: Pick<EnrolledUser, 'owner' | 'phone'>, pass: string): Promise<string> {
    const { transactionId } = await this.driver.service.triggerWithPin(owner, pass)
    await phone.accept((await phone.poll())[0] ?? expect.unreachable())
    return this.driver.service.finalize(transactionId, owner)
  }

  failures(serial: string): Promise<unknown> {
    return this.driver.failures(serial)
  }

  async pinState(serial: string): Promise<unknown> {
    return fields((await this.driver.token(serial))['info'])['pin_state']
  }

  /** How often the old server was asked about a PIN. */
  get copies(): number {
    return this.moving.old.seen('/token/copypin').length
  }
}
