import { parseArgs } from 'node:util'

/** Reads the options of a command. `--help` prints `usage` and ends the process with 0. A wrong option prints one line and ends it
 *  with 2.
 *  @template {Omit<import('node:util').ParseArgsConfig, 'args'>} Config
 *  @param {string} usage
 *  @param {Config} config as `parseArgs` takes it, without `help` and `args`
 *  @param {string[]} [args]
 *  @returns {ReturnType<typeof parseArgs<Config>>} */
export function readOptions(usage, config, args = process.argv.slice(2)) {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(usage)
    process.exit(0)
  }
  try {
    return /** @type {any} */ (parseArgs({ ...config, args }))
  } catch (error) {
    // The second sentence of Node's message is about arguments that begin with a dash: none of Nod's do.
    return endWithUsage(/** @type {Error} */ (error).message.split('. ')[0] ?? '')
  }
}

/** Reads a whole number of at least `least`, as an option gives it; any other text ends the process with 2.
 *  @param {string} option
 *  @param {string | undefined} text
 *  @param {number} [least] */
export function readNumber(option, text, least = 1) {
  const number = Number(text)
  if (text !== undefined && text !== '' && Number.isInteger(number) && number >= least) return number
  return endWithUsage(`--${option}: expected a whole number from ${least}, got ${text ?? 'nothing'}`)
}

/** Reads whole numbers that stand between commas.
 *  @param {string} option
 *  @param {string} text */
export const readNumbers = (option, text) => text.split(',').map((one) => readNumber(option, one))

/** Prints what is wrong with a command line and ends the process with 2.
 *  @param {string} fault
 *  @returns {never} */
export function endWithUsage(fault) {
  console.error(`${fault.replace(/\.$/, '')}; --help tells what this command takes`)
  process.exit(2)
}
