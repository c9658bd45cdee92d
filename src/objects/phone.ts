import type { BindingUndo, NoticeAnswer } from '../ports/phone-notices.ts'
import type {
  AnswerRequest,
  PhoneFinalizeRequest,
  PhoneObject,
  PhonePollResult,
  RequestOf,
  RingRequest,
  RingResult,
  SignedText,
  VerifiedSigner,
} from '../ports/phone-object.ts'
import type { Ports } from '../ports/ports.ts'
import { present } from '../present.ts'
import { DIALECTS } from '../protocol/phone/dialect.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import { liftReports } from '../rules/token/fraud-reports.ts'
import { countRegion } from '../rules/token/phone-home.ts'
import { moveRing } from '../rules/token/phone-rings.ts'
import { countersOf, recordSuccess, releaseHold, resetAllAttempts, resetAttempts } from '../rules/token/phone-state.ts'
import { checkUsable, isVoid } from '../rules/token/token.ts'
import type { PhoneReply } from '../rules/login/transaction.ts'
import { type Instant, type Serial, type TransactionId } from '../vocabulary.ts'
import type { ReportConsequence } from '../vocabulary/fraud-reports.ts'
import type { PhoneCounters, PhoneObjectName, Quarantine } from '../vocabulary/phones.ts'
import { isSignedByPhone } from './answers.ts'
import { Announcer } from './announcing.ts'
import { Attempts } from './attempts.ts'
import { ChangeMarks } from './change-marks.ts'
import { EventKeeper } from './event-keeper.ts'
import { FraudReportKeeper } from './fraud-report-keeper.ts'
import { Notices } from './notices.ts'
import type { PhoneWork } from './phone-alarm.ts'
import type { PhoneMover } from './phone-mover.ts'
import { PhoneStore } from './phone-store.ts'
import { saveQuarantine } from './quarantine-copy.ts'
import { Ringer } from './ringer.ts'
import { NOTHING_PENDING, offerAnswer, shownPrompts, withdrawRings } from './rings.ts'
import { type StoredPhone, versionOf } from './stored-phone.ts'

/** One phone, by its token's serial: attempts, lock, open rings and ring budget, exact under any concurrency. */
export class PhoneKeeper implements Omit<PhoneObject, keyof PhoneMover> {
  readonly #ports: Ports
  readonly #background: (work: Promise<unknown>) => void
  readonly #serial: Serial
  readonly #store: PhoneStore
  readonly #attempts: Attempts
  /** For the mover. */
  readonly work: PhoneWork
  readonly #ringer: Ringer
  readonly #reports: FraudReportKeeper
  /** When the phone last sent something that it had signed. In memory: a poll writes nothing. */
  #contactAt: Instant | undefined

