/** `npm run demo`: one whole login with a simulated phone, step by step. */
import { demonstrateLogin } from './demo/login.ts'
import { isHealthy, startOwnService } from './demo/own-service.ts'
import { type Administrator, findAdministrator } from './lib/administrator.ts'
import { readOptions } from './lib/command-line.mjs'

const USAGE = `Shows one whole login with a simulated phone, step by step, and removes what it made.

  npm run demo [-- --url <url>]

  --url <url>   the Nod to use; without it (and NOD_URL) the one at PORT (8787), or, where nothing answers, one of its own

The administrator is ADMIN_LOGIN with ADMIN_PASSWORD, or the one that \`npm start\` keeps in NOD_STATE (.nod).`

async function main(): Promise<void> {
  const { values } = readOptions(USAGE, { options: { url: { type: 'string' } } })
  const chosen = values.url ?? process.env['NOD_URL']
  const url = (chosen ?? `http://127.0.0.1:${process.env['PORT'] ?? 8787}`).replace(/\/+$/, '')
  if (await isHealthy(url)) {
    await show(url, administratorIn(process.env['NOD_STATE'] ?? '.nod'))
    return
  }
  if (chosen !== undefined) throw new Error(`nothing answers GET ${url}/healthz with 200`)
  console.log(`Nothing answers at ${url}: starting a Nod of its own …`)
  const own = await startOwnService()
  try {
    console.log(`It serves at ${own.url}, with its state in ${own.state}, until the demo ends.`)
    await show(own.url, administratorIn(own.state, {}))
  } finally {
    await own.stop()
  }
}

async function show(url: string, administrator: Administrator): Promise<void> {
  console.log(`\nOne login, from enrollment to its end, at ${url}\n`)
  const milliseconds = await demonstrateLogin(url, administrator)
  console.log(`\nDone in ${milliseconds} ms; nothing of it is left.`)
}

function administratorIn(state: string, environment?: NodeJS.ProcessEnv): Administrator {
  const administrator = findAdministrator(state, environment)
  if (administrator !== undefined) return administrator
  throw new Error(
    `no administrator: set ADMIN_LOGIN and ADMIN_PASSWORD, or NOD_STATE to the state folder of the service (${state} has no secrets.json).`,
  )
}

try {
  await main()
} catch (error) {
  console.error(`\nThe demo did not go through: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
