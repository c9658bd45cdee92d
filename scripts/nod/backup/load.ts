/** Makes the database of a backup again, in a file of its own. Nothing of the target is touched before that has succeeded. */
import type { DatabaseSync } from 'node:sqlite'
import { Fault } from '../../lib/tools.mjs'
import type { Manifest } from './manifest.ts'
import { loadPart, verifyPart } from './parts.ts'
import { applyMigrations, expectKnown, identifier, knownMigrations, openFile, tablesOf } from './schema.ts'

/** Makes the database: the schema that the backup had, its rows, then the migrations that are newer than the backup. Epoch and
 *  revision stay those of the backup: by them the deployment's Journal notices that the database was put back, which begins the
 *  new epoch, and what has been changed since.
 *  Throws a Fault for a part that is missing, cut off or changed, and for a schema that is newer than this Nod. */
export async function loadBackup(folder: string, manifest: Manifest, file: string): Promise<DatabaseSync> {
  expectKnown(manifest.migrations, 'The backup')
  for (const part of manifest.parts) await verifyPart(folder, part)
  const db = openFile(file)
  try {
    applyMigrations(db, manifest.migrations)
    await loadRows(db, folder, manifest)
    const [check] = db.prepare('PRAGMA integrity_check').all()
    if (check?.['integrity_check'] !== 'ok')
      throw new Fault(`SQLite finds fault with the loaded backup: ${JSON.stringify(check)}`)
    applyMigrations(
      db,
      knownMigrations().filter((name) => !manifest.migrations.includes(name)),
    )
    // A code may have been used since, and an API token voided: neither lets in once more.
    db.exec('DELETE FROM bypass_codes')
    db.exec('DELETE FROM invitations')
    db.exec('DELETE FROM api_token_keys')
    db.exec(`UPDATE administrators SET generation = 'g' || lower(hex(randomblob(12)))`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Replaces what the migrations have put into the tables by the rows of the backup. Triggers are off meanwhile: what they
 *  compute is in the backup. */
async function loadRows(db: DatabaseSync, folder: string, { parts, rows }: Manifest): Promise<void> {
  const tables = tablesOf(db)
  const missing = tables.find((table) => !Object.hasOwn(rows, table))
  if (missing !== undefined) throw new Fault(`The backup lacks the table ${missing}`)
  const triggers = db.prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`).all()
  db.exec('BEGIN')
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${identifier(String(name))}`)
  for (const table of tables) db.exec(`DELETE FROM ${identifier(table)}`)
  for (const part of parts) {
    try {
      await loadPart(db, folder, part)
    } catch (error) {
      if (error instanceof Fault) throw error
      throw new Fault(`${part.file} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  for (const { sql } of triggers) db.exec(String(sql))
  db.exec('COMMIT')
  const counted = countRows(db)
  const wrong = tables.find((table) => counted[table] !== rows[table])
  if (wrong !== undefined)
    throw new Fault(`${wrong} has ${counted[wrong]} rows after loading, and its manifest says ${rows[wrong]}`)
}

/** The number of rows of each table. */
export const countRows = (db: DatabaseSync): Readonly<Record<string, number>> =>
  Object.fromEntries(
    tablesOf(db).map((table) => [
      table,
      Number(db.prepare(`SELECT count(*) AS n FROM ${identifier(table)}`).get()?.['n']),
    ]),
  )
