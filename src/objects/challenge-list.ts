import type { ListedChallenge } from '../ports/objects.ts'
import type { Ports } from '../ports/ports.ts'
import type { Transaction } from '../rules/login/transaction.ts'
import { endsAt, validUntil, withdraw } from '../rules/login/transaction.ts'
import type { Instant, TransactionId } from '../vocabulary.ts'
import type { Withdrawal } from '../vocabulary/login-steps.ts'
import type { LoginStore } from './login-store.ts'
import type { Login } from './login-rows.ts'

/** Logins that a list looks at, the newest of them. */
const MOST = 500
const CLEARED = 'cleared'

/** The shard's challenges as an administrator sees them, and takes them away. Of a login that was used nothing is shown,
 *  nor of a part that was taken back. */
export class ChallengeList {
  readonly #ledger: LoginStore
  readonly #kv: SyncKvStorage
  readonly #ports: Pick<Ports, 'now'>

  constructor(ledger: LoginStore, kv: SyncKvStorage, ports: Pick<Ports, 'now'>) {
    this.#ledger = ledger
    this.#kv = kv
    this.#ports = ports
  }

  /** Those of the logins named, else of the newest ones. */
  challenges(ids?: readonly TransactionId[]): readonly ListedChallenge[] {
    const logins = ids?.map((id) => this.#ledger.get(id)) ?? this.#ledger.newest(MOST)
    const cleared = this.#kv.get<Instant>(CLEARED)
    return logins.flatMap((login) =>
      login === undefined || isGone(login, cleared) ? [] : challengesOf(login.transaction),
    )
  }

  /** The login is withdrawn, whatever it waits for, and on no list any more; how many challenges that were. */
  discard(id: TransactionId, withdrawal: Withdrawal): number {
    const now = this.#ports.now()
    const login = this.#ledger.get(id)
    const shown = this.challenges([id]).length
    if (login === undefined || shown === 0) return 0
    this.#ledger.save({
      ...login,
      discarded: true,
      transaction: withdraw(login.transaction, undefined, withdrawal, now),
    })
    return shown
  }

  /** What has expired is on no list any more, however long ago; how many challenges that were of those a list looks at. They
   *  stay for timeline and audit. */
  discardExpired(): number {
    const now = this.#ports.now()
    const expired = this.challenges().filter((one) => now >= one.validUntil)
    this.#kv.put(CLEARED, now)
    return expired.length
  }
}

const isGone = ({ discarded, transaction }: Login, cleared: Instant | undefined): boolean =>
  discarded === true ||
  transaction.finalizedAt !== undefined ||
  (cleared !== undefined && endsAt(transaction) <= cleared)

const challengesOf = (transaction: Transaction): readonly ListedChallenge[] =>
  transaction.challenges
    .filter(({ state }) => state !== 'failed')
    .map((challenge) => ({
      transaction: transaction.id,
      serial: challenge.serial,
      mode: challenge.mode,
      state: challenge.state,
      openedAt: transaction.openedAt,
      validUntil: validUntil(transaction, challenge),
    }))
