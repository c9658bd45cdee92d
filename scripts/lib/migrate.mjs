// Applies the migrations and prints, as one last line of JSON, the Worker as wrangler.toml describes it. A process of its own: it runs
// beside the bundler, and wrangler's library (100 MB in memory) leaves with it.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { unstable_getMiniflareWorkerOptions, unstable_readConfig, unstable_splitSqlQuery } from 'wrangler'
import { miniflare, root } from './tools.mjs'

const [state = ''] = process.argv.slice(2)
const config = unstable_readConfig({ config: join(root, 'wrangler.toml') })
const { workerOptions } = unstable_getMiniflareWorkerOptions(config)
const { modulesRules: _, ...worker } = workerOptions // the bundle is one file, and Miniflare 5 knows no such option

const [database] = config.d1_databases
if (database?.database_id === undefined) throw new Error('wrangler.toml: no d1_databases with a database_id')
const { Miniflare, convertV4MiniflareOptions } = miniflare()
const runtime = new Miniflare(
  convertV4MiniflareOptions({
    modules: true,
    script: 'export default {}',
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags,
    d1Databases: { DB: database.database_id },
    resourcePersistencePath: join(state, 'v3'),
    cf: false,
  }),
)
try {
  const folder = resolve(root, database.migrations_dir ?? 'migrations')
  await migrate(await runtime.getD1Database('DB'), folder)
} finally {
  await runtime.dispose()
}
// The variables of the file alone: what .dev.vars holds is for `wrangler dev`.
console.log(JSON.stringify({ ...worker, name: config.name, bindings: config.vars }))

/** Each file once and whole, in order of name; recorded as `wrangler d1 migrations apply` records it.
 *  @param {Awaited<ReturnType<InstanceType<typeof import('miniflare').Miniflare>['getD1Database']>>} db
 *  @param {string} folder */
async function migrate(db, folder) {
  await db
    .prepare(
      'CREATE TABLE IF NOT EXISTS d1_migrations(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
    )
    .run()
  const { results } = await db.prepare('SELECT name FROM d1_migrations').run()
  const applied = new Set(results.map((row) => row['name']))
  const files = readdirSync(folder).filter((name) => name.endsWith('.sql'))
  for (const name of files.toSorted().filter((file) => !applied.has(file))) {
    const statements = unstable_splitSqlQuery(readFileSync(join(folder, name), 'utf8'))
    await db.batch([
      ...statements.map((statement) => db.prepare(statement)),
      db.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name),
    ])
  }
}
