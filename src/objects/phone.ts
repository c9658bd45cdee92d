import { present } from '../present.ts'
import type { PhoneRecord } from '../ports/catalogue.ts'
import type { AnswerRequest, Counters, PhoneObject, Polled, RingRequest, Ringing, Signed } from '../ports/objects.ts'
import type { Ports } from '../ports/ports.ts'
import { DIALECTS } from '../protocol/dialect.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse, Refused } from '../refusal.ts'
import type { PhoneState } from '../rules/phone.ts'
import {
  barred,
  countersOf,
  failed,
  finished,
  forgiven,
  held,
  moved,
  newest,
  released,
  reset,
  RINGS_KEPT,
  rung,
} from '../rules/phone.ts'
import type { OpenedOn } from '../rules/token.ts'
import { fitness, isVoid } from '../rules/token.ts'
import type { Reply } from '../rules/transaction.ts'
import type { Instant, Owner, Serial, TransactionId } from '../vocabulary.ts'
import type { App, Quarantine } from '../vocabulary/phones.ts'
import { signedWith } from './answers.ts'
import type { Kept } from './phone-store.ts'
import { CHANGE_MS, PhoneStore } from './phone-store.ts'
import { offerTo, promptsOf, withdrawFrom } from './rings.ts'
import { Turns } from './turns.ts'

/** Prompts a phone poll gets at most, and transactions an answer without a nonce is offered to. */
const POLLED = 5
const OFFERED = 2
/** How soon the catalogue is offered again a copy it did not take. */
const RETRY_MS = 1000

type Entry = NonNullable<RingRequest['pin']>
type Rung = Outcome<Ringing>
type Forgiving = Pick<RingRequest, 'forgivenAfter'>

/** One phone, by its token's serial: attempts, lock, open rings and ring budget, exact under any concurrency. */
export class PhoneKeeper implements PhoneObject {
  readonly #ports: Ports
  readonly #storage: DurableObjectStorage
  readonly #background: (work: Promise<unknown>) => void
  readonly #serial: Serial
  readonly #store: PhoneStore
  readonly #turns = new Turns()

  constructor(ctx: DurableObjectState, ports: Ports) {
    this.#ports = ports
    this.#storage = ctx.storage
    this.#background = (work) => ctx.waitUntil(work)
    this.#serial = (ctx.id.name ?? '') as Serial
    this.#store = new PhoneStore(ctx.storage, this.#serial, ports, (before, after) => this.#withdraw(before, after))
  }

  async ring(request: RingRequest): Promise<Rung> {
    const ready = await this.#store.at(request.revision)
    if (!ready.ok) return ready
    if (ready.value !== undefined && ready.value.record.revision > request.revision) return refuse({ reason: 'stale' })
    const { pin } = request
    if (pin !== undefined) return this.#turns.take(() => this.#tryPin(request, pin))
    return this.#locked(request) ?? this.#ring(request, false)
  }

  async #tryPin(request: RingRequest, entry: Entry): Promise<Rung> {
    const fit = this.#locked(request) ?? this.#fit()
    if (!fit.ok) return fit
    const kept = fit.value
    // Counted before it is compared: whoever cuts the comparison short has used up an attempt.
    this.#store.remember(held(this.#forgiven(kept, request), request.transaction, this.#ports.now()))
    if (await this.#matches(kept.record, entry)) return this.#ring(request, true)
    this.#background(this.#store.copySoon())
    return refuse({ reason: 'pin_wrong' })
  }

