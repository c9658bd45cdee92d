import type { Ports } from '../ports/ports.ts'
import { addSeconds, type Instant, seconds } from '../vocabulary.ts'
import type { SecurityEvent } from '../vocabulary/security-events.ts'

const KEPT = 'events'
/** How many events of one object may wait for the journal. */
const MOST = 32
/** How soon the object's alarm goes off while events wait. */
const RETRY = seconds(5)

/** Keeps security events in an object's storage until the journal has them, so that each arrives at least once. The object's alarm calls
 *  `flush`, and sets itself to `nextAt`. */
export class EventKeeper {
  readonly #storage: DurableObjectStorage
  readonly #ports: Pick<Ports, 'journal' | 'log' | 'now'>

  constructor(storage: DurableObjectStorage, ports: Pick<Ports, 'journal' | 'log' | 'now'>) {
    this.#storage = storage
    this.#ports = ports
  }

  /** When to call `flush` again; undefined if nothing waits. */
  nextAt(): Instant | undefined {
    return this.#kept().length > 0 ? addSeconds(this.#ports.now(), RETRY) : undefined
  }

  /** Stores the event, then hands it to the journal. Call it in the turn that stores the decision behind the event, and do not wait for
   *  it. Never throws. */
  async keep(event: SecurityEvent): Promise<void> {
    const kept = this.#kept()
    if (kept.length < MOST) this.#storage.kv.put(KEPT, [...kept, event])
    else this.#ports.log('security_event_lost', { type: event.type, id: event.id, why: 'too many wait' })
    const at = addSeconds(this.#ports.now(), RETRY)
    const alarm = await this.#storage.getAlarm()
    if (alarm === null || alarm > at) await this.#storage.setAlarm(at)
    await this.flush()
  }

  /** Hands the stored events to the journal. Never throws. */
  async flush(): Promise<void> {
    try {
      for (const event of this.#kept()) {
        const reported = await this.#ports.journal.reportEvent(event)
        if (!reported.ok) return
        this.#forget(event)
      }
    } catch (error) {
      this.#ports.log('security_event_unreported', { error: String(error) })
    }
  }

  #kept(): readonly SecurityEvent[] {
    return this.#storage.kv.get<readonly SecurityEvent[]>(KEPT) ?? []
  }

  #forget({ id }: SecurityEvent): void {
    const left = this.#kept().filter((one) => one.id !== id)
    if (left.length === 0) this.#storage.kv.delete(KEPT)
    else this.#storage.kv.put(KEPT, left)
  }
}
