import type { TokenRecord } from '../ports/tokens.ts'
import type { RingRequest } from '../ports/phone-object.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../refusal.ts'
import { refuse } from '../refusal.ts'
import type { PhoneState } from '../rules/token/phone-state.ts'
import { limitReached, countFailure, clearExpiredLock, holdAttempt } from '../rules/token/phone-state.ts'
import type { Serial, TransactionId } from '../vocabulary.ts'
import type { StoredPhone, PhoneStore } from './phone-store.ts'
import { Mutex } from './mutex.ts'

type Entry = NonNullable<RingRequest['pin']>
type Forgiving = Pick<RingRequest, 'forgivenAfter'>

/** Tries of one token's PIN: counted exactly under any concurrency, until they bar it. */
export class Attempts {
  readonly #store: PhoneStore
  readonly #serial: Serial
  readonly #ports: Pick<Ports, 'now' | 'pins'>
  readonly #background: (work: Promise<unknown>) => void
  readonly #turns = new Mutex()

  constructor(
    store: PhoneStore,
    serial: Serial,
    ports: Pick<Ports, 'now' | 'pins'>,
    background: (work: Promise<unknown>) => void,
  ) {
    this.#store = store
    this.#serial = serial
    this.#ports = ports
    this.#background = background
  }

  /** Why nobody gets past this token now, if so: `attempts_exceeded`, or `uses_exceeded`, which keeps no login (`told`) that has
   *  finished from being told so once more. */
  checkLimits({ forgivenAfter }: Forgiving, told?: TransactionId): ReturnType<typeof refuse> | undefined {
    const { stored: kept } = this.#store
    const reason = kept && limitReached(kept.memory, { ...kept.record, forgivenAfter }, this.#ports.now(), told)
    return reason && refuse({ reason })
  }

  /** What `matched` comes to, at once, if this is the token's PIN; whoever tries it waits their turn.
   *  Refuses: `pin_wrong`, counted until it is released; as `bar`, `fit`. */
  checkPin<T>(request: RingRequest, entry: Entry, matched: () => Outcome<T>): Promise<Outcome<T>> {
    return this.#turns.run(async () => {
      const fit = this.checkLimits(request) ?? this.#store.usable()
      if (!fit.ok) return fit
      const kept = fit.value
      // Counted before it is compared: whoever cuts the comparison short has used up an attempt.
      this.#store.saveState(holdAttempt(this.clearExpiredLock(kept, request), request.transaction, this.#ports.now()))
      if (await this.#matches(kept.record, entry)) return matched()
      this.#background(this.#store.scheduleCopy())
      return refuse({ reason: 'pin_wrong' })
    })
  }

  async #matches(record: TokenRecord, { entry: given, source: from }: Entry): Promise<boolean> {
    if (given === undefined) return false
    if (from === 'none' || record.pin === undefined) return given === ''
    return this.#ports.pins.matches(this.#serial, record.pin, given)
  }

  /** One that nothing takes back. What comes after the lock neither counts nor makes it longer. */
  async countFailure(): Promise<void> {
    const { stored: kept } = this.#store
    if (kept === undefined || this.checkLimits(kept) !== undefined) return
    this.#store.saveState(countFailure(this.clearExpiredLock(kept, kept), this.#ports.now()))
    await this.#store.scheduleCopy()
  }

  /** The memory to go on from: of a lock that is over nothing is left, here and soon in the catalogue. */
  clearExpiredLock({ record, memory }: StoredPhone, { forgivenAfter }: Forgiving): PhoneState {
    const limit = { most: record.maxAttempts, forgivenAfter }
    const after = clearExpiredLock(memory, limit, this.#ports.now())
    if (after !== memory) this.#background(this.#store.scheduleCopy())
    return after
  }
}
