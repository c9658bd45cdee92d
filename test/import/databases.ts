/** PostgreSQL and MariaDB of Debian, each with an empty database of its own in a folder, until it is stopped. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { waitUntil } from '../driver/waiting.ts'
import { findProgram } from './debian.ts'
import { freePort } from './old-server.ts'

export interface OwnDatabase {
  /** As SQLAlchemy names it. */
  readonly url: string
  stop(): Promise<void>
}

/** The user under whom a server runs that refuses to be root's. */
const NOBODY = { uid: 65_534, gid: 65_534 }
const isRoot = process.getuid?.() === 0

export async function startPostgres(): Promise<OwnDatabase> {
  const [version] = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').toSorted().toReversed() : []
  if (version === undefined) throw new Error('This test needs PostgreSQL: apt-get install postgresql')
  const bin = join('/usr/lib/postgresql', version, 'bin')
  const folder = mkdtempSync(join(tmpdir(), 'nod-postgres-'))
  const data = join(folder, 'data')
  mkdirSync(data)
  const as = isRoot ? NOBODY : {}
  if (isRoot) for (const path of [folder, data]) chownSync(path, NOBODY.uid, NOBODY.gid)
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'moved', '--auth=trust', '-E', 'UTF8', '--no-sync'], {
    ...as,
    cwd: folder,
  })
  const port = await freePort()
  const args = ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off']
  const server = spawn(join(bin, 'postgres'), args, { ...as, cwd: folder, stdio: 'ignore' })
  const create = ['-h', '127.0.0.1', '-p', String(port), '-U', 'moved', 'moved']
  await untilRuns(server, join(bin, 'createdb'), create)
  return { url: `postgresql://moved@127.0.0.1:${port}/moved`, stop: () => stop(server, folder) }
}

/** The packages that have MariaDB's server, where it is not installed. */
const MARIADB = [
  'mariadb-server',
  'mariadb-server-core',
  'mariadb-client-core',
  'mariadb-common',
  'libmariadb3',
  'liburing2',
  'libaio1t64',
  'libsnappy1v5',
  'libnuma1',
]

export async function startMariadb(): Promise<OwnDatabase> {
  const root = findProgram('usr/sbin/mariadbd', 'mariadb', MARIADB, 'mariadb-server')
  const folder = mkdtempSync(join(tmpdir(), 'nod-mariadb-'))
  const data = join(folder, 'data')
  mkdirSync(data)
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu')
  const env = { ...process.env, ...(root === '/' ? {} : { LD_LIBRARY_PATH: libraries }) }
  const daemon = join(root, 'usr/sbin/mariadbd')
  const port = await freePort()
  const socket = join(folder, 'socket')
  const common = [
    '--no-defaults',
    `--datadir=${data}`,
    `--lc-messages-dir=${join(root, 'usr/share/mariadb')}`,
    ...(isRoot ? ['--user=root'] : []),
  ]
  // Its system tables are made by the SQL that comes with it.
  const tables = join(root, 'usr/share/mariadb')
  const sql = ['mariadb_system_tables.sql', 'mariadb_performance_tables.sql', 'mariadb_system_tables_data.sql']
  const input = [
    'CREATE DATABASE mysql;',
    'USE mysql;',
    ...sql.filter((one) => existsSync(join(tables, one))).map((one) => readFileSync(join(tables, one), 'utf8')),
  ]
  const made = spawnSync(
    daemon,
    [...common, '--bootstrap', '--skip-networking', '--innodb-flush-log-at-trx-commit=0'],
    { env, input: input.join('\n') },
  )
  if (made.status !== 0) throw new Error(`mariadbd made no tables:\n${made.stderr.toString().slice(-2000)}`)
  const args = [
    ...common,
    `--socket=${socket}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--skip-grant-tables',
    '--skip-networking=0',
    '--pid-file=pid',
    '--innodb-flush-log-at-trx-commit=0',
  ]
  const server = spawn(daemon, args, { env, stdio: 'ignore' })
  const client = join(root, 'usr/bin/mariadb')
  const create = [
    '--no-defaults',
    '-h',
    '127.0.0.1',
    '-P',
    String(port),
    '-u',
    'root',
    '-e',
    'CREATE DATABASE moved CHARACTER SET utf8mb4',
  ]
  await untilRuns(server, client, create, env)
  return { url: `mysql+pymysql://root@127.0.0.1:${port}/moved?charset=utf8mb4`, stop: () => stop(server, folder) }
}

async function untilRuns(
  server: ChildProcess,
  program: string,
  args: readonly string[],
  env = process.env,
): Promise<void> {
  await waitUntil(async () => {
    if (server.exitCode !== null) throw new Error(`${program}: the server ended with ${server.exitCode}`)
    return spawnSync(program, args, { env, stdio: 'ignore' }).status === 0
  })
}

async function stop(server: ChildProcess, folder: string): Promise<void> {
  if (server.exitCode === null) {
    const ended = once(server, 'close')
    server.kill('SIGINT')
    setTimeout(() => server.kill('SIGKILL'), 10_000).unref()
    await ended
  }
  rmSync(folder, { recursive: true, force: true })
}

/** A database of the other server, open for changes. */
export interface OpenDatabase {
  /** Runs SQL, one statement or many, and returns the rows of a single one. Names may stand in double quotes. */
  run(sql: string): Promise<unknown>
  close(): Promise<void>
}

/** Opens it by its file, or by an address of SQLAlchemy. */
export async function openToChange(address: string): Promise<OpenDatabase> {
  const url = address.replace(/^mysql\+pymysql:/, 'mysql:')
  if (url.startsWith('mysql:')) {
    const { createConnection } = await import('mysql2/promise')
    const { hostname: host, port, username: user, pathname } = new URL(url)
    const options = { host, port: Number(port), user, database: pathname.slice(1), multipleStatements: true }
    const connection = await createConnection(options)
    const unquoted = (sql: string): string => (sql.includes('`') ? sql : sql.replaceAll('"', '`'))
    return { run: async (sql) => (await connection.query(unquoted(sql)))[0], close: () => connection.end() }
  }
  if (url.startsWith('postgresql:')) {
    const { default: pg } = await import('pg')
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    return { run: async (sql) => (await client.query(sql)).rows, close: () => client.end() }
  }
  const database = new DatabaseSync(url, { timeout: 10_000 })
  return {
    run: async (sql) => (sql.startsWith('SELECT') ? database.prepare(sql).all() : database.exec(sql)),
    close: async () => database.close(),
  }
}
