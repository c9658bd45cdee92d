import { present } from '../present.ts'
import type { AuditRecord } from '../vocabulary/audit.ts'
import type {
  CancelRequest,
  ChallengeListVerbs,
  FinalizeRequest,
  WaitingCallersVerbs,
  OpenResult,
  OpenRequest,
  TransactionsObject,
  PendingAudit,
  PendingAuditQuery,
  StandingVerbs,
} from '../ports/objects.ts'
import type { AnswerRequest } from '../ports/phone-object.ts'
import type { Ports } from '../ports/ports.ts'
import { answerText } from '../protocol/phone/signed-texts.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import type { VerifiedAnswer } from '../rules/login/answering.ts'
import { applyAnswer } from '../rules/login/answering.ts'
import { authorizeCancellation, cancelEnrollment, applyRegistration } from '../rules/login/enrolling.ts'
import { belongsTo, claim, markFinalized, finalizedToken, finalizedLogin } from '../rules/login/finalizing.ts'
import type { PhoneReply, Transaction, Used } from '../rules/login/transaction.ts'
import { isAnswerable, tokenOf, isSameLogin, withdraw } from '../rules/login/transaction.ts'
import type { Revision, Serial, TransactionId } from '../vocabulary.ts'
import type { AuditLine } from '../vocabulary/audit.ts'
import type { Withdrawal } from '../vocabulary/login-steps.ts'
import { answerDigest, matchesChallenge, isSignedByPhone } from './answers.ts'
import { Courier, firstDeliveries, failedDeliveries } from './courier.ts'
import { finalizeOnPhone, resetOtherTokens } from './finalizing.ts'
import { WaitingCallers } from './waiting-callers.ts'
import { LoginStore } from './login-store.ts'
import { ChallengeList } from './challenge-list.ts'
import type { Login } from './login-rows.ts'
import { Tombstones } from './tombstones.ts'
import { Waiters, within } from './waiters.ts'
import { Standings } from './standings.ts'

/** More open logins than this in one shard are sent to another. */
const FULL = 50_000
const NO: PhoneReply = { accepted: false, unheard: true }

/** One shard of a region's open logins: their single writer. It needs nothing from the catalogue to answer or finalize. */
export class TransactionsShard implements Omit<
  TransactionsObject,
  keyof ChallengeListVerbs | keyof WaitingCallersVerbs | keyof StandingVerbs
