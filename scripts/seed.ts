/** `npm run seed`: fills a local state folder with plausible tokens, to see how lists fare with many.
 *
 *    npm run seed -- --tokens 1000000 [--state .nod] [--add]
 *
 *  It writes into the folder and nowhere else: no network, no deployment. The folder is --state, else NOD_STATE, else .nod, and no
 *  Nod may be serving from it. --add: although there are tokens. */
import { generateKeyPairSync } from 'node:crypto'
import { parseArgs } from 'node:util'
import { built } from './lib/built.mjs'
import { openDatabase } from './lib/database.mjs'
import { seedStatements } from './lib/seed-statements.ts'
import { openState } from './lib/state.mjs'
import { Fault } from './lib/tools.mjs'

const MOST = 10_000_000
const AT_ONCE = 50_000

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { tokens: { type: 'string' }, state: { type: 'string' }, add: { type: 'boolean', default: false } },
  })
  const count = Number(values.tokens)
  if (!Number.isInteger(count) || count < 1 || count > MOST)
    throw new Fault(`--tokens: expected a number from 1 to ${MOST}`)
  const state = openState(values.state ?? process.env['NOD_STATE'])
  try {
    await seed(state.path, count, values.add)
  } finally {
    state.release()
  }
}

async function seed(state: string, count: number, isAdding: boolean): Promise<void> {
  const { db, close } = await openDatabase(state, await built())
  try {
    const there = (await db.prepare('SELECT count(*) AS count FROM tokens').first<{ count: number }>())?.count ?? 0
    if (there > 0 && !isAdding)
      throw new Fault(`${state} holds ${there} tokens already: name another folder with --state, or say --add`)
    const started = performance.now()
    const keys = Array.from({ length: 8 }, publicKey)
    for (let from = there; from < there + count; from += AT_ONCE) {
      const statements = seedStatements(from, Math.min(from + AT_ONCE, there + count), keys, Date.now())
      await db.batch(statements.map(({ sql, values }) => db.prepare(sql).bind(...values)))
      const done = Math.min(from + AT_ONCE, there + count) - there
      if (done % (2 * AT_ONCE) === 0 || done === count)
        console.log(`${done} of ${count} tokens, ${((performance.now() - started) / 1000).toFixed(1)} s`)
    }
    console.log(`${state} holds ${there + count} tokens. To look at them: NOD_STATE=${state} npm start`)
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
