import type { CounterObject } from '../ports/objects.ts'
import type { Ports } from '../ports/ports.ts'
import type { Counted, WindowRule } from '../rules/window.ts'
import { counted, NOTHING, overAt, waitOf } from '../rules/window.ts'
import type { Instant, Seconds } from '../vocabulary.ts'
import { seconds } from '../vocabulary.ts'

const NAMED = 'named:'
const STRANGERS = 'strangers'
/** Names of nobody that are remembered: the oldest leave first, so that no flood of them takes room. */
const MOST_STRANGERS = 256

interface Entry {
  readonly counted: Counted
  readonly over: Instant
}

/** Events by name, exact under any concurrency: what is decided is written before anything is waited for. */
export class CounterKeeper implements CounterObject {
  readonly #ports: Pick<Ports, 'now' | 'log'>
  readonly #storage: DurableObjectStorage
  readonly #named: Map<string, Entry>
  readonly #strangers: Map<string, Entry>

  constructor({ storage }: DurableObjectState, ports: Pick<Ports, 'now' | 'log'>) {
    this.#ports = ports
    this.#storage = storage
    const named = [...storage.kv.list<Entry>({ prefix: NAMED })]
    this.#named = new Map(named.map(([key, entry]) => [key.slice(NAMED.length), entry]))
    this.#strangers = new Map(storage.kv.get<[string, Entry][]>(STRANGERS))
  }

  async count(name: string, rule: WindowRule, isSomebody: boolean): Promise<Seconds> {
    const now = this.#ports.now()
    const entries = isSomebody ? this.#named : this.#strangers
    const before = entries.get(name)?.counted ?? NOTHING
    const wait = waitOf(before, now)
    if (wait > 0) return wait
    const after = counted(before, rule, now)
    const entry = { counted: after, over: overAt(after, rule) }
    entries.delete(name)
    entries.set(name, entry)
    if (isSomebody) this.#storage.kv.put(NAMED + name, entry)
    else this.#keepStrangers()
    if ((await this.#storage.getAlarm()) === null) await this.#storage.setAlarm(entry.over)
    return seconds(0)
  }

  async forget(name: string): Promise<void> {
    this.#named.delete(name)
    this.#storage.kv.delete(NAMED + name)
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
    } catch (error) {
      this.#ports.log('alarm_failed', { error: String(error) })
    } finally {
      const left = [...this.#named.values(), ...this.#strangers.values()].map(({ over }) => over)
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
    const before = this.#strangers.size
    for (const [name, { over }] of this.#strangers) if (over <= now) this.#strangers.delete(name)
    if (this.#strangers.size < before) this.#keepStrangers()
  }
}
