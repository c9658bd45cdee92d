import { encodeHex } from '../bytes.ts'
import type { PhoneMoveResult } from '../ports/phone-move.ts'
import type { PhoneObject, RequestOf } from '../ports/phone-object.ts'
import type { Ports } from '../ports/ports.ts'
import { done, type Outcome, type Refusal, refuse } from '../refusal.ts'
import { isFar, mostSeen } from '../rules/token/phone-home.ts'
import { withTimeLimit } from '../time-limit.ts'
import { addSeconds, type Region, seconds } from '../vocabulary.ts'
import type { PhoneObjectName } from '../vocabulary/phones.ts'
import type { SecurityEvent } from '../vocabulary/security-events.ts'
import { CHANGE_TIME } from './change-marks.ts'
import { NO_COPY } from './phone-store.ts'
import { runPhoneAlarm, type PhoneWork } from './phone-alarm.ts'
import { movedTo, redirectTo } from './phone-redirect.ts'
import { PhoneWhereabouts } from './phone-whereabouts.ts'
import { RunningCalls } from './running-calls.ts'
import type { Move, StoredPhone } from './stored-phone.ts'

/** How long a call waits for a move that goes on, and a request to move for its end. */
const CALL_WAIT = seconds(2)
const MOVE_WAIT = seconds(10)
/** How long a move waits for the calls that are running, and how soon it is tried again. */
const DRAIN_TIME = seconds(3)
const RETRY = seconds(1)
/** A move that has not frozen this object by then is given up. */
const GIVE_UP = seconds(600)

/** That this object has taken over the phone: it stays when the token is deleted. */
interface TakenOver {
  readonly move?: string
  readonly region?: Region
}

/** Of an object that took over from no other. */
const FIRST: TakenOver = {}
const TAKEN_OVER = 'takenOver'
const EVENTS = 'events'

/**
 * Moves one phone to its next object, which is made in another region, and says where the phone is. Of all objects of a phone one serves:
 * the one that has taken over, or is the first, and has not moved on. The object that the phone leaves drives the move, by its alarm, so
 * that a crash at any step is followed by the next one. Source: decision 0054.
 */
export class PhoneMover {
  readonly #name: PhoneObjectName
  readonly #storage: DurableObjectStorage
  readonly #ports: Ports
  readonly #work: PhoneWork
  readonly #whereabouts: PhoneWhereabouts
  readonly #calls = new RunningCalls()
  /** Undefined: this object has not taken over the phone. */
  #takenOver: TakenOver | undefined
  #advancing: Promise<void> | undefined

  constructor(name: PhoneObjectName, storage: DurableObjectStorage, ports: Ports, work: PhoneWork) {
    this.#name = name
    this.#storage = storage
    this.#ports = ports
    this.#work = work
    this.#whereabouts = new PhoneWhereabouts(name, ports, work.store)
    this.#takenOver = name.number === 0 ? FIRST : storage.kv.get<TakenOver>(TAKEN_OVER)
  }

  /** Runs a call of the phone. Refuses instead, with `movedTo`, if another object serves; and if a move takes too long. */
  async run<T>(verb: keyof PhoneObject, call: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const refusal = await this.#admit(verb)
    if (refusal !== undefined) return refuse(refusal)
    try {
      const outcome = await call()
      const { stored } = this.#work.store
      // Meanwhile the catalogue has named a later object: this one was none that serves, and what the call did here counts for nothing.
      return stored?.movedTo === undefined ? outcome : refuse(movedTo(stored.movedTo))
    } finally {
      this.#calls.end()
    }
  }

