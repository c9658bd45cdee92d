import type { Ports } from '../ports/ports.ts'
import type { ListedChallenge, RequestOf, TransactionsObject } from '../ports/transactions-object.ts'
import { shownPrompt } from '../protocol/phone/prompt.ts'
import { present } from '../present.ts'
import { done, type Outcome } from '../refusal.ts'
import { endsAt, loginStatus, type Transaction, validUntil, withdraw } from '../rules/login/transaction.ts'
import type { Instant, Serial, TransactionId } from '../vocabulary.ts'
import type { Login } from './stored-login.ts'
import type { LoginStore } from './login-store.ts'

/** A list looks at so many logins, the newest ones. */
const MAX_LOGINS = 500
const CLEARED = 'cleared'

type ChallengeListVerbs = Pick<TransactionsObject, 'listChallenges' | 'discardChallenges' | 'discardExpired'>

/** Shows the shard's challenges to administrators and discards them. Not listed are a finalized login, one that has been decided
 *  while its request waited for the phone, and a challenge that was withdrawn. */
export class ChallengeList implements ChallengeListVerbs {
  readonly #store: LoginStore
  readonly #kv: SyncKvStorage
  readonly #ports: Pick<Ports, 'now'>

  constructor(store: LoginStore, kv: SyncKvStorage, ports: Pick<Ports, 'now'>) {
    this.#store = store
    this.#kv = kv
    this.#ports = ports
  }

  async listChallenges({ ids }: RequestOf<'listChallenges'>): Promise<Outcome<readonly ListedChallenge[]>> {
    return done(this.#challenges(ids))
  }

  async discardChallenges({ id, withdrawal }: RequestOf<'discardChallenges'>): Promise<Outcome<number>> {
    const now = this.#ports.now()
    const login = this.#store.get(id)
    const listed = this.#challenges([id]).length
    // Whoever makes a change must not be able to take back that the user is told of it.
    if (login === undefined || login.transaction.notice !== undefined || listed === 0) return done(0)
    this.#store.save({
      ...login,
      discarded: true,
      transaction: withdraw(login.transaction, undefined, withdrawal, now),
    })
    return done(listed)
  }

  /** The logins stay for timeline and audit. All that have ended by now leave the list, but only those that a list looks at are
   *  answered. */
  async discardExpired(): Promise<Outcome<readonly Serial[]>> {
    const now = this.#ports.now()
    const expired = this.#challenges().filter((challenge) => now >= challenge.validUntil)
    this.#kv.put(CLEARED, now)
    return done(expired.map(({ serial }) => serial))
  }

  #challenges(ids?: readonly TransactionId[]): readonly ListedChallenge[] {
    const logins = ids?.map((id) => this.#store.get(id)) ?? this.#store.newest(MAX_LOGINS)
    const clearedAt = this.#kv.get<Instant>(CLEARED)
    const now = this.#ports.now()
    return logins.flatMap((login) =>
      login === undefined || isOffList(login, clearedAt, now) ? [] : challengesOf(login.transaction),
    )
  }
}

const isOffList = ({ discarded, transaction }: Login, clearedAt: Instant | undefined, now: Instant): boolean =>
  discarded === true ||
  transaction.finalizedAt !== undefined ||
  (transaction.isWaitedFor === true && !['pending', 'accepted'].includes(loginStatus(transaction, now))) ||
  (clearedAt !== undefined && endsAt(transaction) <= clearedAt)

const challengesOf = (transaction: Transaction): readonly ListedChallenge[] =>
  transaction.challenges
    .filter(({ state }) => state !== 'failed')
    .map((challenge) => ({
      transaction: transaction.id,
      attemptId: transaction.attemptId,
      ...present({ notice: transaction.notice?.kind }),
      shown: shownPrompt(challenge.prompt),
      serial: challenge.serial,
      mode: challenge.mode,
      state: challenge.state,
      openedAt: transaction.openedAt,
      validUntil: validUntil(transaction, challenge),
    }))
