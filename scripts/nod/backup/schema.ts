/** What a database of Nod consists of, as its migrations make it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { MIGRATIONS_TABLE } from '../../lib/migrations-table.mjs'
import { Fault, root } from '../../lib/tools.mjs'

const FOLDER = join(root, 'migrations')

/** The names of this Nod's migrations, in their order. */
export const knownMigrations = (): readonly string[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.sql'))
    .toSorted()

/** Opens a database file of SQLite to make or change it; `:memory:` is one that ends with the process. */
export const openFile = (file: string): DatabaseSync => new DatabaseSync(file, { enableForeignKeyConstraints: false })

/** Applies migrations by their names, in the order given, and records them as wrangler does. */
export function applyMigrations(db: DatabaseSync, names: readonly string[]): void {
  db.exec(MIGRATIONS_TABLE)
  const record = db.prepare('INSERT INTO d1_migrations (name) VALUES (?)')
  for (const name of names) {
    db.exec('BEGIN')
    db.exec(readFileSync(join(FOLDER, name), 'utf8'))
    record.run(name)
    db.exec('COMMIT')
  }
}

/** The migrations that a database has, in the order in which they were applied. */
export const appliedMigrations = (db: DatabaseSync): readonly string[] =>
  tablesOf(db, true).includes('d1_migrations')
    ? db
        .prepare('SELECT name FROM d1_migrations ORDER BY id')
        .all()
        .map(({ name }) => String(name))
    : []

/** Names the tables of a database, without those of SQLite and of the platform. */
export const LIST_TABLES = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*' ORDER BY name`

/** The tables that `LIST_TABLES` names, without the list of migrations. */
export const tablesOf = (db: DatabaseSync, withMigrations = false): readonly string[] =>
  db
    .prepare(LIST_TABLES)
    .all()
    .map(({ name }) => String(name))
    .filter((name) => withMigrations || name !== 'd1_migrations')

/** The columns that hold something: those that SQLite computes are left out. */
export const columnsOf = (db: DatabaseSync, table: string): readonly string[] =>
  db
    .prepare('SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0')
    .all(table)
    .map(({ name }) => String(name))

/** An identifier as SQL writes it. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** Checks that this Nod has the migrations. `whose`: what the message is about, `The backup`.
 *  Throws a Fault that names the first that it does not have. */
export function expectKnown(names: readonly string[], whose: string): void {
  const known = knownMigrations()
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new Fault(
      `${whose} has a newer schema than this Nod: ${unknown} is not among its migrations. Use the Nod that made it, or a later one`,
    )
  if (names.length === 0) throw new Fault(`${whose} has no list of migrations: it is no database of Nod`)
}

/** Checks that a database has what its list of migrations says, and names the tables beside those.
 *  Throws a Fault for a missing table or column: a backup of that could not be restored. */
export function expectSchema(db: DatabaseSync): { tables: readonly string[]; others: readonly string[] } {
  const applied = appliedMigrations(db)
  expectKnown(applied, 'The database')
  const model = openFile(':memory:')
  applyMigrations(model, applied)
  const tables = tablesOf(model)
  const present = tablesOf(db)
  for (const table of tables) {
    if (!present.includes(table)) throw halfApplied(applied, `the table ${table} is missing`)
    const [expected, found] = [columnsOf(model, table), columnsOf(db, table)]
    const missing = expected.find((column) => !found.includes(column))
    if (missing !== undefined) throw halfApplied(applied, `${table} has no column ${missing}`)
    const more = found.find((column) => !expected.includes(column))
    if (more !== undefined) throw halfApplied(applied, `${table} has a column ${more} of no migration that it lists`)
  }
  model.close()
  return { tables, others: present.filter((table) => !tables.includes(table)) }
}

const halfApplied = (applied: readonly string[], fault: string): Fault =>
  new Fault(
    `The database is not what its ${applied.length} migrations make (${fault}): apply the migrations to the end first`,
  )
