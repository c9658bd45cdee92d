import type { TokenRecord } from '../ports/tokens.ts'
import type { LoginOfService, RingRequest } from '../ports/phone-object.ts'
import { encodeHex } from '../bytes.ts'
import type { Ports } from '../ports/ports.ts'
import { present } from '../present.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import { countRing, type NewRing } from '../rules/token/phone-rings.ts'
import { isGuessedOut, remainingPause } from '../rules/token/pin-guesses.ts'
import { clearExpiredLock, isLocked, limitReached } from '../rules/token/attempt-limits.ts'
import {
  attemptsOf,
  countFailure,
  holdAttempt,
  lockAttempts,
  names,
  type PhoneState,
} from '../rules/token/phone-state.ts'
import type { Serial, TransactionId } from '../vocabulary.ts'
import type { EventKeeper } from './event-keeper.ts'
import type { FraudReportKeeper } from './fraud-report-keeper.ts'
import { keepPin } from './keep-pin.ts'
import { Mutex } from './mutex.ts'
import type { PhoneStore } from './phone-store.ts'
import { resealPin } from './reseal-pin.ts'
import type { StoredPhone } from './stored-phone.ts'

type PinEntry = NonNullable<RingRequest['pin']>
type LockDuration = Pick<RingRequest, 'forgivenAfter'>

/** Compares a PIN. `kept`: if it matches, it becomes the token's own. */
interface Matcher {
  readonly matches: () => Promise<boolean>
  readonly kept?: string
}

/** Counts the failed attempts of one token, exactly under any concurrency, and refuses when they are too many. */
export class Attempts {
  readonly #store: PhoneStore
  readonly #serial: Serial
  readonly #reports: FraudReportKeeper
  readonly #ports: Pick<Ports, 'now' | 'pins' | 'random' | 'tokens'>
  readonly #background: (work: Promise<unknown>) => void
  readonly #events: EventKeeper
  readonly #mutex = new Mutex()

  constructor(
    store: PhoneStore,
    serial: Serial,
    reports: FraudReportKeeper,
    ports: Pick<Ports, 'now' | 'pins' | 'random' | 'tokens'>,
    background: (work: Promise<unknown>) => void,
    events: EventKeeper,
  ) {
    this.#events = events
    this.#store = store
    this.#serial = serial
    this.#reports = reports
    this.#ports = ports
    this.#background = background
  }

