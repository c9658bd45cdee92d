import { join } from 'node:path'
import { MIGRATIONS_TABLE } from './migrations-table.mjs'
import { startRuntime } from './runtime.mjs'
import { Fault } from './tools.mjs'

/** @typedef {import('./build-cache.mjs').Build} Build */

/** Applies the migrations to a state folder, which the caller has locked.
 *  Throws a Fault for a database that refuses them.
 *  @param {string} state
 *  @param {Pick<Build, 'worker' | 'migrations'>} build */
export async function migrate(state, build) {
  const { close } = await openDatabase(state, build)
  await close()
}

/** Opens and migrates the database of a state folder, which the caller has locked and no Nod serves from.
 *  Throws like `migrate`.
 *  @param {string} state
 *  @param {Pick<Build, 'worker' | 'migrations'>} build */
export async function openDatabase(state, { worker, migrations }) {
  const started = startRuntime({
    modules: true,
    script: 'export default {}',
    compatibilityDate: worker['compatibilityDate'],
    d1Databases: worker['d1Databases'],
    resourcePersistencePath: join(state, 'v3'),
    cf: false,
  })
  const close = () => started.dispose()
  try {
    const db = await started.getD1Database('DB')
    await apply(db, migrations)
    return { db, close }
  } catch (error) {
    await close()
    throw new Fault(`The database could not be prepared: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Applies each file that is not applied yet, in order of name, and records it as `wrangler d1 migrations apply` does.
 *  @param {Awaited<ReturnType<ReturnType<typeof startRuntime>['getD1Database']>>} db
 *  @param {Build['migrations']} migrations */
async function apply(db, migrations) {
  await db.prepare(MIGRATIONS_TABLE).run()
  const { results } = await db.prepare('SELECT name FROM d1_migrations').run()
  const applied = new Set(results.map((row) => row['name']))
  for (const { name, statements } of migrations.filter((one) => !applied.has(one.name))) {
    await db.batch([
      ...statements.map((statement) => db.prepare(statement)),
      db.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name),
    ])
  }
}
