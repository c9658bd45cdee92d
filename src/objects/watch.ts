import type { AuditRecord } from '../ports/catalogue.ts'
import type { Ports } from '../ports/ports.ts'
import type { Standing, Told } from '../rules/transaction.ts'
import { endsAt, standing } from '../rules/transaction.ts'
import type { Seconds, TransactionId } from '../vocabulary.ts'
import type { Ledger } from './ledger.ts'
import type { Waiters } from './waiters.ts'

/** How the shard's logins stand, told at once or when it changes. */
export class Watch {
  readonly #ports: Pick<Ports, 'now'>
  readonly #ledger: Ledger
  readonly #waiters: Waiters

  constructor(ports: Pick<Ports, 'now'>, ledger: Ledger, waiters: Waiters) {
    this.#ports = ports
    this.#ledger = ledger
    this.#waiters = waiters
  }

  get full(): boolean {
    return this.#waiters.full
  }

  async standing(id: TransactionId, wait: Seconds, waiter?: string): Promise<Standing | 'unknown' | 'crowded'> {
    const before = this.#now(id)
    if (before !== 'pending' || wait <= 0) return before
    if (this.full) return 'crowded'
    await this.decided(id, wait, waiter)
    return this.#now(id)
  }

  /** Returns when the login is no longer pending, when the wait is over, or when the waiter has left. */
  async decided(id: TransactionId, wait: Seconds, waiter?: string): Promise<void> {
    const until = this.#ports.now() + wait * 1000
    // Nobody is woken when the clock ends a login: whoever waits for it waits no longer than that.
    const ends = (): number => {
      const transaction = this.#ledger.get(id)?.transaction
      return transaction === undefined ? until : Math.min(until, endsAt(transaction))
    }
    const changed = () => this.#waiters.change(id, ends() - this.#ports.now(), waiter)
    // Not every change decides: a delivery that failed, a phone that declined while another may still accept.
    while (this.#now(id) === 'pending' && (await changed())) continue
  }

  async told(id: TransactionId): Promise<Told | undefined> {
    return this.#ledger.get(id)?.transaction.told
  }

  async timeline(id: TransactionId): Promise<AuditRecord | undefined> {
    return this.#ledger.recordOf(id)
  }

  async leave(id: TransactionId, waiter: string): Promise<void> {
    this.#waiters.leave(id, waiter)
  }

  #now(id: TransactionId): Standing | 'unknown' {
    const login = this.#ledger.get(id)
    return login === undefined ? 'unknown' : standing(login.transaction, this.#ports.now())
  }
}
