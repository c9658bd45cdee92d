import type { AuditRecord } from '../vocabulary/audit.ts'
import type { PendingAudit, PendingAuditQuery } from '../ports/transactions-object.ts'
import type { Ports } from '../ports/ports.ts'
import { compareLines, linesOf, matches } from '../rules/login/audit.ts'
import { hourlyBudget } from '../rules/login/stranger-budget.ts'
import { endsAt, loginStatus } from '../rules/login/transaction.ts'
import { isSameOwner } from '../rules/token/token.ts'
import {
  addSeconds,
  instant,
  type Instant,
  type Owner,
  type Seconds,
  seconds,
  type TransactionId,
} from '../vocabulary.ts'
import { BATCH, Outbox, sequenceTime } from './outbox.ts'
import { auditRecord, recordOf } from './login-record.ts'
import type { OnLoginChange } from './login-changes.ts'
import { LoginRows } from './login-rows.ts'
import { dueOf, hasWork, type Login, RETRY_TIME, type UndatedLogin } from './stored-login.ts'

/** Housekeeping that nobody waits for (ending expired logins, handing over the audit, sweeping) is done in rounds, so long after
 *  there is something to do at the latest: each alarm is billed as a written row and a request. */
const ROUND = seconds(120)
/** An outbox that cannot wait for a round still waits so long, so that more records go at once. */
const OUTBOX_DELAY = seconds(1.5)
/** A full shard looks for expired logins so often, and ends so many at once. */
const EXPIRY_CHECK_INTERVAL = seconds(1)
const MAX_ENDED_AT_ONCE = 1000
/** A round sweeps so many logins, and deletes so many rows: after an outage of the catalogue many have arrived at once. */
const MAX_SWEPT_AT_ONCE = 5000
/** A login that finds no free row looks at so many of those that ended first. */
const MAX_SWEPT_TO_OPEN = 10
/** The pending audit looks at so many open logins and answers so many lines: a crowd must not hold up the shard. */
const MAX_LOGINS_READ = 5000
const MAX_LINES = 20_000
/** An alarm for work that is overdue is set so far ahead. */
const SOON = seconds(0.1)

/**
 * Stores the shard's logins. Each change is one written row. The alarm is set for the next work or the next round. A login that has
 * ended goes to the audit, and is swept once its record has arrived there and its time is over: nobody finds it any more, and its row is
 * free for another login. A row that none takes is deleted.
 */
export class LoginStore {
  readonly #ports: Pick<Ports, 'now' | 'audit' | 'limits' | 'log'>
  readonly #storage: DurableObjectStorage
  readonly #onChange: OnLoginChange
  readonly #shard: string
  readonly #rows: LoginRows
  readonly #outbox: Outbox
  #alarmAt: Instant | undefined
  #expiryCheckedAt = instant(0)

  /** Opens the store and reads when the alarm is set: to set it for a later time would put off what is due before. */
  static async open(
    ctx: DurableObjectState,
    ports: Pick<Ports, 'now' | 'audit' | 'limits' | 'log'>,
    onChange: OnLoginChange,
  ): Promise<LoginStore> {
    const alarm = await ctx.storage.getAlarm()
    return new LoginStore(ctx, ports, onChange, alarm === null ? undefined : instant(alarm))
  }

  private constructor(
    ctx: DurableObjectState,
    ports: Pick<Ports, 'now' | 'audit' | 'limits' | 'log'>,
    onChange: OnLoginChange,
    alarmAt: Instant | undefined,
  ) {
    this.#ports = ports
    this.#storage = ctx.storage
    this.#onChange = onChange
    this.#alarmAt = alarmAt
    this.#rows = new LoginRows(ctx.storage.sql)
    this.#shard = ctx.id.name ?? 'unnamed'
    // The records are made as of the time each login ended: by now a declined login has expired as well.
    const ended = {
      after: (sequence: number) => this.#rows.endedAfter(sequence),
      record: (id: TransactionId) => this.auditRecord(id),
    }
    const { strangerRecordsPerHour, shards } = ports.limits
    this.#outbox = new Outbox(ctx.storage, this.#shard, ended, hourlyBudget(strangerRecordsPerHour, shards))
  }

