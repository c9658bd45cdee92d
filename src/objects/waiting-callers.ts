import { present } from '../present.ts'
import type { WaitingCallersVerbs, TransactionsObject } from '../ports/objects.ts'
import type { Ports } from '../ports/ports.ts'
import { encodeHex } from '../bytes.ts'
import type { Outcome } from '../refusal.ts'
import { refuse } from '../refusal.ts'
import { finalizedToken, finalizedLogin } from '../rules/login/finalizing.ts'
import type { Transaction, Used } from '../rules/login/transaction.ts'
import { lastToken, loginStatus } from '../rules/login/transaction.ts'
import type { Seconds, TransactionId } from '../vocabulary.ts'
import { seconds } from '../vocabulary.ts'
import type { LoginStore } from './login-store.ts'
import type { Standings } from './standings.ts'

/** Those who hold a request open until the phone has answered. Of several who hold one for the same login, the last to give
 *  up takes the login back: as long as one is there, the phone's answer is waited for. */
export class WaitingCallers implements WaitingCallersVerbs {
  readonly #ports: Ports
  readonly #ledger: LoginStore
  readonly #watch: Standings
  readonly #logins: Pick<TransactionsObject, 'finalize' | 'withdraw'>
  /** Who has come for a login, and whether they hold on to it; kept while one does. */
  readonly #held = new Map<TransactionId, Map<string, boolean>>()

  constructor(
    ports: Ports,
    ledger: LoginStore,
    watch: Standings,
    logins: Pick<TransactionsObject, 'finalize' | 'withdraw'>,
  ) {
    this.#ports = ports
    this.#ledger = ledger
    this.#watch = watch
    this.#logins = logins
  }

  async conclude(
    id: TransactionId,
    wait: Seconds,
    attempt: string = encodeHex(this.#ports.random(8)),
    mayReturn = false,
    joins = false,
  ): Promise<Outcome<Used>> {
    if (!this.#watch.hasRoomFor(id)) {
      if (!mayReturn && !joins && !this.#held.has(id))
        await this.#logins.withdraw(id, undefined, { cause: 'too_many_waiting' })
      return refuse({ reason: 'too_many_waiting', retryAfter: seconds(5) })
    }
    const wasUsed = this.#ledger.get(id)?.transaction.finalizedAt !== undefined
    const holders = this.#held.get(id) ?? new Map<string, boolean>()
    this.#held.set(id, holders.set(attempt, true))
    try {
      await this.#watch.untilDecided(id, wait, attempt)
      return await this.#outcome(id, attempt, mayReturn, mayReturn && !wasUsed)
    } finally {
      this.#letGo(id, attempt)
    }
  }

  async hangUp(id: TransactionId, attempt: string, mayReturn: boolean, joins = false): Promise<void> {
    // Where nobody else has come, the request that opened the login is still on its way here.
    const isAwaited = joins && this.#isAlone(id, attempt)
    const isHeld = this.#letGo(id, attempt)
    await this.#watch.leave(id, attempt)
    if (!mayReturn && !isHeld && !isAwaited) await this.#logins.withdraw(id, undefined, { cause: 'caller_left' })
  }

  /** `isTold`: whoever comes with the same request is told that it was used, too. */
  async #outcome(id: TransactionId, attempt: string, mayReturn: boolean, isTold: boolean): Promise<Outcome<Used>> {
    const login = this.#ledger.get(id)
    const token = login && lastToken(login.transaction)
    if (login === undefined || token === undefined) return refuse({ reason: 'transaction_unknown' })
    const { transaction } = login
    const stands = loginStatus(transaction, this.#ports.now())
    const nobodyAnswered = refuse({ reason: 'unanswered', token })
    const last = transaction.steps.at(-1)
    if (last?.kind === 'withdrawn' && last.cause === 'unanswered') return nobodyAnswered
    if (stands === 'declined' || stands === 'cancelled') return refuse({ reason: 'declined', status: stands, token })
    // What nobody hears any more must not use up what another waits for.
    if (this.#held.get(id)?.get(attempt) !== true) return nobodyAnswered
    const isAccepted = stands === 'accepted' || stands === 'finalized'
    const used = isAccepted ? await this.#use(transaction, attempt, isTold) : nobodyAnswered
    // Whoever is told to try again, and can, is to find the yes that they could not use yet.
    const isLeft = mayReturn && !used.ok && used.refusal.reason === 'storage_unavailable'
    if (!used.ok && !isLeft && !this.#letGo(id, attempt))
      await this.#logins.withdraw(id, undefined, { cause: stands === 'accepted' ? 'not_finalized' : 'unanswered' })
    return used
  }

  async #use(opened: Transaction, attempt: string, isTold: boolean): Promise<Outcome<Used>> {
    const { id, given, owner, keyHash, openedBy: action, address, userAgent } = opened
    const serial = lastToken(opened)?.serial
    const bearer = { admitted: true, ...present({ serial, given, owner, keyHash }) }
    const by = { action, address, userAgent }
    const used = await this.#logins.finalize({ id, ...bearer, entry: '', by, attempt })
    const after = used.ok || !isTold ? undefined : this.#ledger.get(id)?.transaction
    const already = after && finalizedToken(after, after.usedIn)
    return after === undefined || already === undefined ? used : { ok: true, value: finalizedLogin(after, already) }
  }

  /** Whether others hold on to the login. */
  #letGo(id: TransactionId, attempt: string): boolean {
    const holders = this.#held.get(id)?.set(attempt, false)
    const isHeld = holders !== undefined && [...holders.values()].includes(true)
    if (!isHeld) this.#held.delete(id)
    return isHeld
  }

  /** Whether nobody else has come for the login, not even to leave again. */
  #isAlone(id: TransactionId, attempt: string): boolean {
    return [...(this.#held.get(id)?.keys() ?? [])].every((one) => one === attempt)
  }
}
