import type { RequestOf } from '../ports/counter-object.ts'
import type { Ports } from '../ports/ports.ts'
import { eventsWithin, type Quota, type QuotaEvent, reserve } from '../rules/deployment/quota.ts'
import { addSeconds, type Instant, type Seconds, seconds } from '../vocabulary.ts'

const PREFIX = 'quota:'

/** What is stored for one name. */
interface StoredQuota {
  readonly events: readonly QuotaEvent[]
  /** The longest span that a quota of this name asks about: policies for other clients or times may have quotas of their own.
   *  Absent in rows of the version before. */
  readonly within?: Seconds
  /** The span becomes shorter after this time, unless a quota asks about it again before. */
  readonly until?: Instant
  /** When all events are past. */
  readonly over: Instant
}

/** Counts events against quotas, by name, exactly under any concurrency; one stored row for each name. */
export class Quotas {
  readonly #storage: DurableObjectStorage
  readonly #ports: Pick<Ports, 'now'>
  readonly #stored: Map<string, StoredQuota>

  constructor(storage: DurableObjectStorage, ports: Pick<Ports, 'now'>) {
    this.#storage = storage
    this.#ports = ports
    const all = [...storage.kv.list<StoredQuota>({ prefix: PREFIX })]
    this.#stored = new Map(all.map(([key, stored]) => [key.slice(PREFIX.length), stored]))
  }

  async reserve({ name, id, quota }: RequestOf<'reserve'>): Promise<boolean> {
    const now = this.#ports.now()
    const span = this.#noteSpan(name, quota, now)
    const events = this.#stored.get(name)?.events ?? []
    if (reserve(events, id, quota, now) === undefined) return false
    if (events.some((event) => event.id === id)) return true
    const { within } = span
    const kept = eventsWithin([...events, { id, at: now }], within, now)
    const stored = { ...span, events: kept, over: addSeconds(now, within) }
    this.#stored.set(name, stored)
    this.#storage.kv.put(PREFIX + name, stored)
    if ((await this.#storage.getAlarm()) === null) await this.#storage.setAlarm(stored.over)
    return true
  }

  cancel({ name, id }: RequestOf<'cancelReservation'>): void {
    const stored = this.#stored.get(name)
    if (stored?.events.some((event) => event.id === id) !== true) return
    const events = stored.events.filter((event) => event.id !== id)
    if (events.length === 0) return this.#drop(name)
    this.#stored.set(name, { ...stored, events })
    this.#storage.kv.put(PREFIX + name, { ...stored, events })
  }

  hasRoom({ name, quota }: RequestOf<'hasRoom'>): boolean {
    const now = this.#ports.now()
    this.#noteSpan(name, quota, now)
    return reserve(this.#stored.get(name)?.events ?? [], '', quota, now) !== undefined
  }

  /** Notes how far back this quota asks, and returns the longest such span. It is written with the next event: a row of its own
   *  would cost more than it is worth. */
  #noteSpan(name: string, { within }: Quota, now: Instant): Required<Pick<StoredQuota, 'within' | 'until'>> {
    const before = this.#stored.get(name)
    const { within: longest = seconds(0), until = before?.over ?? now } = before ?? {}
    const span =
      longest > within && now < until ? { within: longest, until } : { within, until: addSeconds(now, within) }
    if (before !== undefined) this.#stored.set(name, { ...before, ...span })
    return span
  }

  /** The events of these names, by name. */
  eventsOf(names: readonly string[]): Readonly<Record<string, readonly QuotaEvent[]>> {
    return Object.fromEntries(
      names.flatMap((name) => {
        const events = this.#stored.get(name)?.events
        return events === undefined ? [] : [[name, events]]
      }),
    )
  }

  erase(names: readonly string[]): void {
    for (const name of names) this.#drop(name)
  }

  sweep(): void {
    const now = this.#ports.now()
    for (const [name, { over }] of this.#stored) if (over <= now) this.#drop(name)
  }

  expiries(): readonly Instant[] {
    return [...this.#stored.values()].map(({ over }) => over)
  }

  #drop(name: string): void {
    this.#stored.delete(name)
    this.#storage.kv.delete(PREFIX + name)
  }
}
