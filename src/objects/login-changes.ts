import { addSeconds, type Instant, instant, type Seconds, seconds, type TransactionId } from '../vocabulary.ts'

/** Called after a login has changed; `isStored` false: in memory only. */
export type OnLoginChange = (id: TransactionId, isStored: boolean) => void

/** So many logins that changed last are remembered. */
const REMEMBERED = 500
/** So many may watch at once: they are administrators. */
const MAX_WATCHERS = 64

/** Which logins of a shard changed last, for administrators who watch them. In memory only, and of no use to a login. */
export class LoginChanges {
  readonly #now: () => Instant
  /** The number of the last change of each login, in the order of changes. Numbers follow the clock, so that they rise over restarts. */
  readonly #changes = new Map<TransactionId, number>()
  readonly #watchers = new Set<(id: TransactionId) => void>()
  #last: number
  /** Changes up to this one may be forgotten. */
  #forgotten: number

  constructor(now: () => Instant) {
    this.#now = now
    this.#last = now() * 1000
    this.#forgotten = this.#last
  }

  /** The number of the last change. */
  get last(): number {
    return this.#last
  }

  note(id: TransactionId): void {
    this.#last = Math.max(this.#last + 1, this.#now() * 1000)
    this.#changes.delete(id)
    this.#changes.set(id, this.#last)
    if (this.#changes.size > REMEMBERED)
      for (const [oldest, number] of this.#changes) {
        this.#changes.delete(oldest)
        this.#forgotten = number
        break
      }
    for (const wake of this.#watchers) wake(id)
  }

  /** The logins that changed after this number; undefined if some of them may be forgotten. */
  since(number: number): readonly TransactionId[] | undefined {
    if (number < this.#forgotten || number > this.#last) return undefined
    return [...this.#changes].flatMap(([id, changed]) => (changed > number ? [id] : []))
  }

  /** Waits until this login, or any, changes, at most so many seconds; not at all if too many watch. */
  async untilChange(limit: Seconds, id?: TransactionId): Promise<void> {
    if (limit <= 0 || this.#watchers.size >= MAX_WATCHERS) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = (changed: TransactionId): void => {
      if (id === undefined || changed === id) resolve()
    }
    this.#watchers.add(wake)
    const timer = setTimeout(resolve, limit * 1000)
    await promise
    clearTimeout(timer)
    this.#watchers.delete(wake)
  }

  /** How many seconds are left until then. */
  left(until: Instant): Seconds {
    return seconds((until - this.#now()) / 1000)
  }

  after(wait: Seconds): Instant {
    return instant(addSeconds(this.#now(), wait))
  }
}
