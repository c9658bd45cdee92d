import type { AuditRecord } from '../vocabulary/audit.ts'
import type { Ports } from '../ports/ports.ts'
import type { LoginReply } from '../rules/login/login-reply.ts'
import { loginReply } from '../rules/login/login-reply.ts'
import { endsAt, loginStatus } from '../rules/login/transaction.ts'
import type { Seconds, LoginStatus, TransactionId } from '../vocabulary.ts'
import type { LoginStore } from './login-store.ts'
import type { Waiters } from './waiters.ts'

/** How the shard's logins stand, told at once or when it changes. */
export class Standings {
  readonly #ports: Pick<Ports, 'now'>
  readonly #ledger: LoginStore
  readonly #waiters: Waiters

  constructor(ports: Pick<Ports, 'now'>, ledger: LoginStore, waiters: Waiters) {
    this.#ports = ports
    this.#ledger = ledger
    this.#waiters = waiters
  }

  /** Whether one more can be told how it ends. Nobody waits for what is decided. */
  hasRoomFor(id: TransactionId): boolean {
    return this.#now(id) !== 'pending' || this.#waiters.hasRoomFor(id)
  }

  async standing(id: TransactionId, wait: Seconds, waiter?: string): Promise<LoginStatus | 'unknown' | 'crowded'> {
    const before = this.#now(id)
    if (before !== 'pending' || wait <= 0) return before
    if (!this.hasRoomFor(id)) return 'crowded'
    await this.untilDecided(id, wait, waiter)
    return this.#now(id)
  }

  /** Returns when the login is no longer pending, when the wait is over, or when the waiter has left. */
  async untilDecided(id: TransactionId, wait: Seconds, waiter?: string): Promise<void> {
    const until = this.#ports.now() + wait * 1000
    // Nobody is woken when the clock ends a login: whoever waits for it waits no longer than that.
    const changed = () => this.#waiters.untilChange(id, Math.min(until, this.#end(id)) - this.#ports.now(), waiter)
    // Not every change decides: a delivery that failed, a phone that declined while another may still accept.
    while (this.#now(id) === 'pending' && (await changed())) continue
  }

  async told(id: TransactionId): Promise<LoginReply | undefined> {
    const login = this.#ledger.get(id)
    return login && loginReply(login.transaction)
  }

  async timeline(id: TransactionId): Promise<AuditRecord | undefined> {
    return this.#ledger.auditRecord(id)
  }

  async leave(id: TransactionId, waiter: string): Promise<void> {
    this.#waiters.leave(id, waiter)
  }

  #end(id: TransactionId): number {
    const login = this.#ledger.get(id)
    return login === undefined ? 0 : endsAt(login.transaction)
  }

  #now(id: TransactionId): LoginStatus | 'unknown' {
    const login = this.#ledger.get(id)
    return login === undefined ? 'unknown' : loginStatus(login.transaction, this.#ports.now())
  }
}