> {
  readonly listing: ChallengeList
  readonly watch: Standings
  readonly holding: WaitingCallers
  readonly #ports: Ports
  readonly #background: (work: Promise<unknown>) => void
  readonly #ledger: LoginStore
  readonly #courier: Courier
  readonly #tombstones: Tombstones
  /** `finalizing` lives in memory alone: an object that goes in the middle comes back with the login accepted. */
  readonly #finalizing = new Map<TransactionId, Promise<unknown>>()

  static async wake(ctx: DurableObjectState, ports: Ports): Promise<TransactionsShard> {
    const waiters = new Waiters(ports.limits.shardWaiters)
    const ledger = await LoginStore.open(ctx, ports, (id) => waiters.wake(id))
    return new TransactionsShard(ctx, ports, ledger, waiters)
  }

  private constructor(ctx: DurableObjectState, ports: Ports, ledger: LoginStore, waiters: Waiters) {
    this.#ports = ports
    this.#background = (work) => ctx.waitUntil(work)
    this.#ledger = ledger
    this.#courier = new Courier(ports, ledger)
    this.watch = new Standings(ports, ledger, waiters)
    this.holding = new WaitingCallers(ports, ledger, this.watch, this)
    this.#tombstones = new Tombstones(ctx.storage.sql)
    this.listing = new ChallengeList(ledger, ctx.storage.kv, ports)
  }

  async open({ transaction, release, deliveryWait }: OpenRequest): Promise<Outcome<OpenResult>> {
    const now = this.#ports.now()
    const { id } = transaction
    const known = this.#ledger.get(id)?.transaction
    if (known !== undefined && !isSameLogin(known, transaction)) return refuse({ reason: 'id_taken' })
    if (known !== undefined) return done({ undelivered: [], withdrawn: [] })
    if (this.#ledger.isFull(FULL)) return refuse({ reason: 'shard_full' })

    const opened = [id, ...(transaction.keyHash === undefined ? [] : [transaction.keyHash])]
      .flatMap((one) => this.#tombstones.find(one, now))
      .reduce((one, serial) => withdraw(one, serial, { cause: 'before_opening' }, now), transaction)
    const deliveries = firstDeliveries(opened.challenges, now)
    const login = this.#ledger.save({ transaction: opened, deliveries, release })
    if (release.length > 0) this.#background(this.#courier.releaseHolds(login))
    const handed = Promise.all(deliveries.map(({ serial }) => this.#courier.deliver(id, serial)))
    this.#background(handed)
    if (deliveryWait > 0 && deliveries.length > 0) await within(handed, deliveryWait * 1000)
    return done({
      undelivered: failedDeliveries(this.#ledger.get(id)?.transaction.steps ?? []),
      withdrawn: opened.challenges.filter(({ state }) => state === 'failed').map(({ serial }) => serial),
    })
  }

  async answer(id: TransactionId, answer: AnswerRequest): Promise<Outcome<PhoneReply>> {
    const before = this.#ledger.get(id)?.transaction
    const challenge = before?.challenges.find((one) => matchesChallenge(answer, one))
    if (before === undefined || challenge === undefined) return done(NO)
    // An option where none was shown is no part of any text this challenge could be answered with.
    if (answer.presence !== undefined && challenge.mode !== 'presence') return done(NO)
    const said: VerifiedAnswer = { ...answer, digest: await answerDigest(answer) }
    if (challenge.given?.digest === said.digest) return done(challenge.given.reply)
    if (!isAnswerable(before, challenge, this.#ports.now())) return done(NO)
    const text = answerText(challenge.nonce, challenge.serial, answer)
    if (!(await isSignedByPhone(challenge.phoneKey, text, answer.signature))) return done(NO)

    // The signature took an await: what is decided is decided on the login as it is now, and written before the next one.
    const login = this.#ledger.get(id)
    if (login === undefined) return done(NO)
    const after = applyAnswer(login.transaction, challenge.nonce, said, this.#ports.now())
    this.#become(login, after.transaction)
    if (after.failed) this.#background(this.#ports.phones.of(challenge.serial).countFailure())
    return done(after.reply)
  }

  /** One after the other: whoever comes second finds the login used up, or accepted still. */
  async finalize(request: FinalizeRequest): Promise<Outcome<Used>> {
    const { id } = request
    for (let one = this.#finalizing.get(id); one !== undefined; one = this.#finalizing.get(id)) await one
    const used = this.#use(request)
    const over = (): unknown => this.#finalizing.delete(id)
    this.#finalizing.set(id, used.then(over, over))
    return used
  }

  async #use(request: FinalizeRequest): Promise<Outcome<Used>> {
    const { id, entry } = request
    const login = this.#ledger.get(id)
    if (login === undefined || !belongsTo(login.transaction, request)) return refuse({ reason: 'transaction_unknown' })
    if (login.transaction.keyHash === undefined && !request.admitted) return refuse({ reason: 'service_key_required' })
    const used = finalizedToken(login.transaction, request.attempt)
    if (used !== undefined) return done(finalizedLogin(login.transaction, used))
    const claimed = claim(login.transaction, entry, this.#ports.now(), request.by)
    if (!claimed.ok) return claimed
    const { by } = claimed.value
    const { serial } = by
    if (claimed.value.kind === 'wrong_code') {
      this.#ledger.save({ ...login, transaction: claimed.value.transaction })
      this.#background(this.#ports.phones.of(serial).countFailure())
      return refuse({ reason: 'not_accepted', tokens: login.transaction.challenges.map(tokenOf) })
    }

    const may = await finalizeOnPhone(this.#ports, login.transaction, serial)
    if (!may.ok) return may
    const after = this.#ledger.get(id)
    const again = after === undefined ? undefined : claim(after.transaction, entry, this.#ports.now())
    if (after === undefined || again?.ok !== true || again.value.kind === 'wrong_code')
      return refuse({ reason: 'transaction_unknown' })
    this.#ledger.save({ ...after, transaction: markFinalized(after.transaction, serial, this.#ports.now(), request) })
    this.#background(resetOtherTokens(this.#ports, after.transaction, serial))
    return done(finalizedLogin(after.transaction, by))
  }

  async registered(id: TransactionId, serial: Serial, phoneKey: string, revision?: Revision): Promise<void> {
    const login = this.#ledger.get(id)
    if (login === undefined) return
    const phone = { phoneKey, ...present({ revision }) }
    this.#become(login, applyRegistration(login.transaction, serial, phone, this.#ports.now()))
  }

  async mayCancel(request: CancelRequest): ReturnType<TransactionsObject['mayCancel']> {
    return authorizeCancellation(this.#ledger.get(request.id)?.transaction, request, this.#ports.now())
  }

  async cancelled(id: TransactionId): Promise<Outcome<void>> {
    const login = this.#ledger.get(id)
    if (login === undefined) return refuse({ reason: 'enrollment_not_cancelled' })
    const after = cancelEnrollment(login.transaction, this.#ports.now())
    if (!after.ok) return after
    this.#become(login, after.value)
    return done(undefined)
  }

  async prompts(serial: Serial, ids: readonly TransactionId[], most: number) {
    const now = this.#ports.now()
    const waiting = ids.flatMap((id) => {
      const transaction = this.#ledger.get(id)?.transaction
      const mine = transaction?.challenges.find((one) => one.serial === serial)
      if (transaction === undefined || mine === undefined || !isAnswerable(transaction, mine, now)) return []
      return [{ id, prompt: mine.prompt }]
    })
    return waiting.slice(0, most)
  }

  async withdraw(id: TransactionId, serial: Serial | undefined, withdrawal: Withdrawal): Promise<void> {
    const now = this.#ports.now()
    const login = this.#ledger.get(id)
    if (login === undefined) return this.#tombstones.add(id, serial, now)
    this.#become(login, withdraw(login.transaction, serial, withdrawal, now))
  }

  /** Written, if anything has changed. */
  #become(login: Login, transaction: Transaction): void {
    if (transaction !== login.transaction) this.#ledger.save({ ...login, transaction })
  }

  async withdrawKey(keyHash: string): Promise<void> {
    this.#tombstones.add(keyHash, undefined, this.#ports.now())
    const mine = this.#ledger.unended().filter(({ transaction }) => transaction.keyHash === keyHash)
    for (const { transaction } of mine) await this.withdraw(transaction.id, undefined, { cause: 'service_key_revoked' })
  }

  async record(record: AuditRecord, kind?: string): Promise<void> {
    this.#ledger.addRecord(record, kind)
  }

  async unsettledPage(query: PendingAuditQuery): Promise<PendingAudit> {
    return this.#ledger.pendingAudit(query)
  }

  async unsettled(query: PendingAuditQuery): Promise<readonly AuditLine[]> {
    return this.#ledger.pendingAudit(query).lines
  }

  /** Delivers first, then releases, ends, hands over the audit and sweeps. Never throws; always re-arms. */
  async alarm(): Promise<void> {
    try {
      const due = this.#ledger.due()
      await Promise.all(due.flatMap((login) => this.#courier.runOverdue(login)))
      await this.#ledger.settle(due)
    } catch (error) {
      this.#ports.log('alarm_failed', { error: String(error) })
    } finally {
      this.#ledger.rearm()
      this.#tombstones.sweep(this.#ports.now())
    }
  }
}
