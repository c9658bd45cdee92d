import type { Ports } from '../ports/ports.ts'
import type { RequestOf, TransactionsObject } from '../ports/transactions-object.ts'
import { done, type Outcome } from '../refusal.ts'
import { loginReply, type LoginReply } from '../rules/login/login-reply.ts'
import { loginEvidence } from '../rules/login/receipt.ts'
import { endsAt, loginStatus } from '../rules/login/transaction.ts'
import { type WaitingFor, waitingShares, type WaitingShare } from '../rules/login/waiting-shares.ts'
import { type LoginStatus, type Seconds, seconds, type TransactionId } from '../vocabulary.ts'
import type { LoginEvidence } from '../vocabulary/receipts.ts'
import type { LoginStore } from './login-store.ts'
import type { Waiters } from './waiters.ts'

type StatusVerbs = Pick<TransactionsObject, 'status' | 'stopWaiting' | 'loginReply' | 'receipt'>

/** Answers how the shard's logins stand, at once or as soon as that changes. */
export class StatusWatch implements StatusVerbs {
  readonly #ports: Pick<Ports, 'now'>
  readonly #store: LoginStore
  readonly #waiters: Waiters

  constructor(ports: Pick<Ports, 'now'>, store: LoginStore, waiters: Waiters) {
    this.#ports = ports
    this.#store = store
    this.#waiters = waiters
  }

  /** Whether one more caller can wait for this login. A login that is decided needs no waiting, so there is always room. */
  hasRoomFor(id: TransactionId, waitsFor: WaitingFor): boolean {
    return this.#statusOf(id) !== 'pending' || this.#waiters.hasRoomFor(id, this.#sharesOf(id, waitsFor))
  }

  #sharesOf(id: TransactionId, waitsFor: WaitingFor): readonly WaitingShare[] {
    const login = this.#store.get(id)
    return login === undefined ? [] : waitingShares(this.#waiters.max, login.transaction, waitsFor)
  }

  async status({ id, wait, waiter }: RequestOf<'status'>): Promise<Outcome<LoginStatus | 'unknown' | 'crowded'>> {
    const before = this.#statusOf(id)
    if (before !== 'pending' || wait <= 0) return done(before)
    if (!this.hasRoomFor(id, 'status')) return done('crowded')
    await this.untilDecided(id, wait, 'status', waiter)
    return done(this.#statusOf(id))
  }

  /** Returns when the login is no longer pending, the wait is over, or the waiter has left. */
  async untilDecided(id: TransactionId, wait: Seconds, waitsFor: WaitingFor, waiter?: string): Promise<void> {
    const until = this.#ports.now() + wait * 1000
    const shares = this.#sharesOf(id, waitsFor)
    // Nobody is woken when a login expires, so nobody waits longer than until then.
    const changed = () => {
      const left = Math.min(until, this.#end(id)) - this.#ports.now()
      return this.#waiters.untilChange(id, seconds(left / 1000), waiter, shares)
    }
    // Some changes decide nothing: a failed delivery, a phone that declines while another may still accept.
    while (this.#statusOf(id) === 'pending' && (await changed())) continue
  }

  async stopWaiting({ id, waiter }: RequestOf<'stopWaiting'>): Promise<Outcome<void>> {
    this.#waiters.leave(id, waiter)
    return done(undefined)
  }

  async loginReply({ id }: RequestOf<'loginReply'>): Promise<Outcome<LoginReply | undefined>> {
    const login = this.#store.get(id)
    return done(login && loginReply(login.transaction))
  }

  async receipt({ id }: RequestOf<'receipt'>): Promise<Outcome<LoginEvidence | undefined>> {
    const login = this.#store.get(id)
    return done(login && loginEvidence(login.transaction, this.#ports.now()))
  }

  #end(id: TransactionId): number {
    const login = this.#store.get(id)
    return login === undefined ? 0 : endsAt(login.transaction)
  }

  #statusOf(id: TransactionId): LoginStatus | 'unknown' {
    const login = this.#store.get(id)
    const isLogin = login !== undefined && login.transaction.notice === undefined
    return isLogin ? loginStatus(login.transaction, this.#ports.now()) : 'unknown'
  }
}
