import type { AuditRecord } from '../vocabulary/audit.ts'
import type { PendingAudit, PendingAuditQuery } from '../ports/transactions-object.ts'
import type { Ports } from '../ports/ports.ts'
import { withInfo } from '../protocol/login/step-texts.ts'
import { compareLines, linesOf, matches } from '../rules/login/audit.ts'
import { loginRecord } from '../rules/login/login-audit.ts'
import { endsAt, loginStatus } from '../rules/login/transaction.ts'
import type { Instant, TransactionId } from '../vocabulary.ts'
import { instant } from '../vocabulary.ts'
import { BATCH, Outbox, sequenceTime } from './outbox.ts'
import type { Login, UndatedLogin } from './login-rows.ts'
import { dueOf, hasErrand, RETRY_MS, LoginRows } from './login-rows.ts'

/** Housekeeping, for which nobody waits (to end what the clock has ended, to hand the audit over, to sweep), is done in
 *  rounds: at the latest so long after there is something to do. An alarm is billed as a written row and a request. */
const ROUND_MS = 120_000
/** How long an outbox that cannot wait for a round still waits for company. */
const OUTBOX_MS = 1500
/** In a shard with no room left, what the clock has ended is looked for so often, and so much of it ended at once. */
const LOOK_MS = 1000
const ENDED_AT_ONCE = 1000
/** Open logins that a look at the unsettled takes in, and lines that are told at most: a crowd must not hold up the shard. */
const LOOKED_AT = 5000
const TOLD = 20_000

/**
 * The shard's logins over time: each change is one written row, the alarm stands at the next errand or round, and a login
 * that has ended goes to the audit and is swept once it has arrived there and its time is over.
 */
export class LoginStore {
  readonly #ports: Pick<Ports, 'now' | 'audit'>
  readonly #storage: DurableObjectStorage
  readonly #changed: (id: TransactionId) => void
  readonly #shard: string
  readonly #shelf: LoginRows
  readonly #outbox: Outbox
  #alarmAt: Instant | undefined
  #lookedAt = instant(0)

  /** What memory thinks of the alarm is what storage holds: arming for later would put off what is due sooner. */
  static async open(
    ctx: DurableObjectState,
    ports: Pick<Ports, 'now' | 'audit'>,
    changed: (id: TransactionId) => void,
  ): Promise<LoginStore> {
    const armed = await ctx.storage.getAlarm()
    return new LoginStore(ctx, ports, changed, armed === null ? undefined : instant(armed))
  }

