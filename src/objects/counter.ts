import type { CountedNames, CounterObject, CountRequest, ForgottenEvents, RequestOf } from '../ports/counter-object.ts'
import type { Ports } from '../ports/ports.ts'
import { present } from '../present.ts'
import { done, type Outcome } from '../refusal.ts'
import {
  countEvent,
  expiryOf,
  NO_EVENTS,
  remainingWait,
  uncountEvent,
  type WindowRule,
  type WindowState,
} from '../rules/deployment/window.ts'
import { addSeconds, instant, type Instant, type Seconds, seconds } from '../vocabulary.ts'
import { Quotas } from './quotas.ts'

/** The window of a name at a place that is known for it. */
const NAMED = 'named:'
/** The window of a slot, which all names with the same end of their digests share. */
const SLOTS = 'slot:'
/** Unknown names, as the version before kept them. */
const STRANGERS = 'strangers'
const PLACES = 'places:'
/** Digits (hexadecimal) of a name's digest that choose its slot. */
const SLOT_DIGITS = 3
/** At most so many places are known for a name; the oldest go first. */
const MAX_PLACES = 16
/** How long a place is known. It is written anew once half of that is over. */
const PLACE_LIFETIME = seconds(30 * 86_400)
const SWEEP_PAUSE = seconds(1)

/** What is stored for one name. */
interface StoredWindow {
  readonly counted: WindowState
  /** When it says nothing any more. */
  readonly over: Instant
}

/** Places, each with the time until which it is known. */
type Places = readonly (readonly [place: string, over: Instant])[]

/** Counts events by name, exactly under any concurrency: a decision is written before the next await. */
export class CounterKeeper implements CounterObject {
  readonly #quotas: Quotas
  readonly #ports: Pick<Ports, 'now' | 'log'>
  readonly #storage: DurableObjectStorage
  /** By what is stored behind the prefixes: slots, and names at their known places. */
  readonly #windows: Map<string, StoredWindow>
  readonly #places: Map<string, Places>

  constructor({ storage }: DurableObjectState, ports: Pick<Ports, 'now' | 'log'>) {
    this.#ports = ports
    this.#storage = storage
    const windows = [SLOTS, NAMED].flatMap((prefix) => [...storage.kv.list<StoredWindow>({ prefix })])
    this.#windows = new Map(windows)
    const places = [...storage.kv.list<Places>({ prefix: PLACES })]
    this.#places = new Map(places.map(([key, stored]) => [key.slice(PLACES.length), stored]))
    this.#quotas = new Quotas(storage, ports)
  }

  async count({ name, rule, place }: CountRequest): Promise<Outcome<Seconds>> {
    const now = this.#ports.now()
    const key = this.#keyOf(name, place, now)
    const before = this.#windows.get(key)?.counted ?? NO_EVENTS
    const wait = remainingWait(before, now)
    if (wait > 0) return done(wait)
    await this.#setAlarmBy(this.#save(key, countEvent(before, rule, now), rule))
    return done(seconds(0))
  }

  async uncount({ name, rule, place }: RequestOf<'uncount'>): Promise<Outcome<void>> {
    const now = this.#ports.now()
    const key = this.#keyOf(name, place, now)
    const before = this.#windows.get(key)
    if (before !== undefined) this.#save(key, uncountEvent(before.counted, rule, now), rule)
    return done(undefined)
  }

