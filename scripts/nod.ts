/** `npm run nod -- <command>`: operates a deployment. Each command is a module of scripts/nod/. */
import { endWithUsage, readOptions } from './lib/command-line.mjs'
import { Fault } from './lib/tools.mjs'
import type { Command } from './nod/command.ts'
import { COMMANDS } from './nod/commands.ts'

const width = Math.max(...COMMANDS.map(({ name }) => name.length))
const USAGE = `Operates a deployment: docs/operating.md has the procedures.

  npm run nod -- <command> [options]

${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}   ${summary}`).join('\n')}

\`npm run nod -- <command> --help\` tells what a command takes. A command ends with 0 when it is done, with 1 when it has
failed, with 2 when it was used wrongly.`

async function main(args: string[]): Promise<void> {
  const [name = ''] = args
  const found = COMMANDS.find((one) => one.name === name)
  if (found !== undefined) return runCommand(found, args.slice(1))
  readOptions(USAGE, { options: {}, allowPositionals: true }, args)
  return endWithUsage(name === '' ? 'A command is missing' : `There is no command ${name}`)
}

async function runCommand(chosen: Command, args: string[]) {
  const { summary, usage, options, positionals: expected = [] } = chosen
  const { values, positionals } = readOptions(`${summary}\n\n${usage}`, { options, allowPositionals: true }, args)
  const missing = expected[positionals.length]
  if (missing !== undefined) endWithUsage(`${missing} is missing`)
  if (positionals.length > expected.length) endWithUsage(`Unexpected argument '${positionals[expected.length]}'`)
  await chosen.run(values, positionals)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Fault ? error.message : error)
  process.exitCode = 1
}
