// Writes into a file, as JSON, the Worker as wrangler.toml describes it, and the statements of each migration. A process of its
// own: it runs beside the bundler, and wrangler's library (100 MB in memory) leaves with it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { unstable_getMiniflareWorkerOptions, unstable_readConfig, unstable_splitSqlQuery } from 'wrangler'
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

// The variables of the file alone: what .dev.vars holds is for `wrangler dev`.
const described = { worker: { ...worker, name: config.name, bindings: config.vars }, migrations }
writeFileSync(file, JSON.stringify(described))
