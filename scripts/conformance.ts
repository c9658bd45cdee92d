/** `npm run conformance`: tests a server with the statements of docs/conformance.md. Options: test/conformance/options.ts. */
import { readFileSync, writeFileSync } from 'node:fs'
import { BadArguments, USAGE, readArguments } from '../test/conformance/options.ts'
import { type Run, renderPage } from '../test/conformance/page.ts'
import { lines, summaryOf } from '../test/conformance/report.ts'
import { isExpected, type Result, run } from '../test/conformance/run.ts'
import { STATEMENTS } from '../test/conformance/statements.ts'
import { reasonOf } from '../test/simulation/reply.ts'
import { World } from '../test/conformance/world.ts'
import { type Administrator, findAdministrator } from './lib/administrator.ts'

const print = (result: Result): void => console.log(lines(result).join('\n'))

const THIS_MACHINE: readonly string[] = ['127.0.0.1', '[::1]', 'localhost']

/** The administrator of a Nod on this machine. Another server is never sent the secrets that are kept here. */
function administratorOf(url: string): Administrator | undefined {
  if (!URL.canParse(url)) throw new BadArguments(`${url} is no address; expected one like http://127.0.0.1:8787`)
  if (!THIS_MACHINE.includes(new URL(url).hostname)) return undefined
  return findAdministrator(process.env['NOD_STATE'] ?? '.nod')
}

async function main(): Promise<number> {
  const command = readArguments(process.argv.slice(2), administratorOf)
  if (command === 'help') {
    console.log(USAGE)
    return 0
  }
  if ('markdown' in command) {
    console.log(renderPage(command.markdown.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Run)))
    return 0
  }
  const { peer, only, json } = command
  const statements = STATEMENTS.filter(({ number }) => only.length === 0 || only.includes(number))
  const world = await World.open(peer)
  // The current statement cleans up after itself; a second signal ends the process at once.
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
  try {
    console.log(`${world.version} at ${peer.url}\n`)
    const results = await run(world, statements, print, stopping.signal)
    console.log(`\n${summaryOf(results)}`)
    if (stopping.signal.aborted) return 130
    if (json !== undefined)
      writeFileSync(json, `${JSON.stringify({ version: world.version, results }, undefined, 2)}\n`)
    return results.every(isExpected) ? 0 : 1
  } finally {
    await world.close()
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  const isUsage = error instanceof BadArguments
  console.error(
    isUsage
      ? `${error.message}; --help tells what this command takes`
      : `The statements could not be tested: ${reasonOf(error)}`,
  )
  process.exitCode = 2
}
