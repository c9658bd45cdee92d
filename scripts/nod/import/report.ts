/** Prints the progress and the result of an import. */
import { printable } from '../printable.ts'
import type { TokenFault } from './token.ts'

const LISTED = 200

/** A bar that follows the work in a terminal; elsewhere a line for each tenth. */
export class Progress {
  readonly #label: string
  readonly #total: number
  readonly #started = performance.now()
  #done = 0
  #tenth = 0

  constructor(label: string, total: number) {
    this.#label = label
    this.#total = total
  }

  add(count: number): void {
    this.#done += count
    const share = this.#total === 0 ? 1 : this.#done / this.#total
    const line = `${this.#label} ${this.#done} of ${this.#total}`
    if (process.stderr.isTTY) {
      const filled = Math.round(share * 30)
      process.stderr.write(`\r[${'#'.repeat(filled)}${'.'.repeat(30 - filled)}] ${line}`)
      if (this.#done >= this.#total) process.stderr.write('\n')
    } else if (Math.floor(share * 10) > this.#tenth) {
      this.#tenth = Math.floor(share * 10)
      console.error(line)
    }
  }

  /** Tokens a second so far. */
  get rate(): number {
    return Math.round(this.#done / Math.max(0.001, (performance.now() - this.#started) / 1000))
  }
}

/** Counts texts: `12  containers are imported as information only`. */
export class Tally {
  readonly #counts = new Map<string, number>()

  add(text: string, count = 1): void {
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + count)
  }

  get(text: string): number {
    return this.#counts.get(text) ?? 0
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0
  }

  print(title: string): void {
    if (this.isEmpty) return
    console.log(`\n${title}`)
    for (const [text, count] of this.#counts) console.log(`  ${String(count).padStart(7)}  ${printable(text)}`)
  }
}

/** Names each token at fault, and the first few hundred if there are more. */
export function printFaults(faults: readonly TokenFault[]): void {
  for (const { serial, why } of faults.slice(0, LISTED)) console.error(printable(`${serial}: ${why}`))
  if (faults.length > LISTED) console.error(`… and ${faults.length - LISTED} more`)
}
