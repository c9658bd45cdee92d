import { present } from '../present.ts'
import type {
  AnswerRequest,
  PhoneCounters,
  PhoneObject,
  PhonePollResult,
  RingRequest,
  RingResult,
  SignedText,
  VerifiedSigner,
} from '../ports/phone-object.ts'
import type { Ports } from '../ports/ports.ts'
import { DIALECTS } from '../protocol/phone/dialect.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse, RefusalError } from '../refusal.ts'
import {
  countersOf,
  recordSuccess,
  moveRing,
  newestRings,
  releaseHold,
  resetAttempts,
  RINGS_KEPT,
  addRing,
} from '../rules/token/phone-state.ts'
import type { TokenAtOpening } from '../rules/token/token.ts'
import { checkUsable, isVoid } from '../rules/token/token.ts'
import type { PhoneReply } from '../rules/login/transaction.ts'
import type { Instant, Serial, TransactionId } from '../vocabulary.ts'
import type { App, Quarantine } from '../vocabulary/phones.ts'
import { isSignedByPhone } from './answers.ts'
import { Attempts } from './attempts.ts'
import type { StoredPhone } from './phone-store.ts'
import { CHANGE_MS, PhoneStore } from './phone-store.ts'
import { offerAnswer, pendingPrompts, withdrawRings } from './rings.ts'

/** Prompts a phone poll gets at most, and transactions an answer without a nonce is offered to. */
const POLLED = 5
const OFFERED = 2
/** How soon the catalogue is asked again that did not answer. */
const RETRY_MS = 1000

/** One phone, by its token's serial: attempts, lock, open rings and ring budget, exact under any concurrency. */
export class PhoneKeeper implements PhoneObject {
  readonly #ports: Ports
  readonly #storage: DurableObjectStorage
  readonly #background: (work: Promise<unknown>) => void
  readonly #serial: Serial
  readonly #store: PhoneStore
  readonly #attempts: Attempts

  constructor(ctx: DurableObjectState, ports: Ports) {
    this.#ports = ports
    this.#storage = ctx.storage
    this.#background = (work) => ctx.waitUntil(work)
    this.#serial = (ctx.id.name ?? '') as Serial
    this.#store = new PhoneStore(ctx.storage, this.#serial, ports, (before, after) => this.#withdraw(before, after))
    this.#attempts = new Attempts(this.#store, this.#serial, ports, this.#background)
  }

  async ring(request: RingRequest): Promise<Outcome<RingResult>> {
    const ready = await this.#store.atRevision(request.revision)
    if (!ready.ok) return ready
    if (ready.value !== undefined && ready.value.record.revision > request.revision) return refuse({ reason: 'stale' })
    const { pin } = request
    if (pin !== undefined) return this.#attempts.checkPin(request, pin, () => this.#ring(request, true))
    return this.#attempts.checkLimits(request) ?? this.#ring(request, false)
  }

  #ring(request: RingRequest, pinVerified: boolean): Outcome<RingResult> {
    const { transaction, revision, until, polling, forgivenAfter, repeat } = request
    const fit = this.#store.usable()
    if (!fit.ok) return fit
    const kept = fit.value
    // While the PIN waited its turn the token may have become another phone's: the caller would sign for the one before.
    if (kept.record.revision > revision) return refuse({ reason: 'stale' })
    const memory = this.#attempts.clearExpiredLock(kept, request)
    const { state, ...ringing } = addRing(memory, { transaction, until, pinVerified, repeat }, this.#ports.now())
    this.#store.save({ ...kept, polling, forgivenAfter, memory: state })
    return done(ringing)
  }

  async release(transaction: TransactionId): Promise<void> {
    const { stored: kept } = this.#store
    if (kept !== undefined) this.#store.saveState(releaseHold(kept.memory, transaction, this.#ports.now()))
  }

  async move(from: TransactionId, to: TransactionId): Promise<void> {
    const { stored: kept } = this.#store
    if (kept !== undefined) this.#store.saveState(moveRing(kept.memory, from, to))
  }

