/** The demo's printed page: one line a step, with the time it took, and a clear end where one fails. */
import { styleText } from 'node:util'
import { type Reply, reasonOf, summary } from '../../test/simulation/reply.ts'

/** Thrown by a step that did not go as it should. */
export class UnexpectedReply extends Error {
  readonly expected: string
  readonly came: string
  constructor(expected: string, came: string) {
    super(`expected ${expected}, came ${came}`)
    this.expected = expected
    this.came = came
  }
}

export function expectReply(reply: Reply, expected: string, holds: boolean): void {
  if (!holds) throw new UnexpectedReply(expected, summary(reply))
}

export class Transcript {
  #number = 0
  readonly #started = performance.now()

  /** Take a step and print its line; `remark` makes a second one of what it brought. */
  async step<T>(
    who: string,
    what: string,
    call: string,
    act: () => Promise<T>,
    remark?: (value: T) => string,
  ): Promise<T> {
    const began = performance.now()
    const line = `${String(++this.#number).padStart(3)}  ${who.padEnd(13)} ${what.padEnd(37)} ${styleText('dim', call.padEnd(29))}`
    try {
      const value = await act()
      console.log(line, `${Math.round(performance.now() - began)} ms`.padStart(7))
      if (remark !== undefined) console.log(' '.repeat(18), styleText('cyan', remark(value)))
      return value
    } catch (error) {
      console.log(line, ' failed')
      throw new Error(`step ${this.#number}, ${who} ${what}\n${explanation(error)}`, { cause: error })
    }
  }

  milliseconds(): number {
    return Math.round(performance.now() - this.#started)
  }
}

function explanation(error: unknown): string {
  return error instanceof UnexpectedReply
    ? `  expected  ${error.expected}\n  came      ${error.came}`
    : `  ${reasonOf(error)}`
}
