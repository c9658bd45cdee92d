/** `npm run demo`: one whole login with a simulated phone, step by step.
 *
 *    npm run demo [-- --url http://127.0.0.1:8787]
 *
 *  Without --url and NOD_URL it uses what answers at PORT (8787), and starts a Nod of its own if nothing does. The
 *  administrator is ADMIN_LOGIN with ADMIN_PASSWORD, or the one `npm start` keeps in the state folder. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fields } from '../test/simulation/reply.ts'
import { type Administrator, demonstrateLogin } from './demo/login.ts'
import { isHealthy, startOwnService } from './demo/own-service.ts'

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { url: { type: 'string' } } })
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

/** The environment's, else the one in the state folder's secrets.json. */
function administratorIn(state: string, environment: NodeJS.ProcessEnv = process.env): Administrator {
  const file = join(state, 'secrets.json')
  const login = environment['ADMIN_LOGIN'] ?? secret(file, 'ADMIN_LOGIN')
  const password = environment['ADMIN_PASSWORD'] ?? secret(file, 'ADMIN_PASSWORD')
  if (login !== undefined && password !== undefined) return { login, password }
  throw new Error(
    `no administrator: set ADMIN_LOGIN and ADMIN_PASSWORD, or NOD_STATE to the state folder of the service (no ${file}).`,
  )
}

function secret(file: string, name: string): string | undefined {
  try {
    const value = fields(JSON.parse(readFileSync(file, 'utf8')))[name]
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

try {
  await main()
} catch (error) {
  console.error(`\nThe demo did not go through: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
