/** Finds the names of users: the other server stores their resolver and id, and asks the resolver for the rest. */
import { existsSync, readFileSync } from 'node:fs'
import { Fault } from '../../lib/tools.mjs'
import { openSource, type Row, type SourceDatabase, text } from './database.ts'
import type { EncKey } from './enckey.ts'

export interface Person {
  readonly login: string
  readonly givenName: string
  readonly surname: string
  readonly email: string
}

export interface Resolver {
  readonly name: string
  /** `passwdresolver`, `sqlresolver`, `ldapresolver`, … */
  readonly type: string
  readonly config: ReadonlyMap<string, string>
}

/** The users of all resolvers. */
export interface People {
  /** Undefined if no source names this user. */
  find(resolver: string, userId: string): Person | undefined
  /** Everybody with this login name, in any resolver. */
  named(login: string): readonly { readonly resolver: string; readonly userId: string }[]
  readonly resolvers: ReadonlyMap<string, Resolver>
  /** What could not be read, for the report. */
  readonly faults: readonly string[]
}

export interface PeopleSources {
  /** Files of users for passwd resolvers: `resolver=file`. */
  readonly passwd: readonly string[]
  /** A CSV file with the columns resolver, user_id, login and perhaps given_name, surname, email. */
  readonly csv: string | undefined
  readonly hasUserCache: boolean
}

/** Reads who the users are: of passwd resolvers from their files, of SQL resolvers from their databases, of all others from the file that
 *  the operator gives, and last from what the other server has cached.
 *  Throws a Fault for a file of the operator's that cannot be read. */
