/** This checkout: its configuration, what it builds, and the files that a deployment writes into it. */
import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { experimental_readRawConfig } from 'wrangler'
import { Fault, quietEnvironment, root, runNode, wrangler } from '../lib/tools.mjs'
import { PAGES } from '../lib/pages.mjs'
import {
  type Configuration,
  databaseOf,
  NO_DATABASE,
  sharedBetween,
  stagingOf,
  withDatabaseId,
  withJurisdiction,
} from './configuration.ts'
import type { Environment } from './options.ts'
import type { Build } from './plan.ts'

const PRODUCTION = join(root, 'wrangler.toml')

/** The file of an environment's whole configuration, for wrangler. */
export const configurationFile = (env: Environment): string =>
  env === 'production' ? PRODUCTION : join(root, `wrangler.${env}.json`)

function readProduction(): Configuration {
  try {
    return experimental_readRawConfig({ config: PRODUCTION }, { hideWarnings: true }).rawConfig as Configuration
  } catch (error) {
    throw new Fault(`wrangler.toml cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Reads the configuration of an environment. That of staging is written to a file of its own, with the id of its database.
 *  Throws a Fault for a wrangler.toml that cannot be read, and for a staging that would share something with production. */
export function readConfiguration(env: Environment): Configuration {
  const production = readProduction()
  if (env === 'production') return production
  const staging = stagingOf(production)
  const shared = sharedBetween(production, staging)
  if (shared.length > 0)
    throw new Fault(
      `Staging would share with production: ${shared.join(', ')}. Next: change it in [env.staging] of wrangler.toml`,
    )
  return staging
}

/** Writes the configuration of staging for wrangler. Its paths begin at the root, as those of wrangler.toml. */
export function writeStaging(configuration: Configuration): void {
  write(configurationFile('staging'), `${JSON.stringify(configuration, null, 2)}\n`)
}

/** Returns the configuration with the id of its database, and writes it where wrangler reads it. */
export function withDatabase(env: Environment, configuration: Configuration, id: string): Configuration {
  const databases = configuration.d1_databases ?? []
  const changed = {
    ...configuration,
    d1_databases: databases.map((one) => (one.binding === 'DB' ? { ...one, database_id: id } : one)),
  }
  if (env === 'staging') writeStaging(changed)
  else if (databaseOf(configuration)?.database_id === NO_DATABASE)
    edit(`database_id = "${id}"`, (toml) => withDatabaseId(toml, id))
  return changed
}

/** Writes the jurisdiction into wrangler.toml, because each later deployment needs it. */
export function decideJurisdiction(configuration: Configuration, jurisdiction: string): Configuration {
  edit(`JURISDICTION = "${jurisdiction}" in [vars]`, (toml) => withJurisdiction(toml, jurisdiction))
  return { ...configuration, vars: { ...configuration.vars, JURISDICTION: jurisdiction } }
}

function edit(what: string, change: (toml: string) => string | undefined): void {
  const changed = change(readFileSync(PRODUCTION, 'utf8'))
  if (changed === undefined)
    throw new Fault(`wrangler.toml has no place for it. Next: write ${what} into it, then run this again`)
  write(PRODUCTION, changed)
}

/** Renamed into place: a file that is cut off would deploy something else. */
function write(file: string, text: string): void {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

/** What this checkout is, without building it. */
export function readRelease(configuration: Configuration): Omit<Build, 'tag'> {
  const migrations = readdirSync(resolve(root, databaseOf(configuration)?.migrations_dir ?? 'migrations'))
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return {
    release: [version, commit()].filter((one) => one !== '').join(' '),
    migrations: migrations.filter((name) => name.endsWith('.sql')).toSorted((a, b) => a.localeCompare(b)),
  }
}

/** Builds what would be uploaded, and returns the tag that names it. Throws a Fault for a source or a configuration that wrangler
 *  refuses. */
export async function build(env: Environment, configuration: Configuration): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'nod-deploy-'))
  try {
    const args = ['deploy', '--dry-run', '--outdir', folder, '--config', configurationFile(env)]
    const { code, stdout, stderr } = await runNode([wrangler, ...args], { env: quietEnvironment() })
    if (code !== 0) throw new Fault(`This checkout does not build. Nothing was changed.\n${stderr}${stdout}`)
    const hash = createHash('sha256').update(readFileSync(join(folder, 'index.js')))
    for (const file of filesIn(PAGES)) hash.update(`\0${relative(PAGES, file)}\0`).update(readFileSync(file))
    hash.update(JSON.stringify({ ...configuration, d1_databases: [] }))
    return `nod-${hash.digest('hex').slice(0, 16)}`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())

/** The commit of this checkout, if it is one of git's. */
function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
      encoding: 'utf8',
    }).trim()
  } catch {
    return ''
  }
}
