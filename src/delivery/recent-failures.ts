import { addSeconds, type Instant, seconds } from '../vocabulary.ts'

/** A failure longer ago says nothing about the next message. */
const MEMORY_TIME = seconds(600)
/** So many are remembered; the oldest is forgotten first. */
const MAX_KEYS = 1_000

/** Remembers what the last message failed at: in this isolate only, for ten minutes. */
export class RecentFailures<Key> {
  readonly #failedAt = new Map<Key, Instant>()

  /** The last message failed, or did not. */
  note(key: Key, hasFailed: boolean, now: Instant): void {
    this.#failedAt.delete(key)
    if (!hasFailed) return
    this.#failedAt.set(key, now)
    const [oldest] = this.#failedAt.keys()
    if (this.#failedAt.size > MAX_KEYS && oldest !== undefined) this.#failedAt.delete(oldest)
  }

  has(key: Key, now: Instant): boolean {
    const at = this.#failedAt.get(key)
    return at !== undefined && now < addSeconds(at, MEMORY_TIME)
  }
}
