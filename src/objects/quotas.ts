import type { CounterObject } from '../ports/objects.ts'
import type { Ports } from '../ports/ports.ts'
import type { Event, Quota } from '../rules/quota.ts'
import { remembered, taken } from '../rules/quota.ts'
import type { Instant, Seconds } from '../vocabulary.ts'
import { later, seconds } from '../vocabulary.ts'

const PREFIX = 'quota:'

export type QuotaCounter = Pick<CounterObject, 'take' | 'giveBack' | 'hasRoom'>

interface Kept {
  readonly events: readonly Event[]
  /** The longest span they were counted in: policies of other clients or times may have one of their own. Absent in what was
   *  kept before there was one. */
  readonly within?: Seconds
  /** When all of them are past. */
  readonly over: Instant
}

/** Events by name that a quota lets happen, exact under any concurrency: one written row for each name. */
export class Quotas implements QuotaCounter {
  readonly #storage: DurableObjectStorage
  readonly #ports: Pick<Ports, 'now'>
  readonly #kept: Map<string, Kept>

  constructor(storage: DurableObjectStorage, ports: Pick<Ports, 'now'>) {
    this.#storage = storage
    this.#ports = ports
    const all = [...storage.kv.list<Kept>({ prefix: PREFIX })]
    this.#kept = new Map(all.map(([key, kept]) => [key.slice(PREFIX.length), kept]))
  }

  async take(name: string, id: string, quota: Quota): Promise<boolean> {
    const now = this.#ports.now()
    const before = this.#kept.get(name)
    const events = before?.events ?? []
    if (taken(events, id, quota, now) === undefined) return false
    if (events.some((event) => event.id === id)) return true
    const within = seconds(Math.max(before?.within ?? 0, quota.within))
    const kept = { events: remembered([...events, { id, at: now }], within, now), within, over: later(now, within) }
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
    return taken(this.#kept.get(name)?.events ?? [], '', quota, this.#ports.now()) !== undefined
  }

  sweep(): void {
    const now = this.#ports.now()
    for (const [name, { over }] of this.#kept) if (over <= now) this.#drop(name)
  }

  overAt(): readonly Instant[] {
    return [...this.#kept.values()].map(({ over }) => over)
  }

  #drop(name: string): void {
    this.#kept.delete(name)
    this.#storage.kv.delete(PREFIX + name)
  }
}