  /** Returns the refusal if the token is locked (`attempts_exceeded`) or used up (`uses_exceeded`). A login that this token has
   *  finalized already (`finalized`) is never refused because it is used up. */
  checkLimits({ forgivenAfter }: LockDuration, finalized?: TransactionId): ReturnType<typeof refuse> | undefined {
    const { stored } = this.#store
    const reason =
      stored && limitReached(stored.memory, { ...stored.record, forgivenAfter }, this.#ports.now(), finalized)
    return reason && refuse({ reason })
  }

  /** Checks the PIN and returns the result of `onMatch`, called without an await in between. One PIN is checked at a time.
   *  Refuses: `pin_wrong`, and the attempt stays counted unless its hold is released; `pin_attempts_paused`, with nothing compared, if
   *  this place has guessed too often; `attempts_exceeded`, `uses_exceeded`,
   *  `source_blocked`, `pin_suspended`, `no_suitable_token`, `outside_validity`; `storage_unavailable` if the PIN does not open, `pin_pending` if it cannot be compared, and then nothing is counted. */
  checkPin<T>(request: RingRequest, pin: PinEntry, onMatch: () => Outcome<T>): Promise<Outcome<T>> {
    return this.#mutex.run(async () => {
      const isRepeated = this.#isHeld(request)
      const check = () => this.#admit(request, isRepeated)
      const limited = check()
      if (!limited.ok) return limited
      // Opened before an attempt is counted: a PIN that cannot be read is no wrong one.
      const matcher = await this.#matcherOf(limited.value.record, pin)
      if (!matcher.ok) return matcher
      const usable = check()
      if (!usable.ok) return usable
      const phone = usable.value
      // Counted before the PIN is compared, and written before anybody learns the result: a ring writes it, or `saveKept`. If the
      // object restarts in between, nothing was learned.
      const { transaction, place } = request
      this.#store.keepInMemory(
        holdAttempt(this.clearExpiredLock(phone, request), transaction, this.#ports.now(), place),
      )
      const { matches, kept } = matcher.value
      if (await matches()) {
        const matched = onMatch()
        this.#store.saveKept()
        if (kept !== undefined) this.#background(keepPin(this.#store, this.#serial, this.#ports, kept))
        else if (request.resealWith !== undefined)
          this.#background(resealPin(this.#store, this.#serial, this.#ports.pins, request.resealWith))
        return matched
      }
      this.#lockIfGuessedOut()
      this.#store.saveKept()
      this.#reportLock(request, request)
      this.#background(this.#store.scheduleCopy())
      return refuse({ reason: 'pin_wrong' })
    })
  }

  /** Counts an attempt whose PIN is checked elsewhere. It is written before anybody is asked. Refuses: as `checkPin`, before it compares. */
  async hold(request: RingRequest): Promise<Outcome<void>> {
    const admitted = this.#admit(request, this.#isHeld(request))
    if (!admitted.ok) return admitted
    const { transaction, place } = request
    const state = this.clearExpiredLock(admitted.value, request)
    this.#store.saveState(holdAttempt(state, transaction, this.#ports.now(), place))
    return done(undefined)
  }

  /** Whether it is the same attempt again, after a newer read of the catalogue or another's word on the PIN: it was within the limits, and
   *  is counted. */
  #isHeld({ transaction }: RingRequest): boolean {
    return names(this.#store.stored?.memory.holds ?? [], transaction)
  }

  #admit(request: RingRequest, isHeld: boolean): Outcome<StoredPhone> {
    return (
      (isHeld ? undefined : (this.checkLimits(request) ?? this.#checkPause(request))) ??
      this.#reports.check(request) ??
      this.#store.usable()
    )
  }

  /** Returns the refusal if the place of the request has to wait before another PIN is compared. */
  #checkPause({ place }: Pick<RingRequest, 'place'>): ReturnType<typeof refuse> | undefined {
    const { stored } = this.#store
    if (place === undefined || stored === undefined) return undefined
    const retryAfter = remainingPause(stored.memory, place, stored.record.maxAttempts, this.#ports.now())
    return retryAfter > 0 ? refuse({ reason: 'pin_attempts_paused', retryAfter }) : undefined
  }

  /** Locks the token as an administrator knows it, once too many PINs of all places were wrong. */
  #lockIfGuessedOut(): void {
    const { stored } = this.#store
    if (stored !== undefined && isGuessedOut(stored.memory, attemptsOf(stored.memory)))
      this.#store.saveState(lockAttempts(stored.memory, stored.record.maxAttempts, this.#ports.now()))
  }

  /** Reports that the token is locked, if it is. Called after a failure that was counted while it was not. */
  #reportLock(lock: LockDuration, { transaction, serviceKey: service }: Partial<LoginOfService> = {}): void {
    const { stored } = this.#store
    if (stored === undefined || this.checkLimits(lock)?.refusal.reason !== 'attempts_exceeded') return
    const { owner } = stored.record
    const { now, random } = this.#ports
    const about = present({ owner, transaction, service })
    const id = encodeHex(random(16))
    this.#background(this.#events.keep({ type: 'lockout', id, at: now(), serial: this.#serial, ...about }))
  }

  /** Prepares the comparison of an entry with the token's PIN. A PIN that does not open is read from the catalogue once more: this
   *  copy may be older than a rotation of the master key. Another's verdict counts for what cannot be compared here, and for nothing else.
   *  Refuses: `storage_unavailable`, `pin_pending`. */
  async #matcherOf(record: TokenRecord, { entry, source, verdict }: PinEntry): Promise<Outcome<Matcher>> {
    if (source === 'userstore') return done({ matches: async () => verdict === true })
    if (entry === undefined) return done({ matches: async () => false })
    if (source === 'none' || record.pin === undefined) return done({ matches: async () => entry === '' })
    const opened = await this.#ports.pins.open(this.#serial, record.pin, async () => {
      const reloaded = await this.#store.reload()
      return reloaded.ok ? done(reloaded.value?.record.pin) : reloaded
    })
    if (!opened.ok) return opened
    const { pending } = opened.value
    if (pending === undefined) return done({ matches: () => this.#ports.pins.matches(opened.value, entry) })
    if (pending !== 'upstream' || verdict === undefined) return refuse({ reason: 'pin_pending', state: pending })
    return done({ matches: async () => verdict, kept: entry })
  }

  /** Returns the phone's state with this ring counted as a failed attempt.
   *  Refuses: `attempts_exceeded` if that locks the token; the ring stays counted. */
  countRing(
    { record }: StoredPhone,
    memory: PhoneState,
    ring: NewRing,
    lock: LockDuration & LoginOfService,
  ): Outcome<PhoneState> {
    const now = this.#ports.now()
    const counted = countRing(memory, ring, now)
    if (counted !== memory) this.#background(this.#store.scheduleCopy())
    if (!isLocked(counted, { most: record.maxAttempts, ...lock }, now)) return done(counted)
    this.#store.saveState(counted)
    this.#reportLock(lock, lock)
    return refuse({ reason: 'attempts_exceeded' })
  }

  /** Counts a failed attempt that nothing takes back, in this login. A locked token counts none: the lock does not become longer. */
  async countFailure(login?: LoginOfService): Promise<void> {
    const { stored } = this.#store
    if (stored === undefined || this.checkLimits(stored) !== undefined) return
    this.#store.saveState(countFailure(this.clearExpiredLock(stored, stored), this.#ports.now()))
    this.#reportLock(stored, login)
    await this.#store.scheduleCopy()
  }

  /** Returns the phone's state without the attempts of a lock that is over; the catalogue's copy follows soon. */
  clearExpiredLock({ record, memory }: StoredPhone, { forgivenAfter }: LockDuration): PhoneState {
    const limit = { most: record.maxAttempts, forgivenAfter }
    const state = clearExpiredLock(memory, limit, this.#ports.now())
    if (state !== memory) this.#background(this.#store.scheduleCopy())
    return state
  }
}