  private constructor(
    ctx: DurableObjectState,
    ports: Pick<Ports, 'now' | 'audit'>,
    changed: (id: TransactionId) => void,
    alarmAt: Instant | undefined,
  ) {
    this.#ports = ports
    this.#storage = ctx.storage
    this.#changed = changed
    this.#alarmAt = alarmAt
    this.#shelf = new LoginRows(ctx.storage.sql)
    this.#shard = ctx.id.name ?? 'unnamed'
    // A login that ended as declined has expired by the time it is looked at again: it is told of as it ended.
    this.#outbox = new Outbox(ctx.storage, this.#shard, (after) =>
      this.#shelf.endedAfter(after).map(({ sequence, transaction }) => ({
        sequence,
        record: auditRecord(transaction, ports.now(), sequenceTime(sequence)),
      })),
    )
  }

  /** Whether so many logins are open. What the clock has ended takes no room, though no round has come to it yet. */
  isFull(count: number): boolean {
    if (this.#shelf.openCount >= count) this.#endOver()
    return this.#shelf.openCount >= count
  }

  #endOver(): void {
    const now = this.#ports.now()
    if (now < this.#lookedAt + LOOK_MS) return
    this.#lookedAt = now
    // One that is due for an errand stays due: to put it off is for whoever has run the errand.
    for (const login of this.#shelf.expiredBy(now, ENDED_AT_ONCE)) this.save(login)
  }

  get(id: TransactionId): Login | undefined {
    return this.#shelf.get(id)
  }

  /** What the audit says of a login, or will say. */
  auditRecord(id: TransactionId): AuditRecord | undefined {
    const login = this.#shelf.get(id)
    return login && this.#recordFor(login)
  }

  /** What the clock has ended is told of as ended, though no round has come to it yet. */
  #recordFor({ transaction, sequence }: Login): AuditRecord {
    const now = this.#ports.now()
    const over = now >= endsAt(transaction) ? endsAt(transaction) : undefined
    return auditRecord(transaction, now, sequence === undefined ? over : sequenceTime(sequence))
  }

  newest(count: number): readonly Login[] {
    return this.#shelf.newest(count)
  }

  /** Every login that has not ended. */
  unended(): readonly Login[] {
    return this.#shelf.unended()
  }

  /** Written; whoever waits for it is woken. If this ended it, it has its place in the outbox. */
  save(login: UndatedLogin): Login {
    const now = this.#ports.now()
    const ends = login.sequence === undefined && !['pending', 'accepted'].includes(loginStatus(login.transaction, now))
    const placed = ends ? { ...login, sequence: this.#outbox.nextSequence(now) } : login
    if (ends && placed.sequence !== undefined)
      this.#outbox.add(placed.sequence, auditRecord(login.transaction, now, sequenceTime(placed.sequence)))
    const saved: Login = { ...placed, due: dueOf(placed, now) }
    this.#shelf.put(saved)
    if (hasErrand(saved)) this.#arm(saved.due)
    this.#armRound()
    this.#changed(login.transaction.id)
    return saved
  }

  /** Remembered until the object goes, and written with the next `save`: not worth a row of its own. */
  keepInMemory(login: UndatedLogin): void {
    this.#shelf.keepInMemory({ ...login, due: dueOf(login, this.#ports.now()) })
  }

  /** The record of a request that opened no login, on its way to the audit. */
  addRecord(record: AuditRecord, kind: string | undefined): void {
    this.#outbox.addRefusedRequest(record, kind, this.#ports.now())
    this.#armRound()
  }

  /** The audit's lines of open logins and of what waits in the outbox, those that the filter means. */
  pendingAudit({ filter, order, most }: PendingAuditQuery): PendingAudit {
    const open = this.#shelf.newestUnended(LOOKED_AT).map((login) => linesOf(this.#recordFor(login), this.#shard))
    const ended = this.#outbox.waiting.map(({ record, sequence }) => linesOf(record, this.#shard, sequence))
    const meant = [...open, ...ended].flat().filter((line) => matches(line, filter))
    const lines = meant.toSorted(compareLines(order)).slice(0, Math.min(most, TOLD))
    const count = meant.length
    const whole = this.#shelf.openCount <= LOOKED_AT && lines.length === Math.min(count, most)
    return { lines, count, records: [...new Set(meant.map(({ record }) => record))], whole }
  }

  /** The alarm has gone off: what is due now. */
  due(): readonly Login[] {
    // Nothing is armed while this one is at work: it arms the next when it is done.
    this.#alarmAt = this.#ports.now()
    return [...this.#shelf.dueBy(this.#ports.now())]
  }

  /** Ends what the clock has ended, hands the audit over, sweeps what has arrived there and is old enough. */
  async settle(due: readonly Login[]): Promise<void> {
    for (const { transaction } of due) {
      const login = this.#shelf.get(transaction.id)
      if (login !== undefined && login.sequence === undefined) this.#endIfOver(login)
    }
    await this.#outbox.drain(this.#ports.audit, this.#ports.now())
    for (const { transaction } of due) this.#sweep(transaction.id)
  }

  #endIfOver(login: Login): void {
    if (this.#ports.now() >= endsAt(login.transaction)) this.save(login)
    else this.keepInMemory(login)
  }

  #sweep(id: TransactionId): void {
    const login = this.#shelf.get(id)
    const now = this.#ports.now()
    if (login?.sequence === undefined || login.due > now) return
    if (this.#outbox.hasArrived(login.sequence)) this.#shelf.remove(id)
    else this.#shelf.keepInMemory({ ...login, due: instant(now + RETRY_MS) })
  }

  /** The alarm stands at the next errand, or else at the next round if anything is left to do: after a whole one, unless
   *  a crowd will be due by then. Set once: each time is a written row. */
  rearm(): void {
    const now = this.#ports.now()
    const errand = this.#shelf.nextErrand()
    const { first, count } = this.#shelf.nextDue(instant(now + ROUND_MS))
    const next = [
      ...(errand === undefined ? [] : [Math.max(errand, now + 100)]),
      ...(first === undefined ? [] : [Math.max(first, now + ROUND_MS * Math.min(1, BATCH / count))]),
      ...(this.#outbox.isEmpty ? [] : [now + this.#outboxWaits()]),
    ]
    this.#alarmAt = undefined
    if (next.length > 0) this.#arm(instant(Math.min(...next)))
  }

  /** Whatever there is to do now waits for no more than a round. */
  #armRound(): void {
    this.#arm(instant(this.#ports.now() + this.#outboxWaits()))
  }

  #outboxWaits(): number {
    if (this.#outbox.hasFailed) return RETRY_MS
    return this.#outbox.isUrgent ? OUTBOX_MS : ROUND_MS
  }

  /** One that stood long ago and has not gone off, or not come to its end, is not waited for: what it was for is overdue. */
  #arm(at: Instant): void {
    const now = this.#ports.now()
    const isLost = this.#alarmAt !== undefined && this.#alarmAt < now - ROUND_MS
    if (this.#alarmAt !== undefined && this.#alarmAt <= at && !isLost) return
    this.#alarmAt = isLost ? now : at
    void this.#storage.setAlarm(this.#alarmAt)
  }
}

const auditRecord = (...login: Parameters<typeof loginRecord>): AuditRecord => withInfo(loginRecord(...login))
