import type { TransactionId } from '../vocabulary.ts'

/** Who may wait for one login at once: more than that is no service, and each holds a socket. */
const MOST = 8

/** Those who wait for a login to change; woken, never polled, each with its own deadline. They go with the object: whoever waits asks again. */
export class Waiters {
  readonly #waiting = new Map<TransactionId, Set<() => void>>()

  /** True when the login has changed; false when the time is over, and at once where too many wait already. */
  async change(id: TransactionId, milliseconds: number): Promise<boolean> {
    const others = this.#waiting.get(id) ?? new Set()
    if (others.size >= MOST || milliseconds <= 0) return false
    this.#waiting.set(id, others)
    const { promise: woken, resolve } = Promise.withResolvers<boolean>()
    const wake = (): void => resolve(true)
    others.add(wake)
    const timer = setTimeout(() => resolve(false), milliseconds)
    const changed = await woken
    clearTimeout(timer)
    others.delete(wake)
    if (others.size === 0) this.#waiting.delete(id)
    return changed
  }

  wake(id: TransactionId): void {
    for (const wake of this.#waiting.get(id) ?? []) wake()
  }
}

/** Returns when the work is done, or the time is over. */
export async function within(work: Promise<unknown>, milliseconds: number): Promise<void> {
  const over = new AbortController()
  const late = scheduler.wait(milliseconds, { signal: over.signal }).catch(() => undefined)
  await Promise.race([work, late])
  over.abort()
}
