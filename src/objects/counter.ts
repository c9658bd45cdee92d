import type { CounterObject } from '../ports/objects.ts'
import type { Ports } from '../ports/ports.ts'
import type { WindowState, WindowRule } from '../rules/deployment/window.ts'
import { countEvent, NO_EVENTS, expiryOf, remainingWait } from '../rules/deployment/window.ts'
import type { Instant, Seconds } from '../vocabulary.ts'
import { addSeconds, seconds } from '../vocabulary.ts'
import type { QuotaCounter } from './quotas.ts'
import { Quotas } from './quotas.ts'

const NAMED = 'named:'
const STRANGERS = 'strangers'
const PLACES = 'places:'
/** Names of nobody that are remembered: the oldest leave first, so that no flood of them takes room. */
const MOST_STRANGERS = 256
/** Places that are known for a name: the oldest leave first. */
const MOST_PLACES = 16
/** How long a place is known; it is written anew once half of that is over. */
const KNOWN = seconds(30 * 86_400)

interface Entry {
  readonly counted: WindowState
  readonly over: Instant
}

/** Places, each with the time until which it is known. */
type Places = readonly (readonly [place: string, over: Instant])[]

/** Events by name, exact under any concurrency: what is decided is written before anything is waited for. */
export class CounterKeeper implements Omit<CounterObject, keyof QuotaCounter> {
  readonly quotas: Quotas
  readonly #ports: Pick<Ports, 'now' | 'log'>
  readonly #storage: DurableObjectStorage
  readonly #named: Map<string, Entry>
  readonly #strangers: Map<string, Entry>
  readonly #places: Map<string, Places>

  constructor({ storage }: DurableObjectState, ports: Pick<Ports, 'now' | 'log'>) {
    this.#ports = ports
    this.#storage = storage
    const named = [...storage.kv.list<Entry>({ prefix: NAMED })]
    this.#named = new Map(named.map(([key, entry]) => [key.slice(NAMED.length), entry]))
    this.#strangers = new Map(storage.kv.get<[string, Entry][]>(STRANGERS))
    const places = [...storage.kv.list<Places>({ prefix: PLACES })]
    this.#places = new Map(places.map(([key, known]) => [key.slice(PLACES.length), known]))
    this.quotas = new Quotas(storage, ports)
  }

  async count(who: string, rule: WindowRule, isSomebody: boolean, place?: string): Promise<Seconds> {
    const now = this.#ports.now()
    const name = this.#countedAs(who, place, now)
    const entries = isSomebody ? this.#named : this.#strangers
    const before = entries.get(name)?.counted ?? NO_EVENTS
    const wait = remainingWait(before, now)
    if (wait > 0) return wait
    const after = countEvent(before, rule, now)
    const entry = { counted: after, over: expiryOf(after, rule) }
    entries.delete(name)
    entries.set(name, entry)
    if (isSomebody) this.#storage.kv.put(NAMED + name, entry)
    else this.#keepStrangers()
    await this.#armed(entry.over)
    return seconds(0)
  }

  async forget(who: string, place?: string): Promise<void> {
    const now = this.#ports.now()
    // Who is right at a known place says nothing of what others try elsewhere: that goes on waiting.
    const name = this.#countedAs(who, place, now)
    this.#named.delete(name)
    this.#storage.kv.delete(NAMED + name)
    if (place !== undefined) await this.#know(who, place, now)
  }

  /** What comes from a known place has a count of its own. Only somebody has any. */
  #countedAs(who: string, place: string | undefined, now: Instant): string {
    const isKnown = this.#places.get(who)?.some(([known, over]) => known === place && over > now)
    return isKnown === true ? `${who}@${place}` : who
  }

  async #know(who: string, place: string, now: Instant): Promise<void> {
    const known = this.#places.get(who) ?? []
    if (known.some(([one, over]) => one === place && over > addSeconds(now, seconds(KNOWN / 2)))) return
    const over = addSeconds(now, KNOWN)
    const others = known.filter(([one]) => one !== place).slice(1 - MOST_PLACES)
    this.#keepPlaces(who, [...others, [place, over]])
    await this.#armed(over)
  }

  #keepPlaces(who: string, places: Places): void {
    if (places.length > 0) {
      this.#places.set(who, places)
      this.#storage.kv.put(PLACES + who, places)
    } else {
      this.#places.delete(who)
      this.#storage.kv.delete(PLACES + who)
    }
  }

  async #armed(at: Instant): Promise<void> {
    const armed = await this.#storage.getAlarm()
    if (armed === null || armed > at) await this.#storage.setAlarm(at)
  }

  /** All of them in one row: a stranger costs the write that somebody costs, and the caller waits as long for it. */
  #keepStrangers(): void {
    const [oldest] = this.#strangers.keys()
    if (this.#strangers.size > MOST_STRANGERS && oldest !== undefined) this.#strangers.delete(oldest)
    this.#storage.kv.put(STRANGERS, [...this.#strangers])
  }

  /** Sweeps what says nothing any more. Never throws; re-arms while anything is left. */
  async alarm(): Promise<void> {
    try {
      this.#sweep(this.#ports.now())
      this.quotas.sweep()
    } catch (error) {
      this.#ports.log('alarm_failed', { error: String(error) })
    } finally {
      const counts = [...this.#named.values(), ...this.#strangers.values()].map(({ over }) => over)
      const places = [...this.#places.values()].flat().map(([, over]) => over)
      const left = [...counts, ...places, ...this.quotas.expiries()]
      if (left.length > 0) await this.#storage.setAlarm(Math.max(Math.min(...left), this.#ports.now() + 1000))
      else await this.#storage.deleteAll()
    }
  }

  #sweep(now: Instant): void {
    for (const [name, { over }] of this.#named) {
      if (over > now) continue
      this.#named.delete(name)
      this.#storage.kv.delete(NAMED + name)
    }
    for (const [who, places] of this.#places) {
      const known = places.filter(([, over]) => over > now)
      if (known.length < places.length) this.#keepPlaces(who, known)
    }
    const before = this.#strangers.size
    for (const [name, { over }] of this.#strangers) if (over <= now) this.#strangers.delete(name)
    if (this.#strangers.size < before) this.#keepStrangers()
  }
}
