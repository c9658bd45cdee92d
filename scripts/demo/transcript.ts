/** Prints the demo: a line for each step with its time, and what failed. */
import { styleText } from 'node:util'
import { type Reply, reasonOf, summary } from '../../test/simulation/reply.ts'

/** A step got another reply than it expects. */
export class UnexpectedReply extends Error {
  readonly expected: string
  readonly got: string
  constructor(expected: string, got: string) {
    super(`expected ${expected}, got ${got}`)
    this.expected = expected
    this.got = got
  }
}

/** Throws UnexpectedReply unless the reply is as expected. */
export function expectReply(reply: Reply, expected: string, isAsExpected: boolean): void {
  if (!isAsExpected) throw new UnexpectedReply(expected, summary(reply))
}

export class Transcript {
  #number = 0
  readonly #started = performance.now()

  /** Runs a step and prints its line; `remark` makes a second line of the result. */
  async step<T>(
    actor: string,
    action: string,
    call: string,
    act: () => Promise<T>,
    remark?: (value: T) => string,
  ): Promise<T> {
    const began = performance.now()
    const line = `${String(++this.#number).padStart(3)}  ${actor.padEnd(13)} ${action.padEnd(37)} ${styleText('dim', call.padEnd(29))}`
    try {
      const value = await act()
      console.log(line, `${Math.round(performance.now() - began)} ms`.padStart(7))
      if (remark !== undefined) console.log(' '.repeat(18), styleText('cyan', remark(value)))
      return value
    } catch (error) {
      console.log(line, ' failed')
      throw new Error(`step ${this.#number}, ${actor} ${action}\n${explanation(error)}`, { cause: error })
    }
  }

  milliseconds(): number {
    return Math.round(performance.now() - this.#started)
  }
}

function explanation(error: unknown): string {
  return error instanceof UnexpectedReply
    ? `  expected  ${error.expected}\n  got       ${error.got}`
    : `  ${reasonOf(error)}`
}