export async function readPeople(
  db: SourceDatabase,
  enckey: EncKey,
  { passwd, csv, hasUserCache }: PeopleSources,
): Promise<People> {
  const resolvers = await resolversOf(db, enckey)
  const faults: string[] = []
  const known = new Map<string, Person>()
  const add = (resolver: string, userId: string, person: Person): void => {
    const key = keyOf(resolver, userId)
    if (!known.has(key) && person.login !== '') known.set(key, person)
  }
  if (csv !== undefined) for (const [resolver, userId, person] of readCsv(csv)) add(resolver, userId, person)
  const files = new Map(passwd.map((one) => splitOnce(one, resolvers)))
  for (const resolver of resolvers.values()) {
    const { name, type, config } = resolver
    try {
      if (type === 'passwdresolver') {
        const file = files.get(name) ?? config.get('filename') ?? ''
        if (file === '' || !existsSync(file))
          faults.push(`resolver ${name}: its file ${file} is not here (--passwd ${name}=<file>)`)
        else for (const [userId, person] of readPasswd(readFileSync(file, 'utf8'))) add(name, userId, person)
      } else if (type === 'sqlresolver')
        for (const [userId, person] of await readSqlUsers(config)) add(name, userId, person)
    } catch (error) {
      faults.push(`resolver ${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  if (hasUserCache)
    for (const row of await db.query('SELECT * FROM usercache'))
      add(text(row['resolver']), text(row['user_id']), { ...NOBODY, login: text(row['username']) })
  const byLogin = Map.groupBy(known, ([, { login }]) => login.toLowerCase())
  return {
    find: (resolver, userId) => known.get(keyOf(resolver, userId)),
    named: (login) =>
      (byLogin.get(login.toLowerCase()) ?? []).map(([key]) => {
        const [resolver = '', userId = ''] = JSON.parse(key) as readonly string[]
        return { resolver, userId }
      }),
    resolvers,
    faults,
  }
}

const NOBODY: Person = { login: '', givenName: '', surname: '', email: '' }
const keyOf = (resolver: string, userId: string): string => JSON.stringify([resolver, userId])

/** `users=/etc/passwd`; without a name it is that of the only passwd resolver. */
function splitOnce(given: string, resolvers: ReadonlyMap<string, Resolver>): readonly [string, string] {
  const at = given.indexOf('=')
  if (at > 0) return [given.slice(0, at), given.slice(at + 1)]
  const [only, another] = [...resolvers.values()].filter(({ type }) => type === 'passwdresolver')
  if (only === undefined || another !== undefined)
    throw new Fault(`--passwd ${given}: say for which resolver, as <resolver>=<file>`)
  return [only.name, given]
}

async function resolversOf(db: SourceDatabase, enckey: EncKey): Promise<ReadonlyMap<string, Resolver>> {
  const config = new Map<string, Map<string, string>>()
  for (const row of await db.query('SELECT * FROM resolverconfig')) {
    const id = text(row['resolver_id'])
    const value = text(row['value'])
    const plain = text(row['type']) === 'password' ? (enckey.decrypt('password', value) ?? '') : value
    config.set(id, (config.get(id) ?? new Map<string, string>()).set(text(row['key']).toLowerCase(), plain))
  }
  const rows = await db.query('SELECT * FROM resolver')
  return new Map(
    rows.map((row) => {
      const name = text(row['name'])
      return [name, { name, type: text(row['rtype']).toLowerCase(), config: config.get(text(row['id'])) ?? new Map() }]
    }),
  )
}

/** `login:x:uid:gid:Given Surname,room,phone,phone,mail:home:shell`. */
export function* readPasswd(content: string): Generator<readonly [string, Person]> {
  for (const line of content.split('\n')) {
    const [login = '', , userId = '', , gecos = ''] = line.trim().split(':')
    if (login === '' || login.startsWith('#') || userId === '') continue
    const [name = '', ...rest] = gecos.split(',')
    const [givenName = '', ...surnames] = name.trim().split(/\s+/)
    const email = rest.find((part) => part.includes('@'))?.trim() ?? ''
    yield [userId, { login, givenName, surname: surnames.join(' '), email }]
  }
}

async function readSqlUsers(config: ReadonlyMap<string, string>): Promise<readonly (readonly [string, Person])[]> {
  const columns = JSON.parse(config.get('map') ?? '{}') as Readonly<Record<string, string>>
  const table = config.get('table') ?? ''
  if (!/^[\w.]+$/.test(table)) throw new Fault(`its table '${table}' cannot be read`)
  const db = await openSource(sqlAddress(config))
  try {
    const cell = (row: Row, name: string): string => text(row[(columns[name] ?? '').toLowerCase()])
    return (await db.query(`SELECT * FROM ${table}`)).map((row) => [
      cell(row, 'userid'),
      {
        login: cell(row, 'username'),
        givenName: cell(row, 'givenname'),
        surname: cell(row, 'surname'),
        email: cell(row, 'email'),
      },
    ])
  } finally {
    await db.close()
  }
}

function sqlAddress(config: ReadonlyMap<string, string>): string {
  const [driver = '', server = '', port = '', user = '', password = '', database = ''] = [
    'driver',
    'server',
    'port',
    'user',
    'password',
    'database',
  ].map((name) => config.get(name) ?? '')
  if (driver.startsWith('sqlite')) return `sqlite:///${server.replace(/\/*$/, '')}/${database}`.replace('////', '///')
  const login = `${encodeURIComponent(user)}${password === '' ? '' : `:${encodeURIComponent(password)}`}`
  return `${driver}://${login}@${server}${port === '' ? '' : `:${port}`}/${encodeURIComponent(database)}`
}

/** Throws a Fault for a file without the columns that are needed. */
export function* readCsv(file: string): Generator<readonly [string, string, Person]> {
  if (!existsSync(file)) throw new Fault(`${file} does not exist`)
  const [head = [], ...lines] = readFileSync(file, 'utf8')
    .replace(/^\u{FEFF}/u, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map(cellsOf)
  const names = head.map((name) => name.trim().toLowerCase())
  const missing = ['resolver', 'user_id', 'login'].find((name) => !names.includes(name))
  if (missing !== undefined)
    throw new Fault(`${file} has no column ${missing}; expected resolver, user_id, login, given_name, surname, email`)
  for (const line of lines) {
    const cell = (name: string): string => line[names.indexOf(name)]?.trim() ?? ''
    const person = {
      login: cell('login'),
      givenName: cell('given_name'),
      surname: cell('surname'),
      email: cell('email'),
    }
    yield [cell('resolver'), cell('user_id'), person]
  }
}

/** The cells of a line of CSV, with commas or semicolons between. A cell in double quotes may contain both. */
function cellsOf(line: string): readonly string[] {
  const between = /[;,]/.exec(line.replaceAll(/"(?:[^"]|"")*"/g, ''))?.[0] ?? ','
  const cells: string[] = []
  const cell = between === ';' ? /("(?:[^"]|"")*"|[^;]*)(;|$)/y : /("(?:[^"]|"")*"|[^,]*)(,|$)/y
  for (;;) {
    const match = cell.exec(line)
    if (match === null) return cells
    const [, content = '', end] = match
    cells.push(content.startsWith('"') ? content.slice(1, -1).replaceAll('""', '"') : content)
    if (end === '') return cells
  }
}
