import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { endWithUsage } from '../lib/command-line.mjs'
import { openState, stateFolder } from '../lib/state.mjs'
import { Fault } from '../lib/tools.mjs'
import { writeBackup } from './backup.ts'
import { countRows, loadBackup } from './backup/load.ts'
import { databaseFile, openSnapshot, replaceFile, workFolder } from './backup/local.ts'
import { type Manifest, readManifest } from './backup/manifest.ts'
import { DATABASE_OPTIONS, DATABASE_USAGE, optionFault, RemoteDatabase } from './backup/remote.ts'
import { LIST_TABLES } from './backup/schema.ts'
import { command } from './command.ts'

/** The tables whose rows somebody would miss. Whoever has signed in to a new deployment has written to the audit already. */
const MISSED = ['tokens', 'users', 'policies', 'administrators', 'service_keys', 'bypass_codes'] as const

export const restore = command({
  name: 'restore',
  summary: 'Puts a backup in the place of the database, whole or not at all.',
  usage: `  npm run nod -- restore <backup> [options]

  <backup>           the folder that \`npm run nod -- backup\` has made
  --replace          also where the database has tokens, users, policies, administrators or service keys
${DATABASE_USAGE}

The backup is checked and loaded on this machine first: that takes as much space as the database. Newer migrations are applied
to it. No Nod may serve from a state folder meanwhile; what it held is backed up in it before.`,
  options: { ...DATABASE_OPTIONS, replace: { type: 'boolean', default: false } },
  positionals: ['<backup>'],
  async run(values, [backup = '']) {
    const fault = optionFault(values)
    if (fault !== undefined) endWithUsage(fault)
    const folder = resolve(backup)
    const manifest = readManifest(folder)
    const loaded = values.remote
      ? await restoreRemote(new RemoteDatabase(values.config), folder, manifest, values.replace)
      : await restoreLocal(stateFolder(values.state || process.env['NOD_STATE']), folder, manifest, values.replace)
    report(manifest, loaded)
  },
})

type Counts = Readonly<Record<string, number>>

async function restoreLocal(path: string, folder: string, manifest: Manifest, replace: boolean): Promise<Counts> {
  const state = openState(path)
  try {
    await makeDatabase(path)
    const file = databaseFile(path)
    const before = openSnapshot(file)
    try {
      const found = countRows(before)
      expectEmpty(found, replace, path)
      const work = workFolder(path)
      const db = await loadBackup(folder, manifest, join(work, 'database.sqlite'))
      const counts = countRows(db)
      db.close()
      if (isInUse(found)) {
        const kept = join(path, 'replaced')
        mkdirSync(kept, { recursive: true, mode: 0o700 })
        console.log('What is replaced is kept, as a backup of its own:')
        await writeBackup(before, 'local', join(kept, `before-${new Date().toISOString().replaceAll(':', '-')}`))
      }
      before.close()
      replaceFile(file, join(work, 'database.sqlite'))
      rmSync(work, { recursive: true, force: true })
      return counts
    } finally {
      if (before.isOpen) before.close()
    }
  } finally {
    state.release()
  }
}

/** Makes the database of a state folder that has none. */
async function makeDatabase(path: string): Promise<void> {
  // Loaded here: workerd's library takes longer than all of the other commands.
  const [{ currentBuild }, { migrate }] = await Promise.all([
    import('../lib/build-cache.mjs'),
    import('../lib/database.mjs'),
  ])
  await migrate(path, await currentBuild())
}

async function restoreRemote(
  remote: RemoteDatabase,
  folder: string,
  manifest: Manifest,
  replace: boolean,
): Promise<Counts> {
  const present = (await remote.query(LIST_TABLES)).map(({ name }) => String(name))
  expectEmpty(
    await remoteCounts(
      remote,
      MISSED.filter((table) => present.includes(table)),
    ),
    replace,
    'The database',
  )
  const work = mkdtempSync(join(tmpdir(), 'nod-restore-'))
  let db: DatabaseSync | undefined
  try {
    db = await loadBackup(folder, manifest, join(work, 'database.sqlite'))
    const counts = countRows(db)
    const bookmark = await remote.bookmark()
    console.log(`To undo this: npm exec -- wrangler d1 time-travel restore DB --bookmark=${bookmark}`)
    await remote.importFrom(db, present, join(work, 'import.sql'))
    const arrived = await remoteCounts(remote, MISSED)
    // A running Nod writes already: only what it must not lack is compared.
    const missing = MISSED.find((table) => (arrived[table] ?? 0) < (counts[table] ?? 0))
    if (missing !== undefined)
      throw new Fault(`${missing} has ${arrived[missing]} rows in the database, and the backup ${counts[missing]}`)
    return counts
  } finally {
    db?.close()
    rmSync(work, { recursive: true, force: true })
  }
}

async function remoteCounts(remote: RemoteDatabase, tables: readonly string[]): Promise<Counts> {
  if (tables.length === 0) return {}
  const [row = {}] = await remote.query(
    `SELECT ${tables.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`).join(', ')}`,
  )
  return Object.fromEntries(tables.map((table) => [table, Number(row[table])]))
}

const isInUse = (counts: Counts): boolean => MISSED.some((table) => (counts[table] ?? 0) > 0)

function expectEmpty(counts: Counts, replace: boolean, where: string): void {
  if (replace || !isInUse(counts)) return
  const found = MISSED.flatMap((table) => ((counts[table] ?? 0) > 0 ? [`${counts[table]} rows in ${table}`] : []))
  throw new Fault(`${where} is not empty: ${found.join(', ')}. --replace puts the backup in their place`)
}

function report({ taken, revision, masterKeys }: Manifest, counts: Counts): void {
  console.log(`Restored to ${taken}, revision ${revision}: ${counts['tokens']} tokens, ${counts['users']} users, ${counts['audit']} audit records.
${
  masterKeys.length === 0
    ? 'Nothing in it is sealed.'
    : `It is sealed with ${masterKeys.join(', ')}: the deployment needs the key as MASTER_KEY, or as MASTER_KEY_PREVIOUS until a rotation.`
}
Next: npm run nod -- restored (docs/operating.md, "Restore").`)
}