  async forget({ name, place }: RequestOf<'forget'>): Promise<Outcome<ForgottenEvents>> {
    const now = this.#ports.now()
    // A success at a known place says nothing about what others try elsewhere: their wait goes on.
    this.#drop(this.#keyOf(name, place, now))
    return done({ isNewPlace: place !== undefined && (await this.#addPlace(name, place, now)) })
  }

  async reserve(request: RequestOf<'reserve'>): Promise<Outcome<boolean>> {
    return done(await this.#quotas.reserve(request))
  }

  async cancelReservation(request: RequestOf<'cancelReservation'>): Promise<Outcome<void>> {
    this.#quotas.cancel(request)
    return done(undefined)
  }

  async hasRoom(request: RequestOf<'hasRoom'>): Promise<Outcome<boolean>> {
    return done(this.#quotas.hasRoom(request))
  }

  async describe({ names }: RequestOf<'describe'>): Promise<Outcome<CountedNames>> {
    const now = this.#ports.now()
    const keys = names.flatMap((name) => this.#keysOf(name))
    const windows = keys.flatMap((key) => this.#windows.get(key)?.counted ?? [])
    const waitsUntil = instant(Math.max(0, ...windows.map(({ until }) => until)))
    return done({
      events: windows.reduce((sum, { times }) => sum + times.length, 0),
      places: names.reduce((sum, name) => sum + (this.#places.get(name)?.length ?? 0), 0),
      quotas: this.#quotas.eventsOf(names),
      ...present({ waitsUntil: waitsUntil > now ? waitsUntil : undefined }),
    })
  }

  async eraseNames({ names }: RequestOf<'eraseNames'>): Promise<Outcome<void>> {
    for (const name of names) {
      for (const key of this.#keysOf(name)) this.#drop(key)
      this.#savePlaces(name, [])
    }
    this.#quotas.erase(names)
    return done(undefined)
  }

  /** The keys of the windows of a name: its slot, and its places. */
  #keysOf(name: string): readonly string[] {
    const places = [...this.#windows.keys()].filter((key) => key.startsWith(`${NAMED}${name}@`))
    return [slotOf(name), ...places]
  }

  /** Returns the key of the window that counts an event. A known place of a name has a count of its own. All other events are counted by
   *  slot, whether or not anybody has the name. So no number of names takes more room, no name pushes out another, and a wait ends only
   *  with time or a success (decision 0048). */
  #keyOf(name: string, place: string | undefined, now: Instant): string {
    const isKnown = this.#places.get(name)?.some(([known, over]) => known === place && over > now)
    return isKnown === true ? `${NAMED}${name}@${place}` : slotOf(name)
  }

  /** Saves a window. Returns when the window may be forgotten. */
  #save(key: string, counted: WindowState, rule: WindowRule): Instant {
    const stored = { counted, over: expiryOf(counted, rule) }
    this.#windows.set(key, stored)
    this.#storage.kv.put(key, stored)
    return stored.over
  }

  #drop(key: string): void {
    this.#windows.delete(key)
    this.#storage.kv.delete(key)
  }

  /** Remembers the place for this name. Answers whether it was unknown until now. */
  async #addPlace(name: string, place: string, now: Instant): Promise<boolean> {
    const places = this.#places.get(name) ?? []
    const half = addSeconds(now, seconds(PLACE_LIFETIME / 2))
    const before = places.find(([known, over]) => known === place && over > now)
    if (before !== undefined && before[1] > half) return false
    const over = addSeconds(now, PLACE_LIFETIME)
    const others = places.filter(([known]) => known !== place).slice(1 - MAX_PLACES)
    this.#savePlaces(name, [...others, [place, over]])
    await this.#setAlarmBy(over)
    return before === undefined
  }

  #savePlaces(name: string, places: Places): void {
    if (places.length > 0) {
      this.#places.set(name, places)
      this.#storage.kv.put(PLACES + name, places)
    } else {
      this.#places.delete(name)
      this.#storage.kv.delete(PLACES + name)
    }
  }

  async #setAlarmBy(at: Instant): Promise<void> {
    const armed = await this.#storage.getAlarm()
    if (armed === null || armed > at) await this.#storage.setAlarm(at)
  }

  /** Sweeps what has expired. Never throws; sets the next alarm while anything is left. */
  async alarm(): Promise<void> {
    try {
      this.#sweep(this.#ports.now())
      this.#quotas.sweep()
    } catch (error) {
      this.#ports.log('alarm_failed', { error: String(error) })
    } finally {
      const windows = [...this.#windows.values()].map(({ over }) => over)
      const places = [...this.#places.values()].flat().map(([, over]) => over)
      const left = [...windows, ...places, ...this.#quotas.expiries()]
      const soon = addSeconds(this.#ports.now(), SWEEP_PAUSE)
      if (left.length > 0) await this.#storage.setAlarm(Math.max(Math.min(...left), soon))
      else await this.#storage.deleteAll()
    }
  }

  #sweep(now: Instant): void {
    for (const [key, { over }] of this.#windows) if (over <= now) this.#drop(key)
    for (const [name, places] of this.#places) {
      const left = places.filter(([, over]) => over > now)
      if (left.length < places.length) this.#savePlaces(name, left)
    }
    this.#storage.kv.delete(STRANGERS)
  }
}

const slotOf = (name: string): string => SLOTS + name.slice(-SLOT_DIGITS)
