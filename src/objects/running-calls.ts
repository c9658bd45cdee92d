import { withTimeLimit } from '../time-limit.ts'
import type { Seconds } from '../vocabulary.ts'

/** Counts the calls that an object is running, so that something can wait until there are none. */
export class RunningCalls {
  #count = 0
  #isDraining = false
  #onIdle: (() => void) | undefined

  begin(): void {
    this.#count += 1
  }

  end(): void {
    this.#count -= 1
    if (this.#count === 0) this.#onIdle?.()
  }

  /** Whether something waits for the end of the calls: no other call should begin. */
  get isDraining(): boolean {
    return this.#isDraining
  }

  /** Waits until no call is running, at most `limit` seconds. Runs `work` with the answer whether there is none, before another begins. */
  async drain<T>(limit: Seconds, work: (isIdle: boolean) => T): Promise<T> {
    this.#isDraining = true
    if (this.#count > 0) {
      const { promise: idle, resolve } = Promise.withResolvers<void>()
      this.#onIdle = resolve
      await withTimeLimit(idle, limit)
      this.#onIdle = undefined
    }
    this.#isDraining = false
    return work(this.#count === 0)
  }
}
