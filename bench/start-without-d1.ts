/** Nod as `npm start` serves it, but for one thing: what D1 has answered once is not asked again until something is written.
 *  So the price of the local simulator of D1 drops out of what is measured, and nothing of Nod does. Nod knows nothing of it:
 *  the stand-in is bundled around it, and `env.DB` is all that differs. Settings as `npm start` takes them. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../scripts/lib/tools.mjs'
import { serve } from '../scripts/serve.mjs'

// The audit is what logins write, and no login reads it.
const ENTRY = `
import * as nod from ${JSON.stringify(join(root, 'src/index.ts'))}

const isRead = (sql) => /^\\s*(SELECT|WITH asked)/.test(sql)
const isAudit = (sql) => sql.startsWith('INSERT INTO audit')

function remembering(db) {
  const answers = new Map()
  const texts = new WeakMap()
  const kept = (statement, text) => (texts.set(statement, text), statement)
  const asked = (statements, ask) => {
    const key = statements.map((one) => texts.get(one)).join('\\n')
    if (statements.every((one) => isRead(texts.get(one)))) {
      if (!answers.has(key)) answers.set(key, ask())
      return answers.get(key)
    }
    if (!isAudit(key)) answers.clear()
    return ask()
  }
  const prepare = (sql) => {
    const statement = kept(db.prepare(sql), sql)
    const bind = statement.bind.bind(statement)
    statement.bind = (...values) => watched(kept(bind(...values), sql + JSON.stringify(values)))
    return watched(statement)
  }
  const watched = (statement) => {
    for (const verb of ['first', 'run', 'all']) {
      const ask = statement[verb].bind(statement)
      statement[verb] = (...columns) => asked([statement], () => ask(...columns))
    }
    return statement
  }
  return { prepare, batch: (statements) => asked(statements, () => db.batch(statements)) }
}

const envs = new WeakMap()
function without(env) {
  if (!envs.has(env)) envs.set(env, { ...env, DB: remembering(env.DB) })
  return envs.get(env)
}

export class Phone extends nod.Phone { constructor(ctx, env) { super(ctx, without(env)) } }
export class Transactions extends nod.Transactions { constructor(ctx, env) { super(ctx, without(env)) } }
export class Counter extends nod.Counter { constructor(ctx, env) { super(ctx, without(env)) } }
export default { fetch: (request, env, ctx) => nod.default.fetch(request, without(env), ctx) }
`

const state = process.env['NOD_STATE'] ?? '.nod'
mkdirSync(state, { recursive: true })
const main = join(state, 'without-d1.mjs')
writeFileSync(main, ENTRY)
const nod = await serve(process.env, { main })
process.on('SIGTERM', () => void nod.stop().then(() => process.exit(0)))
console.log(`Nod serves at ${nod.url}`)
