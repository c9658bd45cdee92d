import type { Ports } from '../ports/ports.ts'
import { present } from '../present.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import { liftReportsOfPin } from '../rules/token/fraud-reports.ts'
import { copyInterval } from '../rules/token/counter-copy.ts'
import { attemptsOf, countersOf, type PhoneState } from '../rules/token/phone-state.ts'
import { mostSeen } from '../rules/token/phone-home.ts'
import { checkUsable } from '../rules/token/token.ts'
import { addSeconds, instant, type Instant, seconds, type Serial } from '../vocabulary.ts'
import { type CatalogueVersion, isEarlier } from '../vocabulary/catalogue.ts'
import type { App } from '../vocabulary/phones.ts'
import { type Announcement, changesOf, type StoredPhone, versionOf, withChanges, withRecord } from './stored-phone.ts'

/** How long after a change of attempts or lock the catalogue's copy follows, so that it does within two seconds. */
const COPY_DELAY = seconds(1.5)
/** How long after its beginning the alarm ends a change that nobody has ended. By then the catalogue cannot be writing it any more. */
export const CHANGE_TIME = seconds(2.5)

const NO_NOTES = { realms: [], info: {} }

/** Stores one phone's state and the catalogue's record of its token. */
export class PhoneStore {
  readonly #ports: Pick<Ports, 'tokens' | 'now'>
  readonly #storage: DurableObjectStorage
  readonly #serial: Serial
  readonly #onReload: (before: StoredPhone, after: StoredPhone | undefined) => void
  #stored: StoredPhone | undefined
  /** Whether memory has a state that storage does not have yet. */
  #isAhead = false
  #reading: Promise<Outcome<StoredPhone | undefined>> | undefined

  /** `onReload` is called with every new record that replaces an older one. */
  constructor(
    storage: DurableObjectStorage,
    serial: Serial,
    ports: Pick<Ports, 'tokens' | 'now'>,
    onReload: (before: StoredPhone, after: StoredPhone | undefined) => void,
  ) {
    this.#ports = ports
    this.#storage = storage
    this.#serial = serial
    this.#onReload = onReload
    const stored = storage.kv.get<StoredPhone>('phone')
    // A version before tokens had notes and realms stored none.
    this.#stored = stored && { ...stored, record: { ...NO_NOTES, ...stored.record } }
  }

  get stored(): StoredPhone | undefined {
    return this.#stored
  }