  /** Whether so many logins are open, or so many records wait that no login could be recorded. Expired logins do not count, even if
   *  no round has ended them yet. */
  isFull(count: number): boolean {
    if (this.#outbox.isFull) return true
    if (this.#rows.ongoingCount >= count) this.#endExpired()
    return this.#rows.ongoingCount >= count
  }

  #endExpired(): void {
    const now = this.#ports.now()
    if (now < addSeconds(this.#expiryCheckedAt, EXPIRY_CHECK_INTERVAL)) return
    this.#expiryCheckedAt = now
    for (const login of this.#rows.expiredBy(now, MAX_ENDED_AT_ONCE)) this.save(login)
  }

  get(id: TransactionId): Login | undefined {
    return this.#isOver(id) ? undefined : this.#rows.get(id)
  }

  readonly #isOver = (id: TransactionId): boolean => this.#rows.isOver(id, this.#ports.now(), this.#hasArrived)

  /** Sweeps logins, of the `most` that ended first. */
  #sweep(most: number): void {
    for (const id of this.#rows.endedFirst(most)) if (this.#isOver(id)) this.#rows.sweep(id)
  }

  /** Returns the login's audit record as it is now. */
  auditRecord(id: TransactionId): AuditRecord | undefined {
    const login = this.#rows.get(id)
    return login && recordOf(login, this.#ports.now())
  }

  newest(count: number): readonly Login[] {
    this.#sweep(MAX_SWEPT_AT_ONCE)
    return this.#rows.newest(count)
  }

  /** Every login that has not ended. */
  readonly ongoing = (): readonly Login[] => this.#rows.ongoing()

  /** Writes the login and tells whoever waits for it. If it has ended now, puts its record into the outbox. */
  save(login: UndatedLogin): Login {
    const now = this.#ports.now()
    const ends = login.sequence === undefined && !['pending', 'accepted'].includes(loginStatus(login.transaction, now))
    const placed = ends ? { ...login, sequence: this.#outbox.nextSequence(now) } : login
    const saved: Login = { ...placed, due: dueOf(placed, now) }
    if (this.#rows.needsRow(login.transaction.id)) this.#sweep(MAX_SWEPT_TO_OPEN)
    // First, because it throws when the storage is full: then nothing has happened.
    this.#rows.put(saved)
    if (ends && placed.sequence !== undefined)
      this.#outbox.add(placed.sequence, login.transaction.id, () =>
        auditRecord(login.transaction, now, sequenceTime(placed.sequence ?? 0)),
      )
    if (hasWork(saved)) this.setAlarmBy(saved.due)
    this.#setAlarmForRound()
    this.#onChange(login.transaction.id, true)
    return saved
  }

  /** Keeps a change that is not worth a row until the next `save`; it is lost if the object restarts before. */
  keepInMemory(login: UndatedLogin): void {
    this.#rows.keepInMemory({ ...login, due: dueOf(login, this.#ports.now()) })
    this.#onChange(login.transaction.id, false)
  }

  /** Puts the record of a request that opened no login into the outbox. */
  addRecord(record: AuditRecord, kind: string | undefined): void {
    this.#outbox.addRequest(record, kind, this.#ports.now())
    this.#setAlarmForRound()
  }

  /** Returns the audit lines of open logins and of records in the outbox that match the filter. */
  pendingAudit({ filter, order, most }: PendingAuditQuery): PendingAudit {
    const ongoing = this.#rows
      .newestOngoing(MAX_LOGINS_READ)
      .map((login) => linesOf(recordOf(login, this.#ports.now()), this.#shard))
    const ended = this.#outbox.waiting.map(({ record, sequence }) => linesOf(record, this.#shard, sequence))
    const matching = [...ongoing, ...ended].flat().filter((line) => matches(line, filter))
    const lines = matching.toSorted(compareLines(order)).slice(0, Math.min(most, MAX_LINES))
    const count = matching.length
    const whole =
      this.#rows.ongoingCount <= MAX_LOGINS_READ && this.#outbox.isWhole && lines.length === Math.min(count, most)
    return { lines, count, records: [...new Set(matching.map(({ record }) => record))], whole }
  }

  /** Hands over the audit now. Answers how many records are left: of logins and requests that came meanwhile, or all of them while the
   *  catalogue does not answer. */
  async handOverAudit(): Promise<number> {
    await this.#outbox.drain(this.#ports, this.#ports.now())
    return this.#outbox.length
  }

  /** The alarm has gone off: returns the logins that are due. */
  due(): readonly Login[] {
    // While the alarm is at work no other is set: it sets the next one when it is done.
    this.#alarmAt = this.#ports.now()
    return this.#rows.dueBy(this.#ports.now())
  }

  /** Ends expired logins, hands over the audit, and sweeps logins whose record has arrived and whose time is over. */
  async settle(due: readonly Login[]): Promise<void> {
    for (const { transaction } of due) {
      const login = this.#rows.get(transaction.id)
      if (login !== undefined && login.sequence === undefined) this.#endIfExpired(login)
    }
    await this.#outbox.drain(this.#ports, this.#ports.now())
    this.#sweep(MAX_SWEPT_AT_ONCE)
    this.#rows.deleteUnused(this.#ports.now(), MAX_SWEPT_AT_ONCE)
  }

  /** Hands over the audit and forgets the logins of this user that have ended. Returns how many records of the user are still here. */
  async eraseUser(owner: Owner): Promise<number> {
    this.#outbox.forgetUser(owner)
    await this.#outbox.drain(this.#ports, this.#ports.now())
    this.#rows.deleteOf(owner, this.#hasArrived)
    const waiting = this.#outbox.waiting.filter(({ record }) => isSameOwner(record.owner, owner)).length
    const open = this.#rows.ongoing().filter(({ transaction }) => isSameOwner(transaction.owner, owner)).length
    return waiting + open + (this.#outbox.isWhole ? 0 : 1)
  }

  readonly #hasArrived = (sequence: number): boolean => this.#outbox.hasArrived(sequence)

  #endIfExpired(login: Login): void {
    if (this.#ports.now() >= endsAt(login.transaction)) this.save(login)
    else this.keepInMemory(login)
  }

  /** Sets the alarm for the next work, or for the next round if anything else is left to do. A round comes sooner when many logins
   *  will be due by then. */
  rearm(): void {
    const now = this.#ports.now()
    const work = this.#rows.nextWork()
    const { first, count: dueSoon } = this.#rows.nextDue(addSeconds(now, ROUND), this.#hasArrived)
    const round = addSeconds(now, seconds(ROUND * Math.min(1, BATCH / dueSoon)))
    const count = this.#outbox.nextCountAt
    const next = [
      ...(work === undefined ? [] : [Math.max(work, addSeconds(now, SOON))]),
      ...(first === undefined ? [] : [Math.max(first, round)]),
      ...(this.#outbox.isEmpty ? [] : [addSeconds(now, this.#outboxDelay())]),
      ...(count === undefined ? [] : [Math.max(count, addSeconds(now, SOON))]),
    ]
    this.#alarmAt = undefined
    if (next.length > 0) this.setAlarmBy(instant(Math.min(...next)))
  }

  #setAlarmForRound(): void {
    this.setAlarmBy(addSeconds(this.#ports.now(), this.#outboxDelay()))
  }

  #outboxDelay(): Seconds {
    if (this.#outbox.hasFailed) return RETRY_TIME
    return this.#outbox.isUrgent ? OUTBOX_DELAY : ROUND
  }

  /** Sets the alarm unless it is set for an earlier time: each time costs a written row. An alarm that should have gone off a round
   *  ago is lost, and its work overdue. */
  setAlarmBy(at: Instant): void {
    const now = this.#ports.now()
    const isLost = this.#alarmAt !== undefined && addSeconds(this.#alarmAt, ROUND) < now
    if (this.#alarmAt !== undefined && this.#alarmAt <= at && !isLost) return
    this.#alarmAt = isLost ? now : at
    void this.#storage.setAlarm(this.#alarmAt)
  }
}
