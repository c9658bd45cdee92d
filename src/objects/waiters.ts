import type { TransactionId } from '../vocabulary.ts'

/** Who may wait for one login at once: more than that is no service, and each holds a socket. */
const MOST_OF_ONE = 8
/** Those who wait for a login to change; woken, never polled, each with its own deadline. They go with the object: whoever waits asks again. */
export class Waiters {
  readonly #waiting = new Map<TransactionId, Set<Waiter>>()
  readonly #most: number
  #count = 0

  /** `most`: who may wait here at once. */
  constructor(most: number) {
    this.#most = most
  }

  /** Whether somebody else can wait for this login now. */
  hasRoomFor(id: TransactionId): boolean {
    return this.#count < this.#most && (this.#waiting.get(id)?.size ?? 0) < MOST_OF_ONE
  }

  /** True when the login has changed; false when the time is over or the waiter has left, and at once where too many
   *  wait already. `name`: what it is known by to `leave`. */
  async untilChange(id: TransactionId, milliseconds: number, name?: string): Promise<boolean> {
    if (!this.hasRoomFor(id) || milliseconds <= 0) return false
    const others = this.#waiting.get(id) ?? new Set()
    this.#waiting.set(id, others)
    const { promise: changed, resolve } = Promise.withResolvers<boolean>()
    const waiter: Waiter = { name, end: resolve }
    others.add(waiter)
    this.#count += 1
    const timer = setTimeout(() => resolve(false), milliseconds)
    const outcome = await changed
    clearTimeout(timer)
    this.#count -= 1
    others.delete(waiter)
    if (others.size === 0) this.#waiting.delete(id)
    return outcome
  }

  wake(id: TransactionId): void {
    for (const { end } of this.#waiting.get(id) ?? []) end(true)
  }

  leave(id: TransactionId, name: string): void {
    for (const waiter of this.#waiting.get(id) ?? []) if (waiter.name === name) waiter.end(false)
  }
}

interface Waiter {
  readonly name: string | undefined
  readonly end: (changed: boolean) => void
}

/** Returns when the work is done, or the time is over. */
export async function within(work: Promise<unknown>, milliseconds: number): Promise<void> {
  const over = new AbortController()
  const late = scheduler.wait(milliseconds, { signal: over.signal }).catch(() => undefined)
  await Promise.race([work, late])
  over.abort()
}