  async poll(request: SignedText): Promise<Outcome<PhonePollResult>> {
    const verified = await this.verify(request)
    if (!verified.ok) return verified
    const { stored: kept } = this.#store
    if (kept === undefined) return refuse({ reason: 'signature_invalid' })
    const { pin: _, ...token } = kept.record
    const { owner, pollingAllowed } = token
    const shut = !this.#store.usable().ok || this.#attempts.checkLimits(kept) !== undefined
    // All of them are asked for: a login that is over must not take the place of one that waits.
    const rings = shut ? [] : newestRings(kept.memory, RINGS_KEPT, this.#ports.now())
    const prompts = await pendingPrompts(this.#ports, this.#serial, rings, POLLED)
    // Told the oldest first, as privacyIDEA does: the app lists them so.
    const told = kept.memory.rings.map(({ transaction }) => prompts.get(transaction)).filter((one) => one !== undefined)
    return done({ ...present({ owner, pollingAllowed }), token, polling: kept.polling, prompts: told })
  }

  async offer(answer: AnswerRequest): Promise<Outcome<PhoneReply>> {
    const ready = await this.#store.load()
    if (!ready.ok) return ready
    if (ready.value?.record.type !== answer.type) return refuse({ reason: 'token_unknown' })
    const { nonce: _, ...nameless } = answer
    // An app that always names its nonce, and names one that is not ours, answers nothing of ours.
    const offered = DIALECTS[answer.type].isBasic ? 0 : OFFERED
    return offerAnswer(this.#ports, newestRings(ready.value.memory, offered, this.#ports.now()), nameless)
  }

  async verify({ type, text, signature }: SignedText): Promise<Outcome<VerifiedSigner>> {
    const ready = await this.#store.load()
    if (!ready.ok) return ready
    const record = ready.value?.record
    const phoneKey = record?.state === 'enrolled' && record.type === type ? record.phoneKey : undefined
    const holds = phoneKey !== undefined && (await isSignedByPhone(phoneKey, text, signature))
    return holds ? done(present({ owner: record?.owner, phoneKey })) : refuse({ reason: 'signature_invalid' })
  }

  async finish(
    transaction: TransactionId,
    phoneKey: string,
    opened: TokenAtOpening = {},
    app?: App,
  ): Promise<Outcome<void>> {
    const ready = await this.#store.load()
    if (!ready.ok) return ready
    const fit = this.#store.usable()
    if (!fit.ok) return fit
    const kept = fit.value
    // The withdrawal of what the phone or the owner before had accepted may not have arrived.
    if (kept.changing !== undefined || kept.record.phoneKey !== phoneKey || isVoid(kept.record, opened))
      return refuse({ reason: 'no_suitable_token' })
    const barred = this.#attempts.checkLimits(kept, transaction)
    if (barred !== undefined) return barred
    const memory = recordSuccess(kept.memory, transaction, this.#ports.now())
    if (this.#store.saveSuccess(memory, app)) this.#background(this.#store.copyCounters(app))
    return done(undefined)
  }

  countFailure(): Promise<void> {
    return this.#attempts.countFailure()
  }

  async quarantine(quarantine: Quarantine): Promise<void> {
    const ready = await this.#store.load()
    if (!ready.ok) throw new RefusalError(ready.refusal)
    await this.#store.saveQuarantine(quarantine)
  }

  async reset(): Promise<Outcome<void>> {
    const ready = await this.#store.load()
    if (!ready.ok) return ready
    if (ready.value === undefined) return refuse({ reason: 'token_unknown' })
    this.#store.saveState(resetAttempts(ready.value.memory))
    return this.#store.copyCounters()
  }

  changing(): Promise<Instant> {
    return this.#store.beginChange()
  }

  changed(mark: Instant): Promise<void> {
    return this.#store.endChange(mark)
  }

  async openRings(): Promise<Outcome<readonly TransactionId[]>> {
    const ready = await this.#store.load()
    if (!ready.ok) return ready
    if (ready.value === undefined) return refuse({ reason: 'token_unknown' })
    return done(ready.value.memory.rings.map(({ transaction }) => transaction))
  }

  async counters(): Promise<PhoneCounters | undefined> {
    const { stored: kept } = this.#store
    return kept && countersOf(kept.memory)
  }

  /** Takes up a change whose end was not reported, and brings the catalogue's copy up to date. Never throws; re-arms. */
  async alarm(): Promise<void> {
    try {
      const mark = this.#store.stored?.changing
      // It may be here for a copy only: while the catalogue may still be writing, what it says is no end of the change.
      if (mark !== undefined && this.#ports.now() >= mark + CHANGE_MS) await this.#store.endChange(mark)
      if (this.#store.isCopyDue) await this.#store.copyCounters()
      await this.#store.copyQuarantine()
    } catch (error) {
      this.#ports.log('alarm_failed', { serial: this.#serial, error: String(error) })
    } finally {
      const { stored: kept, isCopyDue: copyDue } = this.#store
      const isBehind = copyDue || kept?.quarantine !== undefined
      const soon = this.#ports.now() + RETRY_MS
      if (kept?.changing !== undefined) await this.#storage.setAlarm(Math.max(kept.changing + CHANGE_MS, soon))
      else if (isBehind) await this.#storage.setAlarm(soon)
    }
  }

  /** What this phone rings is withdrawn, if it is void now or the token no longer fit. */
  #withdraw(before: StoredPhone, after: StoredPhone | undefined): void {
    const { revision } = before.record
    if (after !== undefined && !isVoid(after.record, { revision }) && checkUsable(after.record, this.#ports.now()).ok)
      return
    this.#background(withdrawRings(this.#ports, before.memory.rings, this.#serial))
  }
}
