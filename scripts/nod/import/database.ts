/** The database of the other server: SQLite, MariaDB or PostgreSQL, read in one transaction that changes nothing. */
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Fault } from '../../lib/tools.mjs'

/** A row, with the names of its columns in lower case: the databases write them differently. */
export type Row = Readonly<Record<string, unknown>>

export interface SourceDatabase {
  /** For people: without a password. */
  readonly name: string
  readonly kind: 'sqlite' | 'mysql' | 'postgresql'
  /** Runs a query. Its parameters are numbers, which stand in the text. */
  query(sql: string): Promise<readonly Row[]>
  close(): Promise<void>
}

const lower = (row: Readonly<Record<string, unknown>>): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]))

/** Opens a database by its file, or by an address as SQLAlchemy writes it: `sqlite:////var/lib/pi.db`,
 *  `mysql+pymysql://user:password@host/name`, `postgresql://…`. Everything that is read is of the moment it was opened.
 *  Throws a Fault for what cannot be opened. */
export async function openSource(address: string): Promise<SourceDatabase> {
  const db = await inWords(address, () => open(address))
  return { ...db, query: (sql) => inWords(address, () => db.query(sql)) }
}

function open(address: string): SourceDatabase | Promise<SourceDatabase> {
  const [, scheme = ''] = /^([a-z0-9]+)(?:\+[a-z0-9_]+)?:/i.exec(address) ?? []
  const url = address.replace(/^[^:]+:/, `${scheme}:`)
  if (scheme === 'sqlite' || scheme === '') return openSqlite(address.replace(/^sqlite(?:\+\w+)?:\/\/\/?/, ''))
  if (scheme === 'mysql' || scheme === 'mariadb') return openMysql(url)
  if (scheme === 'postgresql' || scheme === 'postgres') return openPostgres(url)
  throw new Fault('expected a file, or an address of sqlite, mysql, mariadb or postgresql')
}

/** What a driver says is wrong, as a Fault that names the database. */
async function inWords<T>(address: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new Fault(`${withoutPassword(address)}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const withoutPassword = (address: string): string => address.replace(/(:\/\/[^:@/]*):[^@/]*@/, '$1:…@')

function openSqlite(file: string): SourceDatabase {
  if (!existsSync(file)) throw new Fault('there is no such file')
  const db = new DatabaseSync(file, { readOnly: true, timeout: 10_000 })
  db.exec('BEGIN')
  db.prepare('SELECT count(*) FROM sqlite_schema').get() // the state is taken with the first read
  return {
    name: file,
    kind: 'sqlite',
    query: async (sql) => db.prepare(sql).all().map(lower),
    close: async () => db.close(),
  }
}

async function openMysql(url: string): Promise<SourceDatabase> {
  const { createConnection } = await import('mysql2/promise')
  const { hostname, port, username, password, pathname } = new URL(url)
  const connection = await createConnection({
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
    charset: 'utf8mb4',
    dateStrings: true,
    supportBigNumbers: true,
  })
  await connection.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
  await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY')
  return {
    name: withoutPassword(url),
    kind: 'mysql',
    query: async (sql) => ((await connection.query(sql))[0] as Record<string, unknown>[]).map(lower),
    close: () => connection.end(),
  }
}

async function openPostgres(url: string): Promise<SourceDatabase> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url.replace(/^postgres:/, 'postgresql:') })
  await client.connect()
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  return {
    name: withoutPassword(url),
    kind: 'postgresql',
    query: async (sql) => (await client.query<Record<string, unknown>>(sql)).rows.map(lower),
    close: () => client.end(),
  }
}

/** A cell as text; null and undefined are empty. */
export function text(cell: unknown): string {
  if (typeof cell === 'string') return cell
  if (typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean') return String(cell)
  if (cell === null || cell === undefined) return ''
  return cell instanceof Uint8Array ? Buffer.from(cell).toString('utf8') : JSON.stringify(cell)
}
/** A cell as a boolean: databases have true, 1 and '1'. */
export const truth = (cell: unknown): boolean =>
  cell === true || cell === 1 || cell === 1n || cell === '1' || cell === 't'
/** A cell as a whole number, or this one. */
export const number = (cell: unknown, otherwise = 0): number => {
  const read = Number(text(cell) === '' ? Number.NaN : cell)
  return Number.isInteger(read) ? read : otherwise
}
