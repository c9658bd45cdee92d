import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { endWithUsage } from '../lib/command-line.mjs'
import { stateFolder } from '../lib/state.mjs'
import { Fault, root } from '../lib/tools.mjs'
import { databaseFile, openSnapshot } from './backup/local.ts'
import { type Manifest, writeManifest } from './backup/manifest.ts'
import { writeTable } from './backup/parts.ts'
import { DATABASE_OPTIONS, DATABASE_USAGE, optionFault, RemoteDatabase } from './backup/remote.ts'
import { appliedMigrations, expectSchema, openFile } from './backup/schema.ts'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'

export const backup = command({
  name: 'backup',
  summary: 'Writes all of the database into a folder, with a manifest and check sums.',
  usage: `  npm run nod -- backup [options]

  --out <folder>     the folder to make, or one that is there, to make it in; else nod-backup-<time>
${DATABASE_USAGE}
${URL_USAGE}

The deployment at <url> is asked to store the audit records that its shards have; where it does not answer, the last two
minutes of the audit may be missing.

Sealed secrets stay sealed: without the master key nobody can use them, so keep it elsewhere. A Nod on this machine goes on
serving meanwhile; the database of a deployment answers nothing while Cloudflare reads it.`,
  options: { ...DATABASE_OPTIONS, ...URL_OPTION, out: { type: 'string' } },
  async run(values) {
    const fault = optionFault(values)
    if (fault !== undefined) endWithUsage(fault)
    const folder = outFolder(values.out, new Date())
    await handOverAudit(values.url)
    if (values.remote) await backUpRemote(new RemoteDatabase(values.config), folder)
    else {
      const db = openSnapshot(databaseFile(stateFolder(values.state || process.env['NOD_STATE'])))
      try {
        await writeBackup(db, 'local', folder)
      } finally {
        db.close()
      }
    }
  },
})

/** Has the shards of the deployment store the audit records that they have, if it can be asked: a backup does without. */
async function handOverAudit(url: string | undefined): Promise<void> {
  try {
    const { left, incomplete } = handOverSchema.parse(await new NodClient(url).post('/deployment/audit/flush'))
    if (incomplete.length > 0) throw new Fault(`shards did not answer: ${incomplete.join(', ')}`)
    if (left > 0) throw new Fault(`${left} records are left`)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    console.log(`The audit of the last two minutes may be missing from it: ${error.message}`)
  }
}

const handOverSchema = z.object({ left: z.int(), incomplete: z.array(z.string()) })

function outFolder(out: string | undefined, now: Date): string {
  const name = `nod-backup-${now.toISOString().slice(0, 19).replaceAll(':', '-')}Z`
  const folder = resolve(out ?? name)
  if (!existsSync(folder)) return folder
  if (out === undefined) throw new Fault(`${folder} is there already`)
  if (!statSync(folder).isDirectory()) throw new Fault(`${folder} is a file; --out takes a folder`)
  if (existsSync(join(folder, 'manifest.json'))) throw new Fault(`${folder} is a backup already`)
  return join(folder, name)
}

async function backUpRemote(remote: RemoteDatabase, folder: string): Promise<void> {
  const work = `${folder}.reading`
  mkdirSync(work, { recursive: true, mode: 0o700 })
  try {
    const db = openFile(join(work, 'export.sqlite'))
    try {
      await remote.exportInto(db, join(work, 'export.sql'))
      await writeBackup(db, 'remote', folder)
    } finally {
      db.close()
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Writes a backup of a database into a new folder. It has its name only when it is complete. */
export async function writeBackup(db: DatabaseSync, source: Manifest['source'], folder: string): Promise<void> {
  const started = performance.now()
  const { tables, others } = expectSchema(db)
  for (const table of others) console.log(`left out: the table ${table}, which no migration of Nod makes`)
  const partial = join(dirname(folder), `${basename(folder)}.partial`)
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true, mode: 0o700 })
  const taken = new Date().toISOString()
  const keys = new Set<string>()
  const parts = []
  for (const table of tables) parts.push(...(await writeTable(db, table, partial, (id) => keys.add(id))))
  const rows: Record<string, number> = {}
  for (const part of parts) rows[part.table] = (rows[part.table] ?? 0) + part.rows
  const { revision, epoch } = db.prepare('SELECT * FROM deployment').get() ?? {}
  writeManifest(partial, {
    taken,
    nod: version(),
    source,
    migrations: [...appliedMigrations(db)],
    revision: Number(revision),
    ...(epoch === undefined ? {} : { epoch: Number(epoch) }),
    rows,
    masterKeys: [...keys].toSorted(),
    parts,
  })
  renameSync(partial, folder)
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
  const all = Object.values(rows).reduce((sum, count) => sum + count, 0)
  console.log(`${folder}
  ${rows['tokens']} tokens, ${rows['users']} users, ${rows['audit']} audit records; ${all} rows in ${parts.length} parts, ${megabytes(bytes)} MB
  revision ${String(revision)}, ${keys.size === 0 ? 'nothing sealed' : `sealed with ${[...keys].toSorted().join(', ')}`}
  ${((performance.now() - started) / 1000).toFixed(1)} s`)
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)

const version = (): string =>
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version