  async move(request: RequestOf<'move'>): Promise<Outcome<PhoneMoveResult>> {
    const planned = await this.run('move', () => this.#plan(request))
    if (!planned.ok) return planned
    const move = planned.value
    const { number } = this.#name
    if (move === undefined) return done({ number, state: 'stays' })
    await withTimeLimit(this.#advance(), MOVE_WAIT)
    const { region, to } = move
    return done({ number: to, region, state: this.#work.store.stored?.movedTo === undefined ? 'moving' : 'moved' })
  }

  /** This object's version knows of moves: nothing else is needed before the phone's other object stops. */
  async prepareMove(): Promise<Outcome<void>> {
    return done(undefined)
  }

  /** Takes over, once: an object that has done so may have moved on by now. */
  async takeOver({ move, region, phone, events }: RequestOf<'takeOver'>): Promise<Outcome<void>> {
    if (this.#takenOver === undefined) {
      const takenOver = { move, region }
      this.#storage.transactionSync(() => {
        this.#work.store.save(phone as StoredPhone)
        if (events.length > 0) this.#storage.kv.put(EVENTS, events)
        this.#storage.kv.put(TAKEN_OVER, takenOver)
      })
      this.#takenOver = takenOver
      // By then the object before has no write to the catalogue under way.
      await this.#storage.setAlarm(addSeconds(this.#ports.now(), CHANGE_TIME))
    }
    return done(undefined)
  }

  async redirect({ to }: RequestOf<'redirect'>): Promise<Outcome<void>> {
    const { store } = this.#work
    const { stored } = store
    if (stored?.movedTo !== undefined && stored.movedTo < to) store.freeze({ ...stored, movedTo: to })
    return done(undefined)
  }

  /** The phone's own alarm; goes on with a move. Never throws. */
  async alarm(): Promise<void> {
    if (this.#takenOver === undefined) return
    const { store } = this.#work
    if (!store.isFrozen) {
      await this.#whereabouts.tellCatalogue(this.#takenOver.region)
      await runPhoneAlarm(this.#ports, this.#storage, this.#name.serial, this.#work)
    }
    await this.#advance()
    const { stored } = store
    const isUnderWay = stored?.movedTo === undefined ? stored?.move !== undefined : stored.untold !== undefined
    if (isUnderWay || this.#whereabouts.isCatalogueBehind())
      await this.#storage.setAlarm(addSeconds(this.#ports.now(), RETRY))
  }

  /** Returns the refusal if this object does not serve now; otherwise counts the call as running. */
  async #admit(verb: keyof PhoneObject): Promise<Refusal | undefined> {
    const { store } = this.#work
    for (let hasWaited = false; ; hasWaited = true) {
      if (this.#takenOver === undefined) {
        const elsewhere = await this.#askCatalogue()
        if (elsewhere !== undefined) return elsewhere
      }
      const { stored, isFrozen } = store
      if (stored?.movedTo !== undefined) return movedTo(stored.movedTo)
      // An answer that the phone itself hands over reaches it once more, as the answer to a notice: the first call waits for it.
      if (!isFrozen && (!this.#calls.isDraining || verb === 'answerNotice')) {
        this.#calls.begin()
        return undefined
      }
      if (hasWaited) return { reason: 'storage_unavailable', retryAfter: RETRY }
      await withTimeLimit(this.#advance(), CALL_WAIT)
    }
  }

  /** An object that has not taken over asks which one has. If the catalogue names this one, its storage was lost, or the catalogue came
   *  from another deployment: it begins anew, as the first object of a phone does then. */
  async #askCatalogue(): Promise<Refusal | undefined> {
    const { serial, number } = this.#name
    const found = await this.#ports.tokens.record(serial)
    if (!found.ok) return found.refusal
    if (this.#takenOver !== undefined) return undefined
    const named = found.value?.objectNumber ?? 0
    if (named !== number) return movedTo(named)
    this.#takenOver = FIRST
    this.#storage.kv.put(TAKEN_OVER, FIRST)
    return undefined
  }

  /** Stores that the phone is to move; undefined if it stays. Refuses: `token_unknown`, `storage_unavailable`. */
  async #plan({ region: wanted }: RequestOf<'move'>): Promise<Outcome<Move | undefined>> {
    const { store } = this.#work
    const loaded = await store.load()
    if (!loaded.ok) return loaded
    const { stored } = store
    if (stored?.record.phoneKey === undefined) return refuse({ reason: 'token_unknown' })
    if (stored.move !== undefined) return done(stored.move)
    const home = stored.record.home
    const seen = mostSeen(stored.memory)
    const region = wanted ?? (isFar(home, seen) ? seen : undefined)
    if (region === undefined || region === home) return done(undefined)
    const id = encodeHex(this.#ports.random(16))
    const move = { id, to: this.#name.number + 1, region, startedAt: this.#ports.now() }
    store.save({ ...stored, move })
    await this.#storage.setAlarm(addSeconds(this.#ports.now(), RETRY))
    return done(move)
  }

  /** Does what is left of a move, as far as that is possible now. Never throws. */
  #advance(): Promise<void> {
    this.#advancing ??= this.#advanceOnce()
      .catch((error: unknown) => this.#ports.log('phone_move_failed', { ...this.#name, error: String(error) }))
      .finally(() => {
        this.#advancing = undefined
      })
    return this.#advancing
  }

  async #advanceOnce(): Promise<void> {
    const { store } = this.#work
    const { stored } = store
    if (stored?.movedTo !== undefined) return this.#whereabouts.tellEarlier()
    const move = stored?.move
    if (move === undefined) return
    const next = this.#ports.phones.at({ ...this.#name, number: move.to }, move.region)
    if (move.isFrozen !== true && !(await this.#freeze(next, move))) return
    const frozen = store.stored
    if (frozen === undefined) return
    const events = this.#storage.kv.get<readonly SecurityEvent[]>(EVENTS) ?? []
    const taken = await next.takeOver({ move: move.id, region: move.region, phone: handedOver(frozen, move), events })
    if (!taken.ok) return this.#ports.log('phone_move_failed', { ...this.#name, error: taken.refusal.reason })
    const untold = Array.from({ length: this.#name.number }, (_, number) => number)
    const redirect = redirectTo(move.to, frozen.record, this.#ports.now())
    store.freeze(untold.length > 0 ? { ...redirect, untold } : redirect)
    this.#storage.kv.delete(EVENTS)
    await this.#whereabouts.tellEarlier()
  }

  /** Waits for the running calls, then stops this object. Answers whether it has stopped. */
  async #freeze(next: PhoneObject, { id, startedAt }: Move): Promise<boolean> {
    const { store } = this.#work
    const ready = await next.prepareMove()
    const stop = (isPossible: boolean): boolean => {
      const { stored } = store
      if (stored?.move?.id !== id) return false
      const { move, ...staying } = stored
      if (isPossible) store.freeze({ ...stored, move: { ...move, isFrozen: true } })
      else if (this.#ports.now() >= addSeconds(startedAt, GIVE_UP)) {
        this.#ports.log('phone_move_given_up', { ...this.#name })
        store.save(staying)
      }
      return isPossible
    }
    return ready.ok ? this.#calls.drain(DRAIN_TIME, stop) : stop(false)
  }
}

/** What the next object stores. It copies the counters to the catalogue once more, because a copy that is under way may be older. */
function handedOver(stored: StoredPhone, { region }: Move): StoredPhone {
  const { move: _, ...phone } = stored
  return { ...phone, record: { ...phone.record, home: region }, copied: { ...phone.copied, attempts: NO_COPY } }
}
