/** Which databases an import knows: by the last migration that they have, and by the tables and columns that it reads. */
import type { ImportSource } from '../../../src/vocabulary/imports.ts'
import { Fault } from '../../lib/tools.mjs'
import { type SourceDatabase, text } from './database.ts'

// The migrations (alembic) after the release named; the first of each list is that release's last.
const MIGRATIONS: Readonly<Record<ImportSource, Readonly<Record<string, string>>>> = {
  privacyidea: {
    '3.9': '5cb310101a1f',
    '3.10 to 3.12':
      '69e7817b9863 5f40baab76ca 52c494a115a9 5741e5dac477 250931d82e51 c128c01a5520 eac770c0bbed 903a6ed6f6c4 d0e7144947d0 db6b2ef8100f 2100d1fad908 41ad6c9ada8b 7301d5130c3a 1c48d4ffb8c3 04c078e29924 e3a64b4ca634',
    '3.13 or 3.14':
      'b637a1eeeeeb 3cafe2771cdd 7d4e9b2c1a3f a2b3c4d5e6f7 b7c8d9e0f1a2 a1b2c3d4e5f6 c8d9e0f1a2b3 056b6642ff5d d3e8b1c47f92 c2d3e4f5a6b7 a1e0ba6ad9dc d4f5a6b7c8e9 0147d78cbace c7f1a2b3d4e5 c3d4e5f6a7b8 c1a9f7e2b840 e0f1a2b3c4d5 b1a2c3d4e5f6 b8c9d0e1f2a3 06b105a4f941 f1a2b3c4d5e6 d3a4b5c6e7f8 b7c1e4d2a9f3 b2f5c9e1a7d4 d9e0f1a2b3c4 173d32328846',
  },
  edumfa: { '2.x': '0d011e94a8e8 7d82d8b680a9 2a74c6522937 a844dc0c3fb9 414079706620 9cad6f046bd2' },
}

const NAMES: Readonly<Record<ImportSource, string>> = { privacyidea: 'privacyIDEA', edumfa: 'eduMFA' }

/** The columns that are read, of the tables that every release has. */
const COLUMNS: Readonly<Record<string, string>> = {
  token: 'id serial tokentype description pin_hash pin_seed maxfail active revoked locked failcount rollout_state',
  tokeninfo: 'token_id Key Value',
  tokenowner: 'token_id resolver user_id realm_id',
  tokenrealm: 'token_id realm_id',
  realm: 'id name',
  resolver: 'id name rtype',
  resolverconfig: 'resolver_id Key Value Type',
  policy: 'name scope action active realm adminrealm adminuser resolver client time priority',
  policycondition: 'policy_id section Key comparator Value active',
  smsgateway: 'identifier providermodule',
  config: 'Key Value',
}

/** Tables that only some releases have. */
const OPTIONAL_TABLES = ['tokencontainer', 'tokencontainertoken', 'usercache', 'description'] as const

export interface SourceSchema {
  /** `privacyIDEA 3.13 or 3.14`. */
  readonly release: string
  /** Those of the optional tables that there are. */
  readonly tables: ReadonlySet<string>
}

/** Checks that this is a whole database of a release that is known. `stated`: its last migration, for one that does not say.
 *  Throws a Fault that names what it is instead, or what it lacks. */
export async function checkSchema(
  db: SourceDatabase,
  source: ImportSource,
  stated: string | undefined,
): Promise<SourceSchema> {
  const found = stated === undefined ? await migrationsOf(db) : [stated]
  const releases = found.map((migration) => releaseOf(source, migration))
  const unknown = found.find((_, at) => releases[at] === undefined)
  if (unknown !== undefined) throw new Fault(`${db.name}: ${unknownSchema(source, unknown)}`)
  for (const [table, columns] of Object.entries(COLUMNS)) {
    const missing = await missingIn(db, table, columns.split(' '))
    if (missing !== undefined) throw new Fault(`${db.name} is not whole: ${missing}`)
  }
  const tables = new Set<string>()
  for (const table of OPTIONAL_TABLES) if (await hasTable(db, table)) tables.add(table)
  return { release: `${NAMES[source]} ${releases[0]}`, tables }
}

async function migrationsOf(db: SourceDatabase): Promise<readonly string[]> {
  const rows = (await hasTable(db, 'alembic_version')) ? await db.query('SELECT * FROM alembic_version') : []
  if (rows.length > 0) return rows.map((row) => text(row['version_num']))
  throw new Fault(
    `${db.name} does not say which release it is of (no alembic_version). Stamp it, as the other server’s documentation says, or state its last migration with --schema`,
  )
}

const releaseOf = (source: ImportSource, migration: string): string | undefined =>
  Object.entries(MIGRATIONS[source]).find(([, known]) => known.split(' ').includes(migration))?.[0]

function unknownSchema(source: ImportSource, migration: string): string {
  const other = (Object.keys(MIGRATIONS) as ImportSource[]).find((one) => releaseOf(one, migration) !== undefined)
  if (other !== undefined) return `this is a database of ${NAMES[other]}: npm run nod -- import ${other}`
  const known = Object.keys(MIGRATIONS[source]).join(', ')
  return `its schema ${migration} is of no release that is known here (${NAMES[source]} ${known})`
}

async function hasTable(db: SourceDatabase, table: string): Promise<boolean> {
  const columns = await columnsOf(db, table)
  return columns !== undefined
}

/** The columns of a table, in lower case; undefined if there is none. Asked of the catalogue of the database: in a transaction of PostgreSQL
 *  a query that fails would end everything. */
async function columnsOf(db: SourceDatabase, table: string): Promise<ReadonlySet<string> | undefined> {
  const rows = await db.query(
    db.kind === 'sqlite'
      ? `SELECT name AS column_name FROM pragma_table_info('${table}')`
      : `SELECT column_name FROM information_schema.columns WHERE table_name = '${table}' AND table_schema = ${db.kind === 'mysql' ? 'DATABASE()' : 'ANY (current_schemas(false))'}`,
  )
  return rows.length === 0 ? undefined : new Set(rows.map((row) => text(row['column_name']).toLowerCase()))
}

async function missingIn(db: SourceDatabase, table: string, columns: readonly string[]): Promise<string | undefined> {
  const found = await columnsOf(db, table)
  if (found === undefined) return `the table ${table} is missing`
  const missing = columns.find((column) => !found.has(column.toLowerCase()))
  return missing === undefined ? undefined : `${table} has no column ${missing}`
}
