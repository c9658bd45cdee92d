/** The database of a state folder of `npm start`: an SQLite file in WAL mode. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Fault } from '../../lib/tools.mjs'
import { tablesOf } from './schema.ts'

/** Finds the file. Throws a Fault where there is none, or more than one. */
export function databaseFile(state: string): string {
  const folder = join(state, 'v3', 'd1', 'miniflare-D1DatabaseObject')
  const files = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.sqlite') && name !== 'metadata.sqlite')
        .map((name) => join(folder, name))
        .filter(isNods)
    : []
  const [file, another] = files
  if (file === undefined) throw new Fault(`${state} has no database: it is the state folder of no Nod`)
  if (another !== undefined)
    throw new Fault(`${folder} has ${files.length} databases of Nod: remove the one that is not in use`)
  return file
}

function isNods(file: string): boolean {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    return tablesOf(db).includes('deployment')
  } finally {
    db.close()
  }
}

/** Opens the database as it is at this moment, also while a Nod serves from it: a reader in WAL mode sees one state until it
 *  is done, and holds up no writer. */
export function openSnapshot(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 10_000 })
  db.exec('BEGIN')
  tablesOf(db) // the state is taken with the first read
  return db
}

/** Makes an empty folder for work on a state folder's own disk, so that a file can be renamed from there into place. What an
 *  interrupted command has left in it is removed. */
export function workFolder(state: string): string {
  const folder = join(state, 'restoring')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}

/** Puts a database file in the place of another. Whoever interrupts it finds the old one or the new one, whole. The caller has
 *  locked the state folder. */
export function replaceFile(file: string, by: string): void {
  // The write-ahead log of the old database would be applied to the new one: it is emptied into the old one and removed.
  const old = new DatabaseSync(file)
  old.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  old.exec('PRAGMA journal_mode = DELETE')
  old.close()
  renameSync(by, file)
  const folder = openSync(dirname(file), 'r')
  fsyncSync(folder)
  closeSync(folder)
}