  constructor(ctx: DurableObjectState, ports: Ports, name: PhoneObjectName) {
    this.#ports = ports
    this.#background = (work) => ctx.waitUntil(work)
    this.#serial = name.serial
    this.#store = new PhoneStore(ctx.storage, name, ports, (before, after) => this.#withdrawRings(before, after))
    const marks = new ChangeMarks(this.#store, ctx.storage, ports)
    const events = new EventKeeper(ctx.storage, ports)
    const notices = new Notices(this.#store, marks, this.#serial, ports, this.#background)
    const announcer = new Announcer(this.#store, this.#serial, ports)
    this.work = { store: this.#store, marks, announcer, notices, events }
    this.#reports = new FraudReportKeeper(this.#store, notices, this.#serial, ports)
    this.#attempts = new Attempts(this.#store, this.#serial, this.#reports, ports, this.#background, events)
    this.#ringer = new Ringer(this.#store, this.#attempts, this.#reports, this.#serial, ports, this.#background)
  }

  async ring(request: RingRequest): Promise<Outcome<RingResult>> {
    return this.#ringer.ring(request)
  }

  async holdAttempt(request: RingRequest): Promise<Outcome<void>> {
    return this.#ringer.hold(request)
  }

  async releaseHold({ transaction }: RequestOf<'releaseHold'>): Promise<Outcome<void>> {
    const { stored } = this.#store
    if (stored !== undefined) this.#store.saveState(releaseHold(stored.memory, transaction, this.#ports.now()))
    return done(undefined)
  }

  async moveRing({ from, to }: RequestOf<'moveRing'>): Promise<Outcome<void>> {
    const { stored } = this.#store
    if (stored !== undefined) this.#store.saveState(moveRing(stored.memory, from, to))
    return done(undefined)
  }

  async finalize(request: PhoneFinalizeRequest): Promise<Outcome<void>> {
    const { transaction, phoneKey, opened = {}, app, from } = request
    const loaded = await this.#store.load()
    if (!loaded.ok) return loaded
    const usable = this.#store.usable()
    if (!usable.ok) return usable
    const phone = usable.value
    // Another phone or owner may have accepted before the token changed, and the withdrawal of that may not have arrived.
    if (phone.changing !== undefined || phone.record.phoneKey !== phoneKey || isVoid(phone.record, opened))
      return refuse({ reason: 'no_suitable_token' })
    const refusal = this.#attempts.checkLimits(phone, transaction)
    if (refusal !== undefined) return refusal
    const now = this.#ports.now()
    const memory = countRegion(recordSuccess(phone.memory, transaction, now), from, now)
    if (this.#store.saveSuccess(memory, app)) this.#background(this.#store.copyCounters(app))
    return done(undefined)
  }

  async reportFraud(request: RequestOf<'reportFraud'>): Promise<Outcome<ReportConsequence>> {
    return this.#reports.report(request)
  }

  async countFailure(request?: RequestOf<'countFailure'>): Promise<Outcome<void>> {
    await this.#attempts.countFailure(request ?? undefined)
    return done(undefined)
  }

  async poll(request: SignedText): Promise<Outcome<PhonePollResult>> {
    const verified = await this.verifySignature(request)
    if (!verified.ok) return verified
    const { stored } = this.#store
    if (stored === undefined) return refuse({ reason: 'signature_invalid' })
    const { pin: _, ...token } = stored.record
    const { owner, pollingAllowed } = token
    const notices = await this.work.notices.prompts()
    const isShut = !this.#store.usable().ok || this.#attempts.checkLimits(stored) !== undefined
    const { prompts } = isShut ? NOTHING_PENDING : await shownPrompts(this.#ports, this.#serial, stored.memory)
    // The oldest first, as privacyIDEA does: the app lists them in this order.
    const listed = stored.memory.rings
      .map(({ transaction }) => prompts.get(transaction))
      .filter((prompt) => prompt !== undefined)
    return done({ owner, pollingAllowed, token, polling: stored.polling, prompts: [...listed, ...notices] })
  }

  async offerAnswer(answer: AnswerRequest): Promise<Outcome<PhoneReply>> {
    const loaded = await this.#store.load()
    if (!loaded.ok) return loaded
    if (loaded.value?.record.type !== answer.type) return refuse({ reason: 'token_unknown' })
    const { nonce: _, ...withoutNonce } = answer
    // An app that always sends its nonce, and sent one that is not ours, answers no login of ours.
    if (DIALECTS[answer.type].isBasic) return done({ accepted: false, unmatched: true })
    const notices = this.work.notices.openPrompts()
    return offerAnswer(this.#ports, loaded.value.memory, notices, withoutNonce)
  }

  async verifySignature({ type, text, signature, from }: SignedText): Promise<Outcome<VerifiedSigner>> {
    const loaded = await this.#store.load()
    if (!loaded.ok) return loaded
    const record = loaded.value?.record
    const phoneKey = record?.state === 'enrolled' && record.type === type ? record.phoneKey : undefined
    const isSigned = phoneKey !== undefined && (await isSignedByPhone(phoneKey, text, signature))
    if (!isSigned) return refuse({ reason: 'signature_invalid' })
    const { stored } = this.#store
    this.#contactAt = this.#ports.now()
    if (stored !== undefined) this.#store.keepInMemory(countRegion(stored.memory, from, this.#contactAt))
    return done({ owner: record?.owner, phoneKey })
  }

  async quarantine(quarantine: Quarantine): Promise<Outcome<void>> {
    const loaded = await this.#store.load()
    if (!loaded.ok) return loaded
    await saveQuarantine(this.#store, quarantine)
    return done(undefined)
  }

  async resetAttempts(request?: RequestOf<'resetAttempts'>): Promise<Outcome<void>> {
    const loaded = await this.#store.load()
    if (!loaded.ok) return loaded
    const { stored } = this.#store
    if (stored === undefined) return refuse({ reason: 'token_unknown' })
    const reset = request?.keepsGuesses === true ? resetAttempts : resetAllAttempts
    const state = reset(stored.memory, this.#ports.now())
    this.#store.saveState(request?.liftsReports === true ? liftReports(state) : state)
    return this.#store.copyCounters()
  }

  async beginChange(): Promise<Outcome<Instant>> {
    return done(await this.work.marks.begin())
  }

  async endChange({ mark, isNewPin }: RequestOf<'endChange'>): Promise<Outcome<void>> {
    const ended = await this.work.marks.end([mark], isNewPin)
    this.#background(this.work.announcer.run().then(() => this.work.notices.work()))
    return ended
  }

  async beginOwnerChange(): Promise<Outcome<Instant>> {
    return this.work.marks.beginOfOwner()
  }

  async endOwnerChange({ mark }: RequestOf<'endOwnerChange'>): Promise<Outcome<void>> {
    return this.work.marks.endOfOwner(mark === undefined ? [] : [mark])
  }

  async openRings(): Promise<Outcome<readonly TransactionId[]>> {
    const loaded = await this.#store.load()
    if (!loaded.ok) return loaded
    if (loaded.value === undefined) return refuse({ reason: 'token_unknown' })
    const rings = loaded.value.memory.rings.map(({ transaction }) => transaction)
    return done([...rings, ...this.work.notices.openPrompts()])
  }

  async counters(request?: RequestOf<'counters'>): Promise<Outcome<PhoneCounters | undefined>> {
    const { stored } = this.#store
    const isNewer = stored?.memory.lastUse !== undefined && stored.memory.lastUse > stored.copied.at
    if (request?.renewsCopy === true && isNewer) this.#background(this.#store.copyCounters())
    const contact = present({ contactAt: this.#contactAt })
    return done(stored && { ...countersOf(stored.memory), ...this.#reports.times(), ...contact })
  }

  async giveNotice({ notice }: RequestOf<'giveNotice'>): Promise<Outcome<boolean>> {
    return this.work.notices.give(notice)
  }

  async answerNotice(answer: NoticeAnswer): Promise<Outcome<boolean>> {
    return this.work.notices.answer(answer)
  }

  async undoBinding(undo: BindingUndo): Promise<Outcome<boolean>> {
    return this.work.notices.undoBinding(undo)
  }

  /** Withdraws what this phone rings for, if the token as it is now is void for it or no longer usable. */
  #withdrawRings(before: StoredPhone, after: StoredPhone | undefined): void {
    if (after?.announcement !== undefined) this.#background(this.#store.scheduleCopy())
    if (
      after !== undefined &&
      !isVoid(after.record, versionOf(before.record)) &&
      checkUsable(after.record, this.#ports.now()).ok
    )
      return
    const notices = (before.memory.notices ?? []).flatMap(({ prompt }) => prompt ?? [])
    const ids = [...before.memory.rings, ...notices].map(({ transaction }) => transaction)
    this.#background(withdrawRings(this.#ports, ids, this.#serial, 'token_changed'))
  }
}
