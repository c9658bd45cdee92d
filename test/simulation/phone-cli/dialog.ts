/** Asking the user at a terminal. */
import { createInterface } from 'node:readline/promises'
import type { Prompt } from '../phone.ts'
import type { Choice } from './arguments.ts'

export interface Decision {
  readonly choice: Choice
  readonly presence?: string
}

export interface Dialog {
  /** Undefined if the prompt ran out. */
  decide(prompt: Prompt): Promise<Decision | undefined>
  codeTyped(): Promise<void>
  close(): void
}

// A request is shown for two minutes: docs/protocol.md, "Life on the phone".
const SHOWN_FOR = 120_000

/** `leave` is called when the user presses Ctrl-C or Ctrl-D. */
export function terminalDialog(leave: () => void): Dialog {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  terminal.on('SIGINT', leave)
  terminal.on('close', leave)

  const ask = async (question: string, milliseconds: number): Promise<string | undefined> => {
    return terminal.question(question, { signal: AbortSignal.timeout(milliseconds) }).catch(() => undefined)
  }

  return {
    async decide({ options, receivedAt }) {
      const accepting = options === undefined ? '[a]ccept' : `tap ${options.join(' / ')}`
      for (;;) {
        const answer = await ask(
          `          ${accepting}, [d]ecline (not me), [c]ancel (me, but stop) > `,
          Math.max(1, receivedAt + SHOWN_FOR - Date.now()),
        )
        if (answer === undefined) return undefined
        const decision = read(answer.trim(), options)
        if (decision !== undefined) return decision
      }
    },
    async codeTyped() {
      await ask('          Press Enter when it is typed > ', SHOWN_FOR)
    },
    close() {
      terminal.off('close', leave)
      terminal.close()
    },
  }
}

function read(answer: string, options: readonly string[] | undefined): Decision | undefined {
  // Options first, as they are written: one of them may be `C` or `D` itself.
  if (options?.includes(answer) === true) return { choice: 'accept', presence: answer }
  if (['d', 'decline'].includes(answer)) return { choice: 'decline' }
  if (['c', 'cancel'].includes(answer)) return { choice: 'cancel' }
  const presence = answer.toUpperCase()
  if (options?.includes(presence) === true) return { choice: 'accept', presence }
  return options === undefined && ['a', 'accept'].includes(answer) ? { choice: 'accept' } : undefined
}
