import type { Ports } from '../ports/ports.ts'
import type {
  CancelRequest,
  OpenRequest,
  OpenResult,
  PendingAudit,
  PendingAuditQuery,
  RequestOf,
  TransactionsObject,
} from '../ports/transactions-object.ts'
import { present } from '../present.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import { applyRegistration, authorizeCancellation, cancelEnrollment } from '../rules/login/enrolling.ts'
import { withOpeningTimes } from '../rules/login/opening-times.ts'
import { failedDeliveries } from '../rules/login/login-reply.ts'
import { isSameLogin, type Transaction, withdraw } from '../rules/login/transaction.ts'
import { isSameOwner } from '../rules/token/token.ts'
import { seconds, type Serial } from '../vocabulary.ts'
import { withTimeLimit } from '../time-limit.ts'
import { type Courier, firstDeliveries } from './courier.ts'
import type { Login } from './stored-login.ts'
import type { LoginStore } from './login-store.ts'
import type { SettingsVersion } from './settings-version.ts'
import { Tombstones } from './tombstones.ts'

/** A shard with more open logins than this sends the next one to another shard. */
const MAX_OPEN = 50_000
/** A trigger waits so long for FCM at most if the delivery before failed, so that its message can say whether this one arrives. */
const DOUBT_WAIT = seconds(0.5)

type LoginVerbs = Omit<
  TransactionsObject,
  | 'answer'
  | 'learnSettings'
  | 'pendingPrompts'
  | 'finalize'
  | 'status'
  | 'stopWaiting'
  | 'loginReply'
  | 'joinLogin'
  | 'timeline'
  | 'watchTimeline'
  | 'liveLogins'
  | 'receipt'
  | 'finalizeWhenAccepted'
  | 'abandon'
  | 'listChallenges'
  | 'discardChallenges'
  | 'discardExpired'
>

/** Opens the shard's logins, and withdraws them. */
export class Logins implements LoginVerbs {
  readonly #ports: Ports
  readonly #store: LoginStore
  readonly #settings: SettingsVersion
  readonly #courier: Courier
  readonly #tombstones: Tombstones
  readonly #background: (work: Promise<unknown>) => void

  constructor(
    storage: DurableObjectStorage,
    ports: Ports,
    store: LoginStore,
    settings: SettingsVersion,
    courier: Courier,
    background: (work: Promise<unknown>) => void,
  ) {
    this.#ports = ports
    this.#store = store
    this.#settings = settings
    this.#courier = courier
    this.#tombstones = new Tombstones(storage.sql)
    this.#background = background
  }