  async #matches(record: PhoneRecord, { given, from }: Entry): Promise<boolean> {
    if (given === undefined) return false
    if (from === 'none' || record.pin === undefined) return given === ''
    return this.#ports.pins.matches(this.#serial, record.pin, given)
  }

  #ring(request: RingRequest, pinVerified: boolean): Rung {
    const { transaction, revision, until, polling, forgivenAfter, repeat } = request
    const fit = this.#fit()
    if (!fit.ok) return fit
    const kept = fit.value
    // While the PIN waited its turn the token may have become another phone's: the caller would sign for the one before.
    if (kept.record.revision > revision) return refuse({ reason: 'stale' })
    const memory = this.#forgiven(kept, request)
    const { state, ...ringing } = rung(memory, { transaction, until, pinVerified, repeat }, this.#ports.now())
    this.#store.save({ ...kept, polling, forgivenAfter, memory: state })
    return done(ringing)
  }

  /** What is kept of a token that may take part in a login now. Refuses: `no_suitable_token`, `outside_validity`. */
  #fit(): Outcome<Kept> {
    const { kept } = this.#store
    const fit = kept && fitness(kept.record, this.#ports.now())
    if (fit?.ok === false && fit.refusal.reason === 'outside_validity') return fit
    return kept === undefined || fit?.ok !== true ? refuse({ reason: 'no_suitable_token' }) : done(kept)
  }

  #locked({ forgivenAfter }: Forgiving, told?: TransactionId): ReturnType<typeof refuse> | undefined {
    const { kept } = this.#store
    const reason = kept && barred(kept.memory, { ...kept.record, forgivenAfter }, this.#ports.now(), told)
    return reason && refuse({ reason })
  }

  /** The memory to go on from: of a lock that is over nothing is left, here and soon in the catalogue. */
  #forgiven({ record, memory }: Kept, { forgivenAfter }: Forgiving): PhoneState {
    const limit = { most: record.maxAttempts, forgivenAfter }
    const after = forgiven(memory, limit, this.#ports.now())
    if (after !== memory) this.#background(this.#store.copySoon())
    return after
  }

  async release(transaction: TransactionId): Promise<void> {
    const { kept } = this.#store
    if (kept !== undefined) this.#store.remember(released(kept.memory, transaction, this.#ports.now()))
  }

  async move(from: TransactionId, to: TransactionId): Promise<void> {
    const { kept } = this.#store
    if (kept !== undefined) this.#store.remember(moved(kept.memory, from, to))
  }

  /** Writes nothing. Refuses: `signature_invalid`, for a serial nobody knows as well. */
  async poll(request: Signed): Promise<Outcome<Polled>> {
    const verified = await this.verify(request)
    if (!verified.ok) return verified
    const { kept } = this.#store
    if (kept === undefined) return refuse({ reason: 'signature_invalid' })
    const { pin: _, ...token } = kept.record
    const { owner, pollingAllowed } = token
    const shut = !this.#fit().ok || this.#locked(kept) !== undefined
    // All of them are asked for: a login that is over must not take the place of one that waits.
    const rings = shut ? [] : newest(kept.memory, RINGS_KEPT, this.#ports.now())
    const prompts = await promptsOf(this.#ports, this.#serial, rings, POLLED)
    // Told the oldest first, as privacyIDEA does: the app lists them so.
    const told = kept.memory.rings.map(({ transaction }) => prompts.get(transaction)).filter((one) => one !== undefined)
    return done({ ...present({ owner, pollingAllowed }), token, polling: kept.polling, prompts: told })
  }

  async offer(answer: AnswerRequest): Promise<Outcome<Reply>> {
    const ready = await this.#store.filled()
    if (!ready.ok) return ready
    if (ready.value?.record.type !== answer.type) return refuse({ reason: 'token_unknown' })
    const { nonce: _, ...nameless } = answer
    // An app that always names its nonce, and names one that is not ours, answers nothing of ours.
    const offered = DIALECTS[answer.type].plain ? 0 : OFFERED
    return offerTo(this.#ports, newest(ready.value.memory, offered, this.#ports.now()), nameless)
  }

  async verify({ type, text, signature }: Signed): Promise<Outcome<{ readonly owner?: Owner }>> {
    const ready = await this.#store.filled()
    if (!ready.ok) return ready
    const record = ready.value?.record
    const phoneKey = record?.state === 'enrolled' && record.type === type ? record.phoneKey : undefined
    const holds = phoneKey !== undefined && (await signedWith(phoneKey, text, signature))
    return holds ? done(present({ owner: ready.value?.record.owner })) : refuse({ reason: 'signature_invalid' })
  }

  async finish(transaction: TransactionId, phoneKey: string, opened: OpenedOn = {}, app?: App): Promise<Outcome<void>> {
    const ready = await this.#store.filled()
    if (!ready.ok) return ready
    const fit = this.#fit()
    if (!fit.ok) return fit
    const kept = fit.value
    // The withdrawal of what the phone or the owner before had accepted may not have arrived.
    if (kept.changing !== undefined || kept.record.phoneKey !== phoneKey || isVoid(kept.record, opened))
      return refuse({ reason: 'no_suitable_token' })
    const locked = this.#locked(kept, transaction)
    if (locked !== undefined) return locked
    const memory = finished(kept.memory, transaction, this.#ports.now())
    if (this.#store.rememberSuccess(memory, app)) this.#background(this.#store.copy(app))
    return done(undefined)
  }

  async countFailure(): Promise<void> {
    const { kept } = this.#store
    // What comes after the lock neither counts nor makes it longer.
    if (kept === undefined || this.#locked(kept) !== undefined) return
    this.#store.remember(failed(this.#forgiven(kept, kept), this.#ports.now()))
    await this.#store.copySoon()
  }

  async quarantine(quarantine: Quarantine): Promise<void> {
    const ready = await this.#store.filled()
    if (!ready.ok) throw new Refused(ready.refusal)
    await this.#store.quarantine(quarantine)
  }

  async reset(): Promise<Outcome<void>> {
    const ready = await this.#store.filled()
    if (!ready.ok) return ready
    if (ready.value === undefined) return refuse({ reason: 'token_unknown' })
    this.#store.remember(reset(ready.value.memory))
    return this.#store.copy()
  }

  changing(): Promise<Instant> {
    return this.#store.mark()
  }

  changed(mark: Instant): Promise<void> {
    return this.#store.unmark(mark)
  }

  async openRings(): Promise<Outcome<readonly TransactionId[]>> {
    const ready = await this.#store.filled()
    if (!ready.ok) return ready
    if (ready.value === undefined) return refuse({ reason: 'token_unknown' })
    return done(ready.value.memory.rings.map(({ transaction }) => transaction))
  }

  async counters(): Promise<Counters | undefined> {
    const { kept } = this.#store
    return kept && countersOf(kept.memory)
  }

  /** Takes up a change whose end was not reported, and brings the catalogue's copy up to date. Never throws; re-arms. */
  async alarm(): Promise<void> {
    try {
      const mark = this.#store.kept?.changing
      if (mark !== undefined) await this.#store.unmark(mark)
      if (this.#store.copyDue) await this.#store.copy()
      await this.#store.copyQuarantine()
    } catch (error) {
      this.#ports.log('alarm_failed', { serial: this.#serial, error: String(error) })
    } finally {
      const { kept, copyDue } = this.#store
      const isBehind = copyDue || kept?.quarantine !== undefined
      const again = kept?.changing !== undefined ? CHANGE_MS : isBehind ? RETRY_MS : undefined
      if (again !== undefined) await this.#storage.setAlarm(this.#ports.now() + again)
    }
  }

  /** What this phone rings is withdrawn, if it is void now or the token no longer fit. */
  #withdraw(before: Kept, after: Kept | undefined): void {
    const { revision } = before.record
    if (after !== undefined && !isVoid(after.record, { revision }) && fitness(after.record, this.#ports.now()).ok)
      return
    this.#background(withdrawFrom(this.#ports, before.memory.rings, this.#serial))
  }
}
