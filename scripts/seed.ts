/** `npm run seed`: fills a local state folder with plausible tokens, to see how lists and logins do with many. */
import { generateKeyPairSync } from 'node:crypto'
import { currentBuild } from './lib/build-cache.mjs'
import { endWithUsage, readNumber, readOptions } from './lib/command-line.mjs'
import { openDatabase } from './lib/database.mjs'
import { seedStatements } from './lib/seed-statements.ts'
import { openState } from './lib/state.mjs'
import { Fault } from './lib/tools.mjs'

const USAGE = `Fills a local state folder with plausible tokens, users and realms.

  npm run seed -- --tokens <number> [options]

  --tokens <number>   how many, up to 10,000,000
  --state <folder>    the state folder; else NOD_STATE, else .nod
  --add               add them to the tokens that are there; without it such a folder is refused

It writes into that folder and nowhere else: no network, no deployment. No Nod may serve from it meanwhile.`

const MAX_TOKENS = 10_000_000
const BATCH = 50_000

async function main(): Promise<void> {
  const { values } = readOptions(USAGE, {
    options: { tokens: { type: 'string' }, state: { type: 'string' }, add: { type: 'boolean', default: false } },
  })
  const count = readNumber('tokens', values.tokens)
  if (count > MAX_TOKENS) endWithUsage(`--tokens: expected a number from 1 to ${MAX_TOKENS}, got ${count}`)
  const state = openState(values.state ?? process.env['NOD_STATE'])
  try {
    await seed(state.path, count, values.add)
  } finally {
    state.release()
  }
}

async function seed(state: string, count: number, isAdding: boolean): Promise<void> {
  const { db, close } = await openDatabase(state, await currentBuild())
  try {
    const existing = (await db.prepare('SELECT count(*) AS count FROM tokens').first<{ count: number }>())?.count ?? 0
    if (existing > 0 && !isAdding)
      throw new Fault(`${state} holds ${existing} tokens already: name another folder with --state, or say --add`)
    const started = performance.now()
    const keys = Array.from({ length: 8 }, publicKey)
    for (let from = existing; from < existing + count; from += BATCH) {
      const statements = seedStatements(from, Math.min(from + BATCH, existing + count), keys, Date.now())
      await db.batch(statements.map(({ sql, values }) => db.prepare(sql).bind(...values)))
      const done = Math.min(from + BATCH, existing + count) - existing
      if (done % (2 * BATCH) === 0 || done === count)
        console.log(`${done} of ${count} tokens, ${((performance.now() - started) / 1000).toFixed(1)} s`)
    }
    console.log(`${state} holds ${existing + count} tokens. To look at them: NOD_STATE=${state} npm start`)
  } finally {
    await close()
  }
}

const publicKey = (): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })
    .publicKey.export({ format: 'der', type: 'spki' })
    .toString('base64')

try {
  await main()
} catch (error) {
  console.error(error instanceof Fault ? error.message : error)
  process.exitCode = 1
}
