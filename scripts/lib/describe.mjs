// Writes wrangler.toml's Worker and the statements of each migration into a JSON file. It is a process of its own: it runs
// beside the bundler, and wrangler's library (100 MB in memory) ends with it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { unstable_getMiniflareWorkerOptions, unstable_readConfig, unstable_splitSqlQuery } from 'wrangler'
import { LOCAL_DATABASE, LOCAL_NAME } from './settings.mjs'
import { root } from './tools.mjs'

const [file = ''] = process.argv.slice(2)
const config = unstable_readConfig({ config: join(root, 'wrangler.toml') })
const { workerOptions } = unstable_getMiniflareWorkerOptions(config)
const { modulesRules: _, ...worker } = workerOptions // the bundle is one file, and Miniflare 5 knows no such option

const [database] = config.d1_databases
if (database?.database_id === undefined) throw new Error('wrangler.toml: no d1_databases with a database_id')
const folder = resolve(root, database.migrations_dir ?? 'migrations')
const names = readdirSync(folder).filter((name) => name.endsWith('.sql'))
const migrations = names.toSorted().map((name) => {
  return { name, statements: unstable_splitSqlQuery(readFileSync(join(folder, name), 'utf8')) }
})

// Only the variables of wrangler.toml: those in .dev.vars are for `wrangler dev`.
const described = {
  worker: { ...worker, name: LOCAL_NAME, bindings: config.vars, d1Databases: { [database.binding]: LOCAL_DATABASE } },
  migrations,
}
writeFileSync(file, JSON.stringify(described))
