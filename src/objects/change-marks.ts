import type { Ports } from '../ports/ports.ts'
import { done, type Outcome } from '../refusal.ts'
import { liftReportsOfPin } from '../rules/token/fraud-reports.ts'
import { addSeconds, instant, type Instant, seconds } from '../vocabulary.ts'
import type { PhoneStore } from './phone-store.ts'
import { changesOf, withChanges } from './stored-phone.ts'

/** How long after its beginning the alarm ends a change that nobody has ended. By then the catalogue cannot be writing it any more. */
export const CHANGE_TIME = seconds(2.5)

/** The marks of changes of a token, or of its owner's tokens, that are being written in the catalogue. */
export class ChangeMarks {
  readonly #store: PhoneStore
  readonly #storage: DurableObjectStorage
  readonly #ports: Pick<Ports, 'now'>

  constructor(store: PhoneStore, storage: DurableObjectStorage, ports: Pick<Ports, 'now'>) {
    this.#store = store
    this.#storage = storage
    this.#ports = ports
  }

  /** Adds a new mark to `changes`, and sets an alarm that ends the change if nobody else does. */
  async begin(): Promise<Instant> {
    const loaded = await this.#store.load()
    const mark = instant(Math.max(this.#ports.now(), (this.#store.stored?.changing ?? 0) + 1))
    // As it is now: whoever shared this read may have counted an attempt or set another mark meanwhile.
    const stored = this.#store.stored ?? (loaded.ok ? loaded.value : undefined)
    if (stored !== undefined) this.#store.save(withChanges(stored, [...changesOf(stored), mark]))
    await this.#storage.setAlarm(addSeconds(mark, CHANGE_TIME))
    return mark
  }

  /** Reads the token anew, lifts fraud reports of its PIN if it has a new one, and removes these marks: those of other changes, which may
   *  not have been written yet, stay. */
  async end(ended: readonly Instant[], isNewPin = false): Promise<Outcome<void>> {
    const reloaded = await this.#store.reload()
    if (!reloaded.ok) return reloaded
    if (reloaded.value === undefined) return done(await this.#store.forgetToken())
    // As it is now: another change that shared this read may have ended meanwhile, and its mark must not come back.
    const stored = this.#store.stored ?? reloaded.value
    const left = changesOf(stored).filter((mark) => !ended.includes(mark))
    // The registration that made this object failed. Nobody tells it of later changes, not even that the token is deleted.
    if (left.length === 0 && stored.record.phoneKey === undefined) return done(await this.#store.forgetToken())
    const after = withChanges(stored, left)
    this.#store.save(isNewPin ? { ...after, memory: liftReportsOfPin(after.memory) } : after)
    return done(undefined)
  }

  /** Adds a new mark to `ownerChanges`, and sets an alarm that ends the change if nobody else does. */
  async beginOfOwner(): Promise<Outcome<Instant>> {
    const loaded = await this.#store.load()
    if (!loaded.ok) return loaded
    const stored = this.#store.stored ?? loaded.value
    const marks = stored?.ownerChanges ?? []
    const mark = instant(Math.max(this.#ports.now(), (marks.at(-1) ?? 0) + 1))
    if (stored === undefined) return done(mark)
    this.#store.save({ ...stored, ownerChanges: [...marks, mark] })
    await this.#store.setAlarmBy(addSeconds(mark, CHANGE_TIME))
    return done(mark)
  }

  /** Reads the token anew and removes these marks: those of other changes, which may not have been written yet, stay. */
  async endOfOwner(ended: readonly Instant[]): Promise<Outcome<void>> {
    const reloaded = await this.#store.reload()
    if (!reloaded.ok) return reloaded
    const stored = this.#store.stored
    if (stored === undefined) return done(undefined)
    const { ownerChanges, ...rest } = stored
    const left = ownerChanges?.filter((mark) => !ended.includes(mark)) ?? []
    this.#store.save(left.length > 0 ? { ...rest, ownerChanges: left } : rest)
    return done(undefined)
  }
}
