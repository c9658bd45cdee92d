import type { WaitingShare } from '../rules/login/waiting-shares.ts'
import type { Seconds, TransactionId } from '../vocabulary.ts'

/** At most so many wait for one login: more come from no service, and each keeps a connection open. */
const MAX_PER_LOGIN = 8

interface Waiter {
  readonly name: string | undefined
  readonly end: (changed: boolean) => void
}

/** Callers that wait for a login to change. They are woken; they never poll. They are lost with the object: its callers ask the
 *  next one again. */
export class Waiters {
  readonly #waiting = new Map<TransactionId, Set<Waiter>>()
  /** How many places of each share are taken. */
  readonly #taken = new Map<string, number>()
  readonly max: number
  #count = 0

  /** `max`: how many may wait in this shard at once. */
  constructor(max: number) {
    this.max = max
  }

  /** Whether one more can wait for this login now, and each of its shares has a place left. */
  hasRoomFor(id: TransactionId, shares: readonly WaitingShare[] = []): boolean {
    return (
      this.#count < this.max &&
      (this.#waiting.get(id)?.size ?? 0) < MAX_PER_LOGIN &&
      shares.every(({ name, most }) => (this.#taken.get(name) ?? 0) < most)
    )
  }

  /** Waits for a change, at most `limit` seconds. True when the login has changed; false when the time is over or the waiter has
   *  left, and at once when there is no room. `name`: the name by which `leave` knows the waiter. */
  async untilChange(
    id: TransactionId,
    limit: Seconds,
    name?: string,
    shares: readonly WaitingShare[] = [],
  ): Promise<boolean> {
    if (!this.hasRoomFor(id, shares) || limit <= 0) return false
    const others = this.#waiting.get(id) ?? new Set()
    this.#waiting.set(id, others)
    const { promise: changed, resolve } = Promise.withResolvers<boolean>()
    const waiter: Waiter = { name, end: resolve }
    others.add(waiter)
    this.#count += 1
    this.#take(shares, 1)
    const timer = setTimeout(() => resolve(false), limit * 1000)
    const outcome = await changed
    clearTimeout(timer)
    this.#count -= 1
    this.#take(shares, -1)
    others.delete(waiter)
    if (others.size === 0) this.#waiting.delete(id)
    return outcome
  }

  #take(shares: readonly WaitingShare[], places: 1 | -1): void {
    for (const { name } of shares) {
      const taken = (this.#taken.get(name) ?? 0) + places
      if (taken > 0) this.#taken.set(name, taken)
      else this.#taken.delete(name)
    }
  }

  wake(id: TransactionId): void {
    for (const { end } of this.#waiting.get(id) ?? []) end(true)
  }

  leave(id: TransactionId, name: string): void {
    for (const waiter of this.#waiting.get(id) ?? []) if (waiter.name === name) waiter.end(false)
  }
}
