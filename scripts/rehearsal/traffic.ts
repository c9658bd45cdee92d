/** Logins that go on while everything changes. */
import { setTimeout as sleep } from 'node:timers/promises'
import { attempt, type Services } from './login.ts'
import type { User } from './people.ts'
import type { Attempt } from './result.ts'

export class Traffic {
  /** What each login that begins belongs to. */
  phase = ''
  /** Users log in by PIN and phone, and nothing else. */
  plainly = false
  readonly attempts: Attempt[] = []
  readonly #services: Services
  readonly #queue: User[] = []
  readonly #workers: Promise<void>[] = []
  readonly #signal: AbortSignal
  readonly #onAttempt: (attempt: Attempt) => void
  #isOn = false

  /** @param onAttempt hears of each login as it ends */
  constructor(services: Services, signal: AbortSignal, onAttempt: (attempt: Attempt) => void) {
    this.#services = services
    this.#onAttempt = onAttempt
    this.#signal = signal
  }

  /** Begins, with so many logins at a time. */
  start(users: readonly User[], atOnce: number): void {
    this.#isOn = true
    this.add(users)
    for (let count = 0; count < atOnce; count++) this.#workers.push(this.#work())
  }

  /** These log in as well from now on. */
  add(users: readonly User[]): void {
    this.#queue.push(...users)
  }

  /** Waits for so many more logins. */
  async logins(count: number): Promise<void> {
    const wanted = this.attempts.length + count
    while (this.attempts.length < wanted) await this.#pause()
  }

  /** Waits until each of these has logged in from now on. */
  async eachOf(users: readonly User[]): Promise<void> {
    const before = users.map(({ begun }) => begun)
    while (users.some(({ ended }, at) => ended <= (before[at] ?? 0))) await this.#pause()
  }

  /** Lets the logins that are open end, and begins no more. */
  async stop(): Promise<void> {
    this.#isOn = false
    await Promise.all(this.#workers)
  }

  async #pause(): Promise<void> {
    this.#signal.throwIfAborted()
    await sleep(50)
  }

  async #work(): Promise<void> {
    while (this.#isOn) {
      const user = this.#queue.shift()
      if (user === undefined) {
        await sleep(50)
        continue
      }
      const { phase, plainly } = this
      user.begun += 1
      const ended = await attempt(this.#services, user, phase, plainly)
      this.attempts.push(ended)
      this.#onAttempt(ended)
      user.ended += 1
      this.#queue.push(user)
    }
  }
}
