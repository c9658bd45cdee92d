import type { parseArgs, ParseArgsOptionsConfig } from 'node:util'

type Values<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options; allowPositionals: true }>
>['values']

/** A command of `npm run nod`. */
export interface Command<Options extends ParseArgsOptionsConfig = ParseArgsOptionsConfig> {
  readonly name: string
  /** What the command does, in one sentence: `Checks that the deployment works.` */
  readonly summary: string
  /** What follows the summary in its help: the command line, the options, the rest. */
  readonly usage: string
  readonly options: Options
  /** The arguments it takes beside its options, as the help names them: `<backup>`. All of them are required. */
  readonly positionals?: readonly string[]
  /** Throws a Fault for what a user has to know; the command then ends with 1. Wrong use ends it with 2 (`endWithUsage`). */
  run(values: Values<Options>, positionals: readonly string[]): Promise<void>
}

/** Returns the command as it is, with the types of its options inferred. */
export const command = <const Options extends ParseArgsOptionsConfig>(definition: Command<Options>): Command<Options> =>
  definition
