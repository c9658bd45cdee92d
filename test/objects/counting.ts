/** Counts what a request costs: round trips to D1, calls of objects, rows they write, cryptography. Never time. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import { Counter, Journal, Phone, Transactions } from '../../src/index.ts'
import { COUNTER_VERBS } from '../../src/ports/counter-object.ts'
import { JOURNAL_VERBS } from '../../src/ports/journal-object.ts'
import { PHONE_VERBS } from '../../src/ports/phone-object.ts'
import { TRANSACTIONS_VERBS } from '../../src/ports/transactions-object.ts'
import { stubOf } from './world.ts'

type Methods = Record<string, (...asked: unknown[]) => unknown>

/** Whatever calls this method of whichever object, its call is seen. What has no class of its own is known by an example. */
function watch(prototype: object, verb: string, seen: (self: object, asked: unknown[], result: unknown) => void): void {
  const before = Reflect.get(prototype, verb) as Methods[string]
  vi.spyOn(prototype as Methods, verb).mockImplementation(function (this: object, ...asked: unknown[]) {
    const result: unknown = Reflect.apply(before, this, asked)
    seen(this, asked, result)
    return result
  })
}
const prototypeOf = (example: object): object => Object.getPrototypeOf(example) as object

/** A shard asks for the version of the settings once in five minutes, in the background; a phone's poll asks for it too. */
const isVersion = (sql: string): boolean =>
  sql.startsWith('SELECT settings_revision') && sql.endsWith('FROM deployment')

/** Every round trip to D1, as the SQL it takes there. */
export function countTrips({ ofVersions = false } = {}): string[][] {
  const trips: string[][] = []
  const textOf = (statement: object) => String(Reflect.get(statement, 'statement'))
  // A batch outside of a session runs in one, too.
  const session = prototypeOf(env.DB.withSession())
  watch(session, 'batch', (_, [statements]) => trips.push((statements as object[]).map(textOf)))
  const statement = prototypeOf(env.DB.prepare('SELECT 1'))
  for (const verb of ['first', 'run', 'all', 'raw'])
    watch(statement, verb, (self) => {
      if (ofVersions || !isVersion(textOf(self))) trips.push([textOf(self)])
    })
  return trips
}

/** Rows that batches in D1 read and write; those of single statements, too, if asked for. */
export function countRowsOfD1({ ofStatements = false } = {}): { read: number; written: number } {
  const counted = { read: 0, written: 0 }
  const add = (results: Promise<readonly D1Result[]>): void => {
    const done = results.then((all) => {
      for (const { meta } of all) {
        counted.read += meta.rows_read
        counted.written += meta.rows_written
      }
    })
    done.catch(() => undefined)
  }
  watch(prototypeOf(env.DB.withSession()), 'batch', (_, _asked, results) => add(results as Promise<D1Result[]>))
  const statement = prototypeOf(env.DB.prepare('SELECT 1'))
  for (const verb of ofStatements ? ['all', 'run'] : [])
    watch(statement, verb, (_, _asked, result) => add((result as Promise<D1Result>).then((one) => [one])))
  return counted
}

export const isWrite = (sql: string): boolean => !/^\s*(SELECT|WITH candidates)/.test(sql)

/** Once an hour a shard keeps the journal's rounds going; that is no request's. */
const { keepRound: _keepRound, ...journalVerbs } = JOURNAL_VERBS

/** Every call of an object, as `Phone.ring`; those of counters only if asked for. */
export function countCalls({ ofCounters = false } = {}): string[] {
  const calls: string[] = []
  for (const [{ name, prototype }, verbs] of [
    [Phone, PHONE_VERBS],
    [Transactions, TRANSACTIONS_VERBS],
    [Journal, journalVerbs],
    ...(ofCounters ? [[Counter, COUNTER_VERBS] as const] : []),
  ] as const)
    for (const verb of Object.keys(verbs)) watch(prototype, verb, () => calls.push(`${name}.${verb}`))
  return calls
}

/** Every alarm that goes off. */
export function countAlarms(): string[] {
  const alarms: string[] = []
  for (const { name, prototype } of [Phone, Transactions]) watch(prototype, 'alarm', () => alarms.push(name))
  return alarms
}

/** Every operation with an RSA key, and every import of one, as `sign` or `importKey pkcs8`. */
export function countRsa(): string[] {
  const done: string[] = []
  for (const verb of ['sign', 'verify', 'importKey', 'generateKey']) {
    watch(prototypeOf(crypto.subtle), verb, (_, asked) => {
      const isRsa = asked.some((part) => JSON.stringify(part).includes('RSA'))
      if (isRsa) done.push(verb === 'importKey' ? `${verb} ${String(asked[0])}` : verb)
    })
  }
  return done
}

/** Every secret that is stretched: a PIN compared, or set. */
export function countStretched(): string[] {
  const done: string[] = []
  watch(prototypeOf(crypto.subtle), 'deriveBits', (_, [algorithm]) => done.push(JSON.stringify(algorithm)))
  return done
}

/** Every row that objects write, by the platform's rules: SQL by what the cursor says, a stored value and an alarm as one
 *  row each. */
export async function countRows(): Promise<string[]> {
  const rows: string[] = []
  await runInDurableObject(stubOf('PIPUCOUNTING'), (_, { storage }) => {
    watch(prototypeOf(storage.sql), 'exec', (_self, [sql], cursor) => {
      const written = Number(Reflect.get(cursor as object, 'rowsWritten'))
      rows.push(...Array<string>(written).fill(`sql ${String(sql).slice(0, 30)}`))
    })
    for (const verb of ['put', 'delete'])
      watch(prototypeOf(storage.kv), verb, (_self, [key]) => rows.push(`${verb} ${String(key)}`))
    for (const verb of ['put', 'delete', 'setAlarm']) watch(prototypeOf(storage), verb, () => rows.push(verb))
  })
  return rows
}
