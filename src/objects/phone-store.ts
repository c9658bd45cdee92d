import type { Ports } from '../ports/ports.ts'
import { present } from '../present.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import { copyInterval } from '../rules/token/counter-copy.ts'
import { attemptsOf, countersOf, type PhoneState } from '../rules/token/phone-state.ts'
import { mostSeen } from '../rules/token/phone-home.ts'
import { checkUsable } from '../rules/token/token.ts'
import { addSeconds, instant, type Instant, seconds, type Serial } from '../vocabulary.ts'
import { type CatalogueVersion, isEarlier } from '../vocabulary/catalogue.ts'
import type { App, PhoneObjectName } from '../vocabulary/phones.ts'
import { movedTo, redirectTo } from './phone-redirect.ts'
import { type Announcement, type StoredPhone, versionOf, withRecord } from './stored-phone.ts'

/** How long after a change of attempts or lock the catalogue's copy follows, so that it does within two seconds. */
const COPY_DELAY = seconds(1.5)

/** That the catalogue has no copy of the counters as they are. */
export const NO_COPY = -1
const NEVER = instant(0)

const NO_NOTES = { realms: [], info: {} }

/** Stores one phone's state and the catalogue's record of its token. */
export class PhoneStore {
  readonly #ports: Pick<Ports, 'tokens' | 'now'>
  readonly #storage: DurableObjectStorage
  readonly #serial: Serial
  readonly #number: number
  readonly #onReload: (before: StoredPhone, after: StoredPhone | undefined) => void
  #stored: StoredPhone | undefined
  /** Whether memory has a state that storage does not have yet. */
  #isAhead = false
  #isFrozen: boolean
  #reading: Promise<Outcome<StoredPhone | undefined>> | undefined

  /** `onReload` is called with every new record that replaces an older one. */
  constructor(
    storage: DurableObjectStorage,
    { serial, number }: PhoneObjectName,
    ports: Pick<Ports, 'tokens' | 'now'>,
    onReload: (before: StoredPhone, after: StoredPhone | undefined) => void,
  ) {
    this.#ports = ports
    this.#storage = storage
    this.#serial = serial
    this.#number = number
    this.#onReload = onReload
    const stored = storage.kv.get<StoredPhone>('phone')
    // A version before tokens had notes and realms stored none.
    this.#stored = stored && { ...stored, record: { ...NO_NOTES, ...stored.record } }
    this.#isFrozen = stored?.move?.isFrozen === true || stored?.movedTo !== undefined
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

  /** Does nothing once the phone moves: what goes on in the background then is repeated by its next object. */
  save(stored: StoredPhone): void {
    if (this.#isFrozen) return
    this.#stored = stored
    this.#isAhead = false
    this.#storage.kv.put('phone', stored)
  }

  /** Stores this; from now on only another `freeze` changes what is stored. */
  freeze(stored: StoredPhone): void {
    // First: where nothing can be stored, this object goes on.
    this.#storage.kv.put('phone', stored)
    this.#stored = stored
    this.#isFrozen = true
  }

  get isFrozen(): boolean {
    return this.#isFrozen
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
    const laterObject = record?.objectNumber ?? 0
    // The catalogue names only an object that has taken over: the storage of this one was lost or put back, or it was not told.
    if (record !== undefined && laterObject > this.#number) {
      this.freeze(redirectTo(laterObject, record, this.#ports.now()))
      return refuse(movedTo(laterObject))
    }
    if (this.#isFrozen) return done(before)
    this.#stored = record === undefined ? undefined : withRecord(before, record, this.#ports.now())
    if (before !== undefined && before.record.revision !== this.#stored?.record.revision)
      this.#onReload(before, this.#stored)
    // The catalogue was put back, or has a new token of this serial: the alarm tells it of this object.
    if (record !== undefined && laterObject < this.#number) await this.scheduleCopy()
    return done(this.#stored)
  }

  /** Deletes what is stored of a token. An object that has taken over a phone goes on serving the serial, because the earlier ones name it
   *  for good. */
  async forgetToken(): Promise<void> {
    this.#stored = undefined
    if (this.#number === 0) return this.#storage.deleteAll()
    this.#storage.kv.delete('phone')
    this.#storage.kv.delete('events')
    await this.#storage.deleteAlarm()
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
   *  otherwise an object that restarts would copy at every login. It says so of failed attempts only once there are none: should this
   *  object die before they are copied, its next alarm or success copies them. */
  saveSuccess(memory: PhoneState, app: App | undefined): boolean {
    if (this.#stored === undefined) return false
    const { copied, memory: before, record } = this.#stored
    const now = this.#ports.now()
    const isNewApp = app !== undefined && (app.app !== record.app || app.system !== record.system)
    const seen = mostSeen(memory)
    const isNewRegion = seen !== undefined && seen !== copied.seen
    const hadFailed = attemptsOf(before) > 0
    const isDue =
      isNewApp ||
      isNewRegion ||
      hadFailed ||
      copied.attempts !== attemptsOf(memory) ||
      now >= addSeconds(copied.at, copyInterval(record))
    const attempts = hadFailed ? copied.attempts : attemptsOf(memory)
    this.save({
      ...this.#stored,
      record: { ...record, ...app },
      memory,
      copied: isDue ? { attempts, at: now, ...present({ seen }) } : copied,
    })
    return isDue
  }

  /** Copies the counters to the catalogue; the alarm copies them if it does not answer. `app`: the app that answered the last login; an
   *  older one must not replace it. */
  async copyCounters(app?: App): Promise<Outcome<void>> {
    if (this.#stored === undefined) return done(undefined)
    const { memory } = this.#stored
    const seen = mostSeen(memory)
    const counters = { ...countersOf(memory), ...app, ...present({ seen }) }
    const { attempts } = counters
    const stored = await this.#ports.tokens.copyCounters(this.#serial, counters)
    if (this.#stored === undefined) return stored
    if (stored.ok) {
      this.#stored = { ...this.#stored, copied: { attempts, at: this.#ports.now(), ...present({ seen }) } }
      return stored
    }
    const isKnown = this.isCopyDue && this.#stored.copied.at === NEVER
    if (isKnown) return stored
    this.save({ ...this.#stored, copied: { attempts: NO_COPY, at: NEVER } })
    await this.scheduleCopy()
    return stored
  }

  /** Sets the alarm for the work that is to follow within two seconds. */
  async scheduleCopy(): Promise<void> {
    await this.setAlarmBy(addSeconds(this.#ports.now(), COPY_DELAY))
  }

  async setAlarmBy(at: Instant): Promise<void> {
    const alarm = await this.#storage.getAlarm()
    if (alarm === null || alarm > at) await this.#storage.setAlarm(at)
  }
}
