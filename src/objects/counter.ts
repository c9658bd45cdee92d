import type { CountedNames, CounterObject, CountRequest, RequestOf } from '../ports/counter-object.ts'
import type { Ports } from '../ports/ports.ts'
import { present } from '../present.ts'
import { done, type Outcome } from '../refusal.ts'
import {
  countEvent,
  expiryOf,
  NO_EVENTS,
  remainingWait,
  uncountEvent,
  type WindowState,
} from '../rules/deployment/window.ts'
import { addSeconds, instant, type Instant, type Seconds, seconds } from '../vocabulary.ts'
import { Quotas } from './quotas.ts'

const NAMED = 'named:'
const STRANGERS = 'strangers'
const PLACES = 'places:'
/** At most so many unknown names are kept; the oldest go first, so that a flood of them takes no room. */
const MAX_STRANGERS = 256
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
  readonly #named: Map<string, StoredWindow>
  readonly #strangers: Map<string, StoredWindow>
  readonly #places: Map<string, Places>

  constructor({ storage }: DurableObjectState, ports: Pick<Ports, 'now' | 'log'>) {
    this.#ports = ports
    this.#storage = storage
    const named = [...storage.kv.list<StoredWindow>({ prefix: NAMED })]
    this.#named = new Map(named.map(([key, stored]) => [key.slice(NAMED.length), stored]))
    this.#strangers = new Map(storage.kv.get<[string, StoredWindow][]>(STRANGERS))
    const places = [...storage.kv.list<Places>({ prefix: PLACES })]
    this.#places = new Map(places.map(([key, stored]) => [key.slice(PLACES.length), stored]))
    this.#quotas = new Quotas(storage, ports)
  }

  async count({ name, rule, isKnown, place }: CountRequest): Promise<Outcome<Seconds>> {
    const now = this.#ports.now()
    const key = this.#keyOf(name, place, now)
    const windows = isKnown ? this.#named : this.#strangers
    const before = windows.get(key)?.counted ?? NO_EVENTS
    const wait = remainingWait(before, now)
    if (wait > 0) return done(wait)
    const counted = countEvent(before, rule, now)
    const stored = { counted, over: expiryOf(counted, rule) }
    windows.delete(key)
    windows.set(key, stored)
    if (isKnown) this.#storage.kv.put(NAMED + key, stored)
    else this.#saveStrangers()
    await this.#setAlarmBy(stored.over)
    return done(seconds(0))
  }

  async uncount({ name, rule, place }: RequestOf<'uncount'>): Promise<Outcome<void>> {
    const now = this.#ports.now()
    const key = this.#keyOf(name, place, now)
    const before = this.#named.get(key)
    if (before === undefined) return done(undefined)
    const counted = uncountEvent(before.counted, rule, now)
    const stored = { counted, over: expiryOf(counted, rule) }
    this.#named.set(key, stored)
    this.#storage.kv.put(NAMED + key, stored)
    return done(undefined)
  }

  async forget({ name, place }: RequestOf<'forget'>): Promise<Outcome<void>> {
    const now = this.#ports.now()
    // A success at a known place says nothing about what others try elsewhere: their wait goes on.
    const key = this.#keyOf(name, place, now)
    this.#named.delete(key)
    this.#storage.kv.delete(NAMED + key)
    if (place !== undefined) await this.#addPlace(name, place, now)
    return done(undefined)
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
    const windows = names.flatMap((name) => this.#windowsOf(name, this.#named)).map(([, { counted }]) => counted)
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
      for (const [key] of this.#windowsOf(name, this.#named)) {
        this.#named.delete(key)
        this.#storage.kv.delete(NAMED + key)
      }
      if (this.#strangers.delete(name)) this.#saveStrangers()
      this.#savePlaces(name, [])
    }
    this.#quotas.erase(names)
    return done(undefined)
  }

  /** The windows of a name, those of its places included. */
  #windowsOf(name: string, windows: ReadonlyMap<string, StoredWindow>): readonly (readonly [string, StoredWindow])[] {
    return [...windows].filter(([key]) => key === name || key.startsWith(`${name}@`))
  }

  /** Events from a known place of a name are counted apart. Only known names have such places. */
  #keyOf(name: string, place: string | undefined, now: Instant): string {
    const isKnown = this.#places.get(name)?.some(([known, over]) => known === place && over > now)
    return isKnown === true ? `${name}@${place}` : name
  }

  async #addPlace(name: string, place: string, now: Instant): Promise<void> {
    const places = this.#places.get(name) ?? []
    const half = addSeconds(now, seconds(PLACE_LIFETIME / 2))
    if (places.some(([known, over]) => known === place && over > half)) return
    const over = addSeconds(now, PLACE_LIFETIME)
    const others = places.filter(([known]) => known !== place).slice(1 - MAX_PLACES)
    this.#savePlaces(name, [...others, [place, over]])
    await this.#setAlarmBy(over)
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

  /** Saves all unknown names in one row: an unknown name costs the one write that a known name costs, so its caller waits as
   *  long. */
  #saveStrangers(): void {
    const [oldest] = this.#strangers.keys()
    if (this.#strangers.size > MAX_STRANGERS && oldest !== undefined) this.#strangers.delete(oldest)
    this.#storage.kv.put(STRANGERS, [...this.#strangers])
  }

  /** Sweeps what has expired. Never throws; sets the next alarm while anything is left. */
  async alarm(): Promise<void> {
    try {
      this.#sweep(this.#ports.now())
      this.#quotas.sweep()
    } catch (error) {
      this.#ports.log('alarm_failed', { error: String(error) })
    } finally {
      const windows = [...this.#named.values(), ...this.#strangers.values()].map(({ over }) => over)
      const places = [...this.#places.values()].flat().map(([, over]) => over)
      const left = [...windows, ...places, ...this.#quotas.expiries()]
      const soon = addSeconds(this.#ports.now(), SWEEP_PAUSE)
      if (left.length > 0) await this.#storage.setAlarm(Math.max(Math.min(...left), soon))
      else await this.#storage.deleteAll()
    }
  }

  #sweep(now: Instant): void {
    for (const [key, { over }] of this.#named) {
      if (over > now) continue
      this.#named.delete(key)
      this.#storage.kv.delete(NAMED + key)
    }
    for (const [name, places] of this.#places) {
      const left = places.filter(([, over]) => over > now)
      if (left.length < places.length) this.#savePlaces(name, left)
    }
    const before = this.#strangers.size
    for (const [key, { over }] of this.#strangers) if (over <= now) this.#strangers.delete(key)
    if (this.#strangers.size < before) this.#saveStrangers()
  }
}
