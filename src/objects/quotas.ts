import type { CounterObject } from '../ports/objects.ts'
import type { Ports } from '../ports/ports.ts'
import type { QuotaEvent, Quota } from '../rules/deployment/quota.ts'
import { eventsWithin, reserve } from '../rules/deployment/quota.ts'
import type { Instant, Seconds } from '../vocabulary.ts'
import { addSeconds, seconds } from '../vocabulary.ts'

const PREFIX = 'quota:'

export type QuotaCounter = Pick<CounterObject, 'take' | 'giveBack' | 'hasRoom'>

interface StoredQuota {
  readonly events: readonly QuotaEvent[]
  /** The longest span they are counted in: policies of other clients or times may have one of their own. Absent in what was
   *  kept before there was one. */
  readonly within?: Seconds
  /** When so long a span has not been asked for that long. */
  readonly until?: Instant
  /** When all of them are past. */
  readonly over: Instant
}

/** Events by name that a quota lets happen, exact under any concurrency: one written row for each name. */
export class Quotas implements QuotaCounter {
  readonly #storage: DurableObjectStorage
  readonly #ports: Pick<Ports, 'now'>
  readonly #kept: Map<string, StoredQuota>

  constructor(storage: DurableObjectStorage, ports: Pick<Ports, 'now'>) {
    this.#storage = storage
    this.#ports = ports
    const all = [...storage.kv.list<StoredQuota>({ prefix: PREFIX })]
    this.#kept = new Map(all.map(([key, kept]) => [key.slice(PREFIX.length), kept]))
  }

  async take(name: string, id: string, quota: Quota): Promise<boolean> {
    const now = this.#ports.now()
    const span = this.#asked(name, quota, now)
    const events = this.#kept.get(name)?.events ?? []
    if (reserve(events, id, quota, now) === undefined) return false
    if (events.some((event) => event.id === id)) return true
    const { within } = span
    const kept = {
      ...span,
      events: eventsWithin([...events, { id, at: now }], within, now),
      over: addSeconds(now, within),
    }
    this.#kept.set(name, kept)
    this.#storage.kv.put(PREFIX + name, kept)
    if ((await this.#storage.getAlarm()) === null) await this.#storage.setAlarm(kept.over)
    return true
  }

  async giveBack(name: string, id: string): Promise<void> {
    const kept = this.#kept.get(name)
    if (kept?.events.some((event) => event.id === id) !== true) return
    const events = kept.events.filter((event) => event.id !== id)
    if (events.length === 0) return this.#drop(name)
    this.#kept.set(name, { ...kept, events })
    this.#storage.kv.put(PREFIX + name, { ...kept, events })
  }

  async hasRoom(name: string, quota: Quota): Promise<boolean> {
    const now = this.#ports.now()
    this.#asked(name, quota, now)
    return reserve(this.#kept.get(name)?.events ?? [], '', quota, now) !== undefined
  }

  /** How far back is to be remembered, now that this is asked. Written with the next event: not worth a row of its own. */
  #asked(name: string, { within }: Quota, now: Instant): Required<Pick<StoredQuota, 'within' | 'until'>> {
    const before = this.#kept.get(name)
    const { within: longest = seconds(0), until = before?.over ?? now } = before ?? {}
    const span =
      longest > within && now < until ? { within: longest, until } : { within, until: addSeconds(now, within) }
    if (before !== undefined) this.#kept.set(name, { ...before, ...span })
    return span
  }

  sweep(): void {
    const now = this.#ports.now()
    for (const [name, { over }] of this.#kept) if (over <= now) this.#drop(name)
  }

  expiries(): readonly Instant[] {
    return [...this.#kept.values()].map(({ over }) => over)
  }

  #drop(name: string): void {
    this.#kept.delete(name)
    this.#storage.kv.delete(PREFIX + name)
  }
}
