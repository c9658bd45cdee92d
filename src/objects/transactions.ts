import type { AuditRecord } from '../ports/catalogue.ts'
import type { AnswerRequest, FinalizeRequest, Opened, Opening, TransactionsObject } from '../ports/objects.ts'
import type { Ports } from '../ports/ports.ts'
import { answerText } from '../protocol/signed-texts.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import type { Reply, Said, Standing, Transaction } from '../rules/transaction.ts'
import {
  answered,
  belongsTo,
  claim,
  endsAt,
  finalized,
  isAnswerable,
  standing,
  withdrawn,
} from '../rules/transaction.ts'
import type { Instant, Serial, TransactionId } from '../vocabulary.ts'
import { instant } from '../vocabulary.ts'
import { digestOf, signedWith } from './answers.ts'
import { recordOf } from './audit-record.ts'
import { deliver, firstDeliveries, noted } from './courier.ts'
import { Outbox } from './outbox.ts'
import type { Login } from './shelf.ts'
import { dueOf, RETRY_MS, Shelf } from './shelf.ts'
import { Tombstones } from './tombstones.ts'

/** More logins than this in one shard are sent to another. */
const FULL = 50_000
/** How long the audit may wait for company before it is handed over. */
const OUTBOX_MS = 1500
const NO: Reply = { accepted: false }

/** One shard of a region's open logins: their single writer. It needs nothing from the catalogue to answer or finalize. */
export class TransactionsShard implements TransactionsObject {
  readonly #ports: Ports
  readonly #storage: DurableObjectStorage
  readonly #background: (work: Promise<unknown>) => void
  readonly #shelf: Shelf
  readonly #outbox: Outbox
  readonly #tombstones: Tombstones
  readonly #finalizing = new Map<TransactionId, Promise<Outcome<void>>>()
  #alarmAt: Instant | undefined

  /** What memory thinks of the alarm is what storage holds: arming for later would put off what is due sooner. */
  static async wake(ctx: DurableObjectState, ports: Ports): Promise<TransactionsShard> {
    const armed = await ctx.storage.getAlarm()
    return new TransactionsShard(ctx, ports, armed === null ? undefined : instant(armed))
  }