  async open({
    transaction,
    release,
    deliveryWait,
    settings,
    isCurrent,
    receivedAt,
  }: OpenRequest): Promise<Outcome<OpenResult>> {
    if (settings !== undefined && !(await this.#settings.isIntroduced()) && isCurrent !== true)
      return refuse({ reason: 'stale' })
    const now = this.#ports.now()
    const { id } = transaction
    const existing = this.#store.get(id)?.transaction
    if (existing !== undefined && !isSameLogin(existing, transaction)) return refuse({ reason: 'id_taken' })
    if (existing !== undefined) return done(this.#openResult(existing, []))
    const known = settings && this.#settings.laterThan(settings)
    if (known !== undefined) return refuse({ reason: 'stale', known })
    if (this.#store.isFull(MAX_OPEN)) return refuse({ reason: 'shard_full' })

    const opened = [id, ...(transaction.keyHash === undefined ? [] : [transaction.keyHash])]
      .flatMap((name) => this.#tombstones.find(name, now))
      .reduce(
        (login, serial) => withdraw(login, serial, { cause: 'before_opening' }, now),
        withOpeningTimes(transaction, receivedAt, now),
      )
    const deliveries = firstDeliveries(opened.challenges, now)
    const login = this.#store.save({ transaction: opened, deliveries, release })
    this.#background(this.#settings.askAgain())
    if (release.length > 0) this.#background(this.#courier.releaseHolds(login))
    const doubtful = this.#courier.doubtful(opened)
    const delivered = Promise.all(deliveries.map(({ serial }) => this.#courier.deliver(id, serial)))
    this.#background(delivered)
    // If the circuit breaker is open, the delivery fails at once; otherwise this waits for Google.
    const wait = seconds(Math.max(deliveryWait, doubtful.length > 0 ? DOUBT_WAIT : 0))
    if (wait > 0 && deliveries.length > 0) await withTimeLimit(delivered, wait)
    return done(this.#openResult(opened, doubtful))
  }

  #openResult({ id }: Transaction, doubtful: readonly Serial[]): OpenResult {
    const login = this.#store.get(id)
    const running = new Set(login?.deliveries.map(({ serial }) => serial))
    const { challenges = [], steps = [] } = login?.transaction ?? {}
    // Not by their state: by the time a call is repeated, an answer of one phone may have ended the challenge of another.
    const before = steps.flatMap((step) =>
      step.kind === 'withdrawn' && step.cause === 'before_opening' ? [step.serial] : [],
    )
    return {
      undelivered: failedDeliveries(steps),
      unconfirmed: doubtful.filter((serial) => running.has(serial)),
      withdrawn: challenges
        .map(({ serial }) => serial)
        .filter((one) => before.includes(one) || before.includes(undefined)),
    }
  }

  async withdraw({ id, serial, withdrawal }: RequestOf<'withdraw'>): Promise<Outcome<void>> {
    const now = this.#ports.now()
    const login = this.#store.get(id)
    if (login === undefined) this.#tombstones.add(id, serial, now)
    else this.#saveIfChanged(login, withdraw(login.transaction, serial, withdrawal, now))
    return done(undefined)
  }

  async withdrawByKey({ keyHash }: RequestOf<'withdrawByKey'>): Promise<Outcome<void>> {
    const now = this.#ports.now()
    this.#tombstones.add(keyHash, undefined, now)
    for (const login of this.#store.ongoing())
      if (login.transaction.keyHash === keyHash)
        this.#saveIfChanged(login, withdraw(login.transaction, undefined, { cause: 'service_key_revoked' }, now))
    return done(undefined)
  }

  async rekey({ from, to }: RequestOf<'rekey'>): Promise<Outcome<void>> {
    const now = this.#ports.now()
    for (const hash of from) this.#tombstones.add(hash, undefined, now)
    for (const login of this.#store.ongoing())
      if (from.includes(login.transaction.keyHash ?? ''))
        this.#saveIfChanged(login, { ...login.transaction, keyHash: to })
    return done(undefined)
  }

  async eraseUser({ owner }: RequestOf<'eraseUser'>): Promise<Outcome<number>> {
    const now = this.#ports.now()
    for (const login of this.#store.ongoing())
      if (isSameOwner(login.transaction.owner, owner)) {
        const withdrawn = withdraw(login.transaction, undefined, { cause: 'token_changed' }, now)
        // What has no open challenge ends by itself.
        this.#saveIfChanged(login, withdrawn)
      }
    return done(await this.#store.eraseUser(owner))
  }

  async recordRegistration(request: RequestOf<'recordRegistration'>): Promise<Outcome<void>> {
    const { id, serial, phoneKey, revision, epoch } = request
    const login = this.#store.get(id)
    if (login !== undefined) {
      const phone = { phoneKey, ...present({ revision, epoch }) }
      this.#saveIfChanged(login, applyRegistration(login.transaction, serial, phone, this.#ports.now()))
    }
    return done(undefined)
  }

  async enrollmentToCancel(request: CancelRequest): ReturnType<TransactionsObject['enrollmentToCancel']> {
    return authorizeCancellation(this.#store.get(request.id)?.transaction, request, this.#ports.now())
  }

  async cancelEnrollment({ id }: RequestOf<'cancelEnrollment'>): Promise<Outcome<void>> {
    const login = this.#store.get(id)
    if (login === undefined) return refuse({ reason: 'enrollment_not_cancelled' })
    const cancelled = cancelEnrollment(login.transaction, this.#ports.now())
    if (!cancelled.ok) return cancelled
    this.#saveIfChanged(login, cancelled.value)
    return done(undefined)
  }

  async recordAudit({ record, kind }: RequestOf<'recordAudit'>): Promise<Outcome<void>> {
    this.#store.addRecord(record, kind)
    return done(undefined)
  }

  async pendingAudit(query: PendingAuditQuery): Promise<Outcome<PendingAudit>> {
    return done(this.#store.pendingAudit(query))
  }

  async handOverAudit(): Promise<Outcome<number>> {
    return done(await this.#store.handOverAudit())
  }

  /** Delivers first, then releases holds, ends logins, hands over the audit and sweeps. Never throws; always sets the next
   *  alarm. */
  async alarm(): Promise<void> {
    try {
      const due = this.#store.due()
      await Promise.all(due.flatMap((login) => this.#courier.runOverdue(login)))
      await this.#store.settle(due)
    } catch (error) {
      this.#ports.log('alarm_failed', { error: String(error) })
    } finally {
      this.#store.rearm()
      this.#tombstones.sweep(this.#ports.now())
    }
  }

  #saveIfChanged(login: Login, transaction: Transaction): void {
    if (transaction !== login.transaction) this.#store.save({ ...login, transaction })
  }
}
