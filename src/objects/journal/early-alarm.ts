import type { Instant } from '../../vocabulary.ts'

/** Sets the journal's alarm for a part that needs it before the rounds do. `key`: where the part stores that the alarm is its own. */
export class EarlyAlarm {
  readonly #storage: DurableObjectStorage
  readonly #key: string

  constructor(storage: DurableObjectStorage, key: string) {
    this.#storage = storage
    this.#key = key
  }

  /** Sets the alarm, unless it goes off by then. */
  async wake(at: Instant): Promise<void> {
    const alarm = await this.#storage.getAlarm()
    if (alarm !== null && alarm <= at) return
    this.#storage.kv.put(this.#key, true)
    await this.#storage.setAlarm(at)
  }

  /** Whether the alarm that has gone off was set here, and not by the rounds. */
  take(): boolean {
    const { kv } = this.#storage
    const isOwn = kv.get<boolean>(this.#key) === true
    if (isOwn) kv.delete(this.#key)
    return isOwn
  }
}