  private constructor(ctx: DurableObjectState, ports: Ports, alarmAt: Instant | undefined) {
    this.#ports = ports
    this.#alarmAt = alarmAt
    this.#storage = ctx.storage
    this.#background = (work) => ctx.waitUntil(work)
    this.#shelf = new Shelf(ctx.storage.sql)
    this.#tombstones = new Tombstones(ctx.storage.sql)
    this.#outbox = new Outbox(ctx.storage, ctx.id.name ?? 'unnamed', (after) =>
      this.#shelf
        .endedAfter(after)
        .map((one) => ({ sequence: one.sequence ?? 0, record: recordOf(one.transaction, ports.now()) })),
    )
  }

  async open({ transaction, release, deliveryWait }: Opening): Promise<Outcome<Opened>> {
    const now = this.#ports.now()
    const known = this.#shelf.get(transaction.id)
    if (known !== undefined)
      return sameLogin(known.transaction, transaction)
        ? done({ undelivered: [], withdrawn: [] })
        : refuse({ reason: 'id_taken' })
    if (this.#shelf.open >= FULL) return refuse({ reason: 'shard_full' })

    const gone = this.#tombstones.of(transaction.id, now)
    const opened = gone.reduce((one, serial) => withdrawn(one, serial, 'withdrawn before it opened', now), transaction)
    const login = this.#save(
      { transaction: opened, deliveries: firstDeliveries(opened.challenges, now), release, due: now },
      now,
    )
    if (release.length > 0) this.#background(this.#release(login))
    const deliveries = login.deliveries.map(({ serial }) => this.#deliver(transaction.id, serial))
    if (deliveries.length > 0) this.#background(Promise.all(deliveries))
    if (deliveryWait > 0 && deliveries.length > 0) await within(Promise.all(deliveries), deliveryWait * 1000)
    const failed =
      this.#shelf.get(transaction.id)?.transaction.steps.filter(({ what }) => what.startsWith('delivery failed')) ?? []
    return done({
      undelivered: failed.flatMap(({ serial }) => (serial === undefined ? [] : [serial])),
      withdrawn: opened.challenges.filter(({ state }) => state === 'failed').map(({ serial }) => serial),
    })
  }

  async standing(id: TransactionId): Promise<Standing | 'unknown'> {
    const login = this.#shelf.get(id)
    return login === undefined ? 'unknown' : standing(login.transaction, this.#ports.now())
  }

  async answer(id: TransactionId, answer: AnswerRequest): Promise<Outcome<Reply>> {
    const before = this.#shelf.get(id)?.transaction
    const challenge = before?.challenges.find(({ nonce, serial }) =>
      answer.nonce === undefined ? serial === answer.serial : nonce === answer.nonce && serial === answer.serial,
    )
    if (before === undefined || challenge === undefined) return done(NO)
    const said: Said = { ...answer, digest: await digestOf(answer) }
    if (challenge.given?.digest === said.digest) return done(challenge.given.reply)
    if (!isAnswerable(before, challenge, this.#ports.now())) return done(NO)
    const text = answerText(challenge.nonce, challenge.serial, answer)
    if (!(await signedWith(challenge.phoneKey, text, answer.signature))) return done(NO)

    // The signature took an await: what is decided is decided on the login as it is now, and written before the next one.
    const login = this.#shelf.get(id)
    if (login === undefined) return done(NO)
    const now = this.#ports.now()
    const after = answered(login.transaction, challenge.nonce, said, now)
    if (after.transaction !== login.transaction) this.#save({ ...login, transaction: after.transaction }, now)
    if (after.failed) this.#background(this.#ports.phones.of(challenge.serial).countFailure())
    return done(after.reply)
  }

  async finalize(request: FinalizeRequest): Promise<Outcome<{ readonly serial: Serial }>> {
    const { id, entry } = request
    await this.#finalizing.get(id)
    const login = this.#shelf.get(id)
    const now = this.#ports.now()
    if (login === undefined || !belongsTo(login.transaction, request)) return refuse({ reason: 'transaction_unknown' })
    if (login.transaction.keyHash === undefined && !request.admitted) return refuse({ reason: 'service_key_required' })
    const claimed = claim(login.transaction, entry, now)
    if (!claimed.ok) return claimed
    const { serial } = claimed.value
    if (claimed.value.kind === 'wrong_code') {
      this.#save({ ...login, transaction: claimed.value.transaction }, now)
      this.#background(this.#ports.phones.of(serial).countFailure())
      return refuse({ reason: 'not_accepted', serials: login.transaction.challenges.map((one) => one.serial) })
    }

    // `finalizing` lives in memory alone: an object that goes in the middle comes back with the login accepted.
    const asked = this.#ports.phones.of(serial).finish(id)
    this.#finalizing.set(id, asked)
    const may = await asked.finally(() => this.#finalizing.delete(id))
    if (!may.ok) return may
    const after = this.#shelf.get(id)
    if (after === undefined) return refuse({ reason: 'transaction_unknown' })
    const again = claim(after.transaction, entry, this.#ports.now())
    if (!again.ok || again.value.kind === 'wrong_code') return refuse({ reason: 'transaction_unknown' })
    this.#save({ ...after, transaction: finalized(after.transaction, serial, this.#ports.now()) }, this.#ports.now())
    return done({ serial })
  }

  async prompts(serial: Serial, ids: readonly TransactionId[]): Promise<readonly Readonly<Record<string, string>>[]> {
    const now = this.#ports.now()
    return ids.flatMap((id) => {
      const transaction = this.#shelf.get(id)?.transaction
      if (transaction === undefined) return []
      const mine = transaction.challenges.filter((one) => one.serial === serial && isAnswerable(transaction, one, now))
      return mine.map(({ prompt }) => prompt)
    })
  }

  async withdraw(id: TransactionId, serial: Serial | undefined, why: string): Promise<void> {
    const now = this.#ports.now()
    const login = this.#shelf.get(id)
    if (login === undefined) return this.#tombstones.lay(id, serial, now)
    const after = withdrawn(login.transaction, serial, why, now)
    if (after !== login.transaction) this.#save({ ...login, transaction: after }, now)
  }

  async withdrawKey(keyHash: string): Promise<void> {
    const mine = [...this.#shelf.unended()].filter(({ transaction }) => transaction.keyHash === keyHash)
    for (const { transaction } of mine) await this.withdraw(transaction.id, undefined, 'service key revoked')
  }

  async record(record: AuditRecord): Promise<void> {
    this.#outbox.keep(record, this.#ports.now())
    this.#arm(instant(this.#ports.now() + OUTBOX_MS))
  }

  /** Delivers first, then ends, releases, hands over the audit and sweeps. Never throws; always re-arms. */
  async alarm(): Promise<void> {
    this.#alarmAt = undefined
    try {
      const now = this.#ports.now()
      const due = [...this.#shelf.dueBy(now)]
      await Promise.all(due.flatMap((login) => this.#overdue(login, now)))
      for (const { transaction } of due) this.#settle(transaction.id)
      await this.#outbox.drain(this.#ports.catalogue, this.#ports.now())
      for (const login of due) this.#sweep(login.transaction.id)
    } catch (error) {
      this.#ports.log('alarm_failed', { error: String(error) })
    } finally {
      this.#tombstones.sweep(this.#ports.now())
      const waiting = this.#outbox.empty ? undefined : instant(this.#ports.now() + RETRY_MS)
      const next = [this.#shelf.nextDue(), waiting].filter((one) => one !== undefined)
      if (next.length > 0) this.#arm(instant(Math.max(Math.min(...next), this.#ports.now() + 100)))
    }
  }

  #overdue(login: Login, now: Instant): readonly Promise<unknown>[] {
    if (login.sequence !== undefined) return []
    const deliveries = login.deliveries.filter(({ at }) => at <= now)
    const work: Promise<unknown>[] = deliveries.map(({ serial }) => this.#deliver(login.transaction.id, serial))
    return login.release.length > 0 ? [...work, this.#release(login)] : work
  }

  /** Written, its next due time set, its place in the outbox given if this ended it. */
  #save(login: Login, now: Instant): Login {
    const { sequence, ...rest } = login
    const over = !['pending', 'accepted'].includes(standing(login.transaction, now))
    const place = sequence ?? (over ? this.#outbox.next(now) : undefined)
    if (over && sequence === undefined && place !== undefined) this.#outbox.add(place, recordOf(login.transaction, now))
    const placed = place === undefined ? rest : { ...rest, sequence: place }
    const saved: Login = { ...placed, due: dueOf(placed, now) }
    this.#shelf.put(saved)
    this.#arm(place !== undefined && sequence === undefined ? instant(now + OUTBOX_MS) : saved.due)
    return saved
  }

  #settle(id: TransactionId): void {
    const login = this.#shelf.get(id)
    if (login !== undefined && login.sequence === undefined) this.#refresh(login)
  }

  /** The clock may have ended it; else only its next due time changes, which memory remembers well enough. */
  #refresh(login: Login): void {
    const now = this.#ports.now()
    if (now >= endsAt(login.transaction)) this.#save(login, now)
    else this.#shelf.note({ ...login, due: dueOf(login, now) })
  }

  #sweep(id: TransactionId): void {
    const login = this.#shelf.get(id)
    const now = this.#ports.now()
    if (login?.sequence === undefined || login.due > now) return
    if (this.#outbox.arrived(login.sequence)) this.#shelf.remove(id)
    else this.#shelf.note({ ...login, due: instant(now + RETRY_MS) })
  }

  async #deliver(id: TransactionId, serial: Serial): Promise<void> {
    const login = this.#shelf.get(id)
    if (login === undefined) return
    const outcome = await deliver(this.#ports.delivery, login, serial, this.#ports.now)
    const after = this.#shelf.get(id)
    if (after === undefined || after.sequence !== undefined) return
    const now = this.#ports.now()
    const next = noted(after, outcome, now)
    // A delivery that went well is not worth a row: if memory is lost the prompt is sent twice, and the app shows it once.
    if (outcome.failed) this.#save(next, now)
    else this.#shelf.note({ ...next, due: dueOf(next, now) })
    if (outcome.failed) this.#ports.log('delivery_failed', { serial, why: outcome.what })
  }

  async #release(login: Login): Promise<void> {
    const { id } = login.transaction
    const told = await Promise.allSettled(login.release.map((serial) => this.#ports.phones.of(serial).release(id)))
    const after = this.#shelf.get(id)
    if (after === undefined || after.sequence !== undefined || told.some(({ status }) => status === 'rejected')) return
    this.#shelf.note({ ...after, release: [], due: dueOf({ ...after, release: [] }, this.#ports.now()) })
  }

  #arm(at: Instant): void {
    if (this.#alarmAt !== undefined && this.#alarmAt <= at) return
    this.#alarmAt = at
    void this.#storage.setAlarm(at)
  }
}

const sameLogin = (one: Transaction, other: Transaction): boolean =>
  one.challenges.length === other.challenges.length &&
  one.challenges.every(({ nonce }, index) => nonce === other.challenges[index]?.nonce)

/** Returns when the work is done, or the time is over. */
async function within(work: Promise<unknown>, milliseconds: number): Promise<void> {
  const over = new AbortController()
  const late = scheduler.wait(milliseconds, { signal: over.signal }).catch(() => undefined)
  await Promise.race([work, late])
  over.abort()
}