  /** Returns the phone if its token may take part in a login now. Refuses: `no_suitable_token`, `outside_validity`. */
  usable(): Outcome<StoredPhone> {
    const stored = this.#stored
    const usable = stored && checkUsable(stored.record, this.#ports.now())
    if (usable?.ok === false && usable.refusal.reason === 'outside_validity') return usable
    return stored === undefined || usable?.ok !== true ? refuse({ reason: 'no_suitable_token' }) : done(stored)
  }

  save(stored: StoredPhone): void {
    this.#stored = stored
    this.#isAhead = false
    this.#storage.kv.put('phone', stored)
  }

  /** Keeps the state until the next `save`, which every ring and attempt makes. */
  keepInMemory(memory: PhoneState): void {
    if (this.#stored === undefined) return
    this.#stored = { ...this.#stored, memory }
    this.#isAhead = true
  }

  /** Writes what is only in memory so far. */
  saveKept(): void {
    if (this.#stored !== undefined && this.#isAhead) this.save(this.#stored)
  }

  saveState(memory: PhoneState): void {
    if (this.#stored !== undefined) this.save({ ...this.#stored, memory })
  }

  /** Returns the phone with this version of its token or a later one; reads the catalogue if needed. During a change the token may already
   *  be another one, so the catalogue is always read. */
  async atVersion(version: CatalogueVersion): Promise<Outcome<StoredPhone | undefined>> {
    const { changing, ownerChanges } = this.#stored ?? {}
    if (changing !== undefined || ownerChanges !== undefined) return this.reload()
    if (this.#stored !== undefined && !isEarlier(versionOf(this.#stored.record), version)) return done(this.#stored)
    return this.reload()
  }

  async load(): Promise<Outcome<StoredPhone | undefined>> {
    return this.#stored === undefined ? this.#read() : done(this.#stored)
  }

  /** Reads the token anew. A read that is already running may be older than what the caller knows, so it waits for that first. */
  async reload(): Promise<Outcome<StoredPhone | undefined>> {
    await this.#reading
    return this.#read()
  }

  #read(): Promise<Outcome<StoredPhone | undefined>> {
    this.#reading ??= this.#readRecord().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  /** An unknown serial leaves nothing in storage. */
  async #readRecord(): Promise<Outcome<StoredPhone | undefined>> {
    const found = await this.#ports.tokens.record(this.#serial)
    if (!found.ok) return found
    const before = this.#stored
    const record = found.value
    this.#stored = record === undefined ? undefined : withRecord(before, record, this.#ports.now())
    if (before !== undefined && before.record.revision !== this.#stored?.record.revision)
      this.#onReload(before, this.#stored)
    return done(this.#stored)
  }

  /** Adds a new mark to `changes`, and sets an alarm that ends the change if nobody else does. */
  async beginChange(): Promise<Instant> {
    const loaded = await this.load()
    const mark = instant(Math.max(this.#ports.now(), (this.#stored?.changing ?? 0) + 1))
    // As it is now: whoever shared this read may have counted an attempt or set another mark meanwhile.
    const stored = this.#stored ?? (loaded.ok ? loaded.value : undefined)
    if (stored !== undefined) this.save(withChanges(stored, [...changesOf(stored), mark]))
    await this.#storage.setAlarm(addSeconds(mark, CHANGE_TIME))
    return mark
  }

  /** Reads the token anew, lifts fraud reports of its PIN if it has a new one, and removes these marks: those of other changes, which may
   *  not have been written yet, stay. */
  async endChanges(ended: readonly Instant[], isNewPin = false): Promise<Outcome<void>> {
    const reloaded = await this.reload()
    if (!reloaded.ok) return reloaded
    if (reloaded.value === undefined) return done(await this.#forget())
    // As it is now: another change that shared this read may have ended meanwhile, and its mark must not come back.
    const stored = this.#stored ?? reloaded.value
    const left = changesOf(stored).filter((mark) => !ended.includes(mark))
    // The registration that made this object failed. Nobody tells it of later changes, not even that the token is deleted.
    if (left.length === 0 && stored.record.phoneKey === undefined) return done(await this.#forget())
    const after = withChanges(stored, left)
    this.save(isNewPin ? { ...after, memory: liftReportsOfPin(after.memory) } : after)
    return done(undefined)
  }

  async #forget(): Promise<void> {
    this.#stored = undefined
    await this.#storage.deleteAll()
  }

  /** Adds a mark to `ownerChanges`, and sets an alarm that ends the change if nobody else does. */
  async beginOwnerChange(): Promise<Outcome<Instant>> {
    const loaded = await this.load()
    if (!loaded.ok) return loaded
    const stored = this.#stored ?? loaded.value
    const marks = stored?.ownerChanges ?? []
    const mark = instant(Math.max(this.#ports.now(), (marks.at(-1) ?? 0) + 1))
    if (stored === undefined) return done(mark)
    this.save({ ...stored, ownerChanges: [...marks, mark] })
    await this.#setAlarmBy(addSeconds(mark, CHANGE_TIME))
    return done(mark)
  }

  /** Reads the token anew and removes these marks: those of other changes, which may not have been written yet, stay. */
  async endOwnerChanges(ended: readonly Instant[]): Promise<Outcome<void>> {
    const reloaded = await this.reload()
    if (!reloaded.ok) return reloaded
    const stored = this.#stored
    if (stored === undefined) return done(undefined)
    const { ownerChanges, ...rest } = stored
    const left = ownerChanges?.filter((mark) => !ended.includes(mark)) ?? []
    this.save(left.length > 0 ? { ...rest, ownerChanges: left } : rest)
    return done(undefined)
  }

  /** Removes the announcement, unless a newer one has replaced it. */
  endAnnouncement(announcement: Announcement): void {
    if (this.#stored === undefined || this.#stored.announcement !== announcement) return
    const { announcement: _, ...rest } = this.#stored
    this.save(rest)
  }

  get isCopyDue(): boolean {
    return this.#stored !== undefined && this.#stored.copied.attempts !== attemptsOf(this.#stored.memory)
  }

  /** Saves the state after a success; returns true if the catalogue's copy should be updated now. The same row says that it was:
   *  otherwise an object that restarts would copy at every login. */
  saveSuccess(memory: PhoneState, app: App | undefined): boolean {
    if (this.#stored === undefined) return false
    const { copied, memory: before, record } = this.#stored
    const now = this.#ports.now()
    const isNewApp = app !== undefined && (app.app !== record.app || app.system !== record.system)
    const seen = mostSeen(memory)
    const isNewRegion = seen !== undefined && seen !== copied.seen
    const isDue =
      isNewApp || isNewRegion || attemptsOf(before) > 0 || now >= addSeconds(copied.at, copyInterval(record))
    this.save({
      ...this.#stored,
      record: { ...record, ...app },
      memory,
      copied: isDue ? { attempts: attemptsOf(memory), at: now, ...present({ seen }) } : copied,
    })
    return isDue
  }

  /** Copies the counters to the catalogue. `app`: the app that answered the last login; an older one must not replace it. */
  async copyCounters(app?: App): Promise<Outcome<void>> {
    if (this.#stored === undefined) return done(undefined)
    const { memory } = this.#stored
    const seen = mostSeen(memory)
    const counters = { ...countersOf(memory), ...app, ...present({ seen }) }
    const { attempts } = counters
    const stored = await this.#ports.tokens.copyCounters(this.#serial, counters)
    if (this.#stored !== undefined) {
      const copied = stored.ok
        ? { attempts, at: this.#ports.now(), ...present({ seen }) }
        : { ...this.#stored.copied, at: instant(0) }
      this.#stored = { ...this.#stored, copied }
    }
    return stored
  }

  /** Sets the alarm for the work that is to follow within two seconds. */
  async scheduleCopy(): Promise<void> {
    await this.#setAlarmBy(addSeconds(this.#ports.now(), COPY_DELAY))
  }

  async #setAlarmBy(at: Instant): Promise<void> {
    const alarm = await this.#storage.getAlarm()
    if (alarm === null || alarm > at) await this.#storage.setAlarm(at)
  }
}
