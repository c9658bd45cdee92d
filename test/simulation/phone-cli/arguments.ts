/** The command line of `npm run phone`. */
import { parseArgs } from 'node:util'
import { reasonOf } from '../reply.ts'

export const USAGE = `A phone at the command line: it registers, polls every 3 s, and asks what to answer.

  npm run phone -- <enrollment uri> [options]
  npm run phone -- --state <file>  [options]     go on with a phone kept before

  --auto accept|decline|cancel   answer without asking; decline says "not me", cancel "me, but stop"
  --presence <option>            with --auto accept: the option to tap; without it, the first
  --once                         end after one answer
  --interval <seconds>           poll that often (3)
  --fast                         poll every second
  --state <file>                 keep the phone's key and tokens there`

export type Choice = 'accept' | 'decline' | 'cancel'

export interface Arguments {
  readonly uri: string | undefined
  readonly auto: Choice | undefined
  readonly presence: string | undefined
  readonly once: boolean
  /** Milliseconds between phone polls. */
  readonly interval: number
  readonly state: string | undefined
}

/** A command line that cannot be followed; the message says what to change. */
export class BadArguments extends Error {}

export function readArguments(args: string[], isInteractive: boolean): Arguments | 'help' {
  const { values, positionals } = parsed(args)
  if (values.help === true) return 'help'
  if (positionals.length > 1)
    throw new BadArguments(`Expected one enrollment URI, got ${positionals.length} words; quote it, it contains "&".`)
  const [uri] = positionals
  if (uri === undefined && values.state === undefined)
    throw new BadArguments('Expected an enrollment URI, or --state with a phone kept before.')
  const auto = choice(values.auto)
  if (auto === undefined && !isInteractive)
    throw new BadArguments('There is no terminal to ask at: say --auto accept, decline or cancel.')
  const seconds = values.interval === undefined ? (values.fast === true ? 1 : 3) : Number(values.interval)
  if (!(seconds > 0)) throw new BadArguments(`--interval is ${values.interval}, expected seconds, more than 0.`)
  const { presence, once = false, state } = values
  return { uri, auto, presence, once, interval: seconds * 1000, state }
}

function choice(auto: string | undefined): Choice | undefined {
  if (auto === undefined || auto === 'accept' || auto === 'decline' || auto === 'cancel') return auto
  throw new BadArguments(`--auto is ${auto}, expected accept, decline or cancel.`)
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        auto: { type: 'string' },
        presence: { type: 'string' },
        once: { type: 'boolean' },
        interval: { type: 'string' },
        fast: { type: 'boolean' },
        state: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    // What follows is about arguments that begin with a dash: none of these do.
    throw new BadArguments(`${reasonOf(error).split('. ')[0]}.`)
  }
}
