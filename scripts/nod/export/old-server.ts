/** The database of the server that tokens go back to, read and not changed. */
import { resolve } from 'node:path'
import type { ImportSource } from '../../../src/vocabulary/imports.ts'
import { openSource, type SourceDatabase, text } from '../import/database.ts'
import { type EncKey, readEncKey } from '../import/enckey.ts'
import type { People } from '../import/people.ts'
import { type PlanOptions, preparePlan } from '../import/plan.ts'
import { planToken, type SourceToken } from '../import/token.ts'
import type { Dialect } from './sql.ts'

export interface OldServer {
  readonly release: string
  readonly name: string
  readonly enckey: EncKey
  readonly people: People
  readonly realms: ReadonlySet<string>
  /** The resolvers of each realm, the first to be asked first. */
  readonly resolversOf: ReadonlyMap<string, readonly string[]>
  readonly tokens: ReadonlyMap<string, SourceToken>
  registrationUrl(type: string, login: string, realm: string, resolver: string): string | undefined
  /** What an import would compute of a token now; undefined for one that it would not take. */
  digestOf(token: SourceToken): string | undefined
  readonly dialect: Dialect
}

type Options = Omit<PlanOptions, 'realms'>

/** Reads it. Throws a Fault for a database, an enckey or a file that is not what it should be. */
export async function readOldServer(source: ImportSource, options: Options): Promise<OldServer> {
  const enckey = readEncKey(resolve(options.enckey))
  const db = await openSource(options.db)
  try {
    const { release, realms, people, plan, read } = await preparePlan(db, source, enckey, options)
    const tokens = new Map<string, SourceToken>()
    for await (const page of read()) for (const token of page) tokens.set(text(token.row['serial']), token)
    const members = await db.query(
      'SELECT realm_id, resolver.name AS resolver, priority FROM resolverrealm JOIN resolver ON resolver.id = resolver_id',
    )
    const ordered = members.toSorted((one, other) => Number(one['priority'] ?? 999) - Number(other['priority'] ?? 999))
    return {
      release,
      name: db.name,
      enckey,
      people,
      realms: new Set(realms.values()),
      resolversOf: new Map(
        [...Map.groupBy(ordered, (row) => realms.get(text(row['realm_id'])) ?? '')].map(([realm, rows]) => [
          realm,
          rows.map((row) => text(row['resolver'])),
        ]),
      ),
      tokens,
      registrationUrl: (type, login, realm, resolver) => plan.registrationUrl(type, { login, realm, resolver }),
      digestOf(token) {
        const planned = planToken(token, plan)
        return 'why' in planned ? undefined : planned.digest
      },
      dialect: await readDialect(db),
    }
  } finally {
    await db.close()
  }
}

/** How ids are given, and which tables belong to a token: both differ between databases and releases. */
async function readDialect(db: SourceDatabase): Promise<Dialect> {
  const { kind } = db
  const schema = kind === 'mysql' ? 'DATABASE()' : 'ANY (current_schemas(false))'
  const columns = await db.query(
    kind === 'sqlite'
      ? `SELECT m.name AS table_name, p.name AS column_name, 'rowid' AS given FROM sqlite_schema AS m
         JOIN pragma_table_info(m.name) AS p WHERE m.type = 'table' AND p.name IN ('token_id', 'id')`
      : kind === 'mysql'
        ? `SELECT table_name, column_name, extra AS given FROM information_schema.columns
           WHERE table_schema = ${schema} AND column_name IN ('token_id', 'id')`
        : `SELECT table_name, column_name, coalesce(column_default, '') AS given FROM information_schema.columns
           WHERE table_schema = ${schema} AND column_name IN ('token_id', 'id')`,
  )
  const rows = columns.map((row) => ({
    table: text(row['table_name']),
    column: text(row['column_name']),
    isGiven: kind === 'mysql' ? /auto_increment/i.test(text(row['given'])) : text(row['given']) !== '',
  }))
  return {
    kind,
    withoutIds: new Set(rows.filter(({ column, isGiven }) => column === 'id' && !isGiven).map(({ table }) => table)),
    ofTokens: rows.filter(({ column }) => column === 'token_id').map(({ table }) => table),
  }
}
