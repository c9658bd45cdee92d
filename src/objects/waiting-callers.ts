import { encodeHex } from '../bytes.ts'
import type { Ports } from '../ports/ports.ts'
import type { RequestOf, TransactionsObject } from '../ports/transactions-object.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import { finalizedLogin, finalizedToken } from '../rules/login/finalizing.ts'
import { type FinalizedLogin, lastToken, loginStatus, type Transaction } from '../rules/login/transaction.ts'
import { seconds, type TransactionId } from '../vocabulary.ts'
import type { LoginStore } from './login-store.ts'
import type { StatusWatch } from './status-watch.ts'

/** When a caller that found no room may try again. */
const RETRY_AFTER = seconds(5)

type WaitingVerbs = Pick<TransactionsObject, 'finalizeWhenAccepted' | 'abandon'>
type LoginVerbs = Pick<TransactionsObject, 'finalize' | 'withdraw'>

/** Callers that keep their request open until the phone has answered. While one of them waits for a login, the login stays open;
 *  the last one that gives up withdraws it. */
export class WaitingCallers implements WaitingVerbs {
  readonly #ports: Ports
  readonly #store: LoginStore
  readonly #watch: StatusWatch
  readonly #logins: LoginVerbs
  /** For each login with a waiting caller: every attempt that came, and whether it still waits. */
  readonly #callers = new Map<TransactionId, Map<string, boolean>>()

  constructor(ports: Ports, store: LoginStore, watch: StatusWatch, logins: LoginVerbs) {
    this.#ports = ports
    this.#store = store
    this.#watch = watch
    this.#logins = logins
  }

  async finalizeWhenAccepted(request: RequestOf<'finalizeWhenAccepted'>): Promise<Outcome<FinalizedLogin>> {
    const { id, wait, attempt = encodeHex(this.#ports.random(8)), canRepeat = false, hasJoined = false } = request
    if (!this.#watch.hasRoomFor(id, 'success')) {
      const isNeeded = canRepeat || hasJoined || this.#callers.has(id)
      if (!isNeeded) await this.#logins.withdraw({ id, withdrawal: { cause: 'too_many_waiting' } })
      return refuse({ reason: 'too_many_waiting', retryAfter: RETRY_AFTER })
    }
    const wasFinalized = this.#store.get(id)?.transaction.finalizedAt !== undefined
    const callers = this.#callers.get(id) ?? new Map<string, boolean>()
    this.#callers.set(id, callers.set(attempt, true))
    try {
      await this.#watch.untilDecided(id, wait, 'success', attempt)
      return await this.#outcome(id, attempt, { canRepeat, sharesSuccess: canRepeat && !wasFinalized })
    } finally {
      this.#giveUp(id, attempt)
    }
  }

  async abandon({ id, attempt, canRepeat, hasJoined }: RequestOf<'abandon'>): Promise<Outcome<void>> {
    // If no other caller has come yet, the request that opened the login is still on its way here.
    const isOpenerExpected = hasJoined === true && this.#isOnly(id, attempt)
    const othersWait = this.#giveUp(id, attempt)
    await this.#watch.stopWaiting({ id, waiter: attempt })
    return canRepeat === true || othersWait || isOpenerExpected
      ? done(undefined)
      : this.#logins.withdraw({ id, withdrawal: { cause: 'caller_left' } })
  }

  /** `sharesSuccess`: a success of another attempt of the same request is this caller's success too. */
  async #outcome(
    id: TransactionId,
    attempt: string,
    { canRepeat, sharesSuccess }: { readonly canRepeat: boolean; readonly sharesSuccess: boolean },
  ): Promise<Outcome<FinalizedLogin>> {
    const login = this.#store.get(id)
    const token = login && lastToken(login.transaction)
    if (login === undefined || token === undefined || login.transaction.notice !== undefined)
      return refuse({ reason: 'transaction_unknown' })
    const { transaction } = login
    const status = loginStatus(transaction, this.#ports.now())
    const unanswered = refuse({ reason: 'unanswered', token })
    const last = transaction.steps.at(-1)
    if (last?.kind === 'withdrawn' && last.cause === 'unanswered') return unanswered
    if (status === 'declined' || status === 'cancelled') return refuse({ reason: 'declined', status, token })
    // A caller that has left must not use up the acceptance that another one waits for.
    if (this.#callers.get(id)?.get(attempt) !== true) return unanswered
    const isAccepted = status === 'accepted' || status === 'finalized'
    const outcome = isAccepted ? await this.#finalize(transaction, attempt, sharesSuccess) : unanswered
    // A caller that is told to try again, and can, is to find the acceptance that it could not use yet.
    const isKept = canRepeat && !outcome.ok && outcome.refusal.reason === 'storage_unavailable'
    if (!outcome.ok && !isKept && !this.#giveUp(id, attempt))
      await this.#logins.withdraw({ id, withdrawal: { cause: status === 'accepted' ? 'not_finalized' : 'unanswered' } })
    return outcome
  }

  async #finalize(opened: Transaction, attempt: string, sharesSuccess: boolean): Promise<Outcome<FinalizedLogin>> {
    const { id, userInput, owner, keyHash, openedBy: action, address, userAgent } = opened
    const serial = lastToken(opened)?.serial
    const caller = { admitted: true, serial, userInput, owner, keyHash }
    const origin = { action, address, userAgent }
    const outcome = await this.#logins.finalize({ id, ...caller, entry: '', origin, attempt })
    const after = outcome.ok || !sharesSuccess ? undefined : this.#store.get(id)?.transaction
    const token = after && finalizedToken(after, after.finalizedByAttempt)
    return after === undefined || token === undefined ? outcome : done(finalizedLogin(after, token))
  }

  /** Returns whether others still wait for the login. */
  #giveUp(id: TransactionId, attempt: string): boolean {
    const callers = this.#callers.get(id)?.set(attempt, false)
    const othersWait = callers !== undefined && [...callers.values()].includes(true)
    if (!othersWait) this.#callers.delete(id)
    return othersWait
  }

  /** Whether no other caller has come for the login, not even one that has left again. */
  #isOnly(id: TransactionId, attempt: string): boolean {
    return [...(this.#callers.get(id)?.keys() ?? [])].every((one) => one === attempt)
  }
}
