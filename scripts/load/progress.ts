import { percentileOf } from '../../bench/percentiles.ts'
import type { LoginResult } from './run.ts'

const EVERY_MS = 5_000

/** Prints a line every five seconds: what has ended in them. */
export class Progress {
  readonly #began = performance.now()
  readonly #timer = setInterval(() => this.#print(), EVERY_MS)
  #since: LoginResult[] = []

  add(result: LoginResult): void {
    this.#since.push(result)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #print(): void {
    const ended = this.#since.filter(({ outcome }) => outcome !== 'failed')
    const failed = this.#since.length - ended.length
    this.#since = []
    const seconds = String(Math.round((performance.now() - this.#began) / 1000)).padStart(5)
    const p99 =
      ended.length === 0
        ? ''
        : `, p99 ${percentileOf(
            ended.map(({ whole }) => whole),
            0.99,
          ).toFixed(0)} ms`
    console.log(`${seconds} s  ${ended.length} logins, ${failed} failed${p99}`)
  }
}
