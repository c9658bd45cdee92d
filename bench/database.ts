/** Measures what D1's SQLite takes for a login: Nod's own statements, run by the SQLite of Node. What D1 adds (a network, copies of each
 *  write in other places) is not in it. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { seedStatements } from '../scripts/lib/seed-statements.ts'
import { root } from '../scripts/lib/tools.mjs'
import { percentileOf } from './percentiles.ts'
import { STATE } from './service.ts'

const TOKENS = 100_000
const RECORDS = 100_000
const BATCH = 100
const ROUNDS = 2_000

interface Statement {
  readonly sql: string
  readonly values: readonly SQLInputValue[]
  bind(...values: SQLInputValue[]): Statement
  run(): unknown
}

/** Speaks as D1 does, and keeps the milliseconds of each call. */
class TimedDatabase {
  readonly times: number[] = []
  readonly #db: DatabaseSync

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  prepare(sql: string, values: readonly SQLInputValue[] = []): Statement {
    return { sql, values, bind: (...bound) => this.prepare(sql, bound), run: () => this.batch([{ sql, values }])[0] }
  }

  withSession(): this {
    return this
  }

  batch(statements: readonly Pick<Statement, 'sql' | 'values'>[]): readonly unknown[] {
    const from = performance.now()
    this.#db.exec('BEGIN')
    const results = statements.map(({ sql, values }) => this.#db.prepare(sql).all(...values))
    this.#db.exec('COMMIT')
    this.times.push(performance.now() - from)
    return results.map((rows) => ({ results: rows, meta: { served_by_primary: true } }))
  }
}

/** By its path: its types are those of the Worker. */
const storage = (name: string): Promise<Record<string, (runQuery: unknown) => Record<string, Method>>> =>
  import(join(root, `src/storage/${name}.ts`))
type Method = (...asked: unknown[]) => Promise<{ readonly ok: boolean; readonly value: { readonly head: unknown } }>

export async function database(): Promise<void> {
  const folder = mkdtempSync(join(STATE, 'nod-database-'))
  const sqlite = new DatabaseSync(join(folder, 'nod.sqlite'))
  try {
    sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF')
    const migrations = join(root, 'migrations')
    for (const file of readdirSync(migrations).toSorted()) sqlite.exec(readFileSync(join(migrations, file), 'utf8'))
    for (const { sql, values } of seedStatements(0, TOKENS, [phoneKey()], Date.now()))
      sqlite.prepare(sql).run(...(values as SQLInputValue[]))
    await measure(new TimedDatabase(sqlite))
  } finally {
    sqlite.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(db: TimedDatabase): Promise<void> {
  const runQuery = Object.assign(
    async (_name: string, work: (database: TimedDatabase) => unknown) => ({ ok: true, value: await work(db) }),
    {
      now: () => Date.now(),
      random: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
      watch: { begin: () => () => undefined },
    },
  )
  const [audit, subjectLookup, phoneChanges] = await Promise.all(
    (
      [
        ['audit', 'audit'],
        ['subject-lookup', 'subjectLookup'],
        ['phone-changes', 'phoneChanges'],
      ] as const
    ).map(async ([file, name]) => (await storage(file))[name]?.(runQuery)),
  )
  let head: unknown = { number: 0, hash: '', last: 0 }
  const handOver = async (first: number): Promise<void> => {
    const records = Array.from({ length: BATCH }, (_, index) => ({
      sequence: first + index,
      ...recordOf(first + index),
    }))
    const stored = await audit?.['store']?.({ shard: 'weur/0', at: Date.now(), records, head, areNew: true })
    if (stored === undefined || !stored.ok) throw new Error('not stored')
    ;({ head } = stored.value)
  }
  console.log(`SQLite of Node, ${TOKENS} tokens, ${RECORDS} records of the audit; milliseconds, median and p99`)
  for (let first = 1; first <= RECORDS; first += BATCH) await handOver(first)
  print(db, `a hand-over of ${BATCH} records`)
  for (let round = 0; round < ROUNDS; round += 1) {
    const login = `ada.lovelace${(round * 37) % 1000}`
    await subjectLookup?.['find']?.({ candidates: [{ login, realm: 'sales' }], from: 'nearest' })
  }
  print(db, 'the read of a login')
  const serials = sqliteSerials(db)
  for (let round = 0; round < ROUNDS; round += 1)
    await phoneChanges?.['copyCounters']?.(serials[(round * 37) % serials.length], {
      attempts: 0,
      failures: 1,
      successes: round,
      lastUse: Date.now(),
    })
  print(db, "a copy of a phone's counters")
}

const sqliteSerials = (db: TimedDatabase): readonly string[] => {
  const [{ results }] = db.batch([{ sql: 'SELECT serial FROM tokens', values: [] }]) as [
    { results: { serial: string }[] },
  ]
  db.times.length = 0
  return results.map(({ serial }) => serial)
}

function print({ times }: TimedDatabase, name: string): void {
  console.log(
    `${name.padEnd(32)}${percentileOf(times, 0.5).toFixed(3).padStart(8)}${percentileOf(times, 0.99).toFixed(3).padStart(8)}`,
  )
  times.length = 0
}

const phoneKey = (): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })
    .publicKey.export({ format: 'der', type: 'spki' })
    .toString('base64')

/** A login by PIN that was accepted, as a shard hands it over. */
function recordOf(number: number) {
  const at = 1_795_000_000_000 + number
  const serial = `PIPU${String(number % TOKENS).padStart(8, '0')}`
  const record = {
    at,
    action: 'POST /validate/check',
    success: true,
    authentication: 'ACCEPT',
    transaction: `2054118926447${String(number).padStart(7, '0')}`,
    serial,
    owner: { login: `ada.lovelace${number % TOKENS}`, realm: 'sales' },
    service: 'vpn',
    address: '192.0.2.7',
    userAgent: 'privacyIDEA-Keycloak/1.8.0',
    info: 'Found matching challenge',
    duration: 5200,
    steps: [
      {
        at: at - 5200,
        kind: 'opened',
        challenges: 1,
        action: 'POST /validate/check',
        success: true,
        authentication: 'CHALLENGE',
        serial,
        info: 'triggered 1 challenges',
      },
      { at: at - 5100, kind: 'delivered', serial },
      {
        at: at - 900,
        kind: 'accepted',
        serial,
        action: 'POST /ttype/<ttype>',
        address: '198.51.100.4',
        userAgent: 'privacyIDEA-App/4.8.0 Android/14',
        success: true,
        authentication: '',
        info: 'accepted',
      },
      {
        at,
        kind: 'finalized',
        serial,
        action: 'POST /validate/check',
        address: '192.0.2.7',
        success: true,
        authentication: 'ACCEPT',
        info: 'Found matching challenge',
      },
    ],
  }
  const counted = { service: 'vpn', mode: 'standard', counts: { 'outcome/accepted': 1, 'step/trigger/100': 1 } }
  return { record, counted }
}
