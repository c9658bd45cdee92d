/** Seals values of D1 anew with the current master key. That changes no revision: the secret stays the same. */
import type { Resealed } from '../ports/pins.ts'
import type { MasterKeyTable, SealedRest } from '../ports/master-keys.ts'
import { done, type Outcome } from '../refusal.ts'
import { type Random, seconds } from '../vocabulary.ts'
import type { KeyRing } from './key-ring.ts'
import { type Query, rowsOf, storageUnavailable } from './run-query.ts'
import { openWith, sealedPrefix, sealWith } from './seal.ts'
import { SEALED_COLUMNS, type SealedColumn, sealedIdentity } from './sealed-columns.ts'

/** How many values one part has. Reading, sealing and writing them takes well under a second. */
const PART = 200
/** How many values of a table are tried at the end of a rotation. */
const REST = 1000
/** The time limit of a statement that reads a whole table, which may have a million tokens. */
const SCAN_LIMIT = seconds(20)

interface SealedRow {
  readonly name: string
  readonly sealed: string
}

const isSealedOtherwise = (column: string): string => `${column} IS NOT NULL AND substr(${column}, 1, ?) <> ?`

/** Writes the value anew if it is still the one that was read. */
const replace = (db: D1Database, { table, column, key }: SealedColumn, row: SealedRow, sealed: string) =>
  db.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${key} = ? AND ${column} = ?`).bind(sealed, row.name, row.sealed)

/** Seals one value anew. */
export interface Resealer {
  /** Seals the value anew with this key, stores it in D1 and returns it. Returns `current` if the key has sealed it already, and
   *  `changed` if the row has another value by now. Refuses: `storage_unavailable`, also if the value does not open or the key is
   *  not configured here. */
  reseal(table: string, row: SealedRow, keyId: string): Promise<Outcome<Resealed>>
}

/** Reseals a value that was just used while the master key is being rotated. Nothing depends on it, because the rotation reseals
 *  every value. */
export type ResealOnUse = (table: string, name: string, sealed: string) => void

export const resealer = (runQuery: Query, ring: KeyRing, random: Random): Resealer => ({
  async reseal(table, row, keyId) {
    if (row.sealed.startsWith(sealedPrefix(keyId))) return done('current')
    const column = SEALED_COLUMNS.find((one) => one.table === table)
    const sealed = column && (await sealedAnew(ring, random, column, row, keyId))
    if (column === undefined || sealed === undefined) return storageUnavailable()
    const outcome = await runQuery('reseal value', (db) => replace(db, column, row, sealed).run())
    if (!outcome.ok) return outcome
    return done(outcome.value.meta.changes > 0 ? { sealed } : 'changed')
  },
})

async function sealedAnew(
  ring: KeyRing,
  random: Random,
  { table }: SealedColumn,
  { name, sealed }: SealedRow,
  keyId: string,
): Promise<string | undefined> {
  const key = ring.find(keyId)
  const identity = sealedIdentity(table, name)
  const plain = key && (await openWith(ring.all, identity, sealed))
  return plain && sealWith(key, identity, plain, random)
}

/** Returns where a part begins: the table's index in the list, and the last row of the part before. */
function placeOf(after: string | undefined): { readonly index: number; readonly last: string } {
  const [, number = '0', last = ''] = /^(\d{1,3}):(.*)$/s.exec(after ?? '') ?? []
  return { index: Number(number), last }
}

export const resealing = (
  runQuery: Query,
  ring: KeyRing,
  random: Random,
): Pick<MasterKeyTable, 'remaining' | 'resealPart' | 'rest'> => ({
  async remaining(key) {
    const prefix = sealedPrefix(key)
    const outcome = await runQuery(
      'sealed with other keys',
      (db) =>
        db.batch(
          SEALED_COLUMNS.map(({ table, column }) =>
            db
              .prepare(`SELECT count(*) AS count FROM ${table} WHERE ${isSealedOtherwise(column)}`)
              .bind(prefix.length, prefix),
          ),
        ),
      SCAN_LIMIT,
    )
    if (!outcome.ok) return outcome
    const counts = outcome.value.map((result) => rowsOf<{ count: number }>(result)[0]?.count ?? 0)
    return done(Object.fromEntries(SEALED_COLUMNS.map(({ table }, index) => [table, counts[index] ?? 0])))
  },

  async resealPart(keyId, after) {
    const { index, last } = placeOf(after)
    const column = SEALED_COLUMNS[index]
    if (column === undefined) return done({ resealed: 0 })
    if (ring.find(keyId) === undefined) return storageUnavailable()
    const rows = await rowsAfter(runQuery, column, keyId, last, PART)
    if (!rows.ok) return rows
    const anew = await Promise.all(
      rows.value.map(async (row) => ({ row, sealed: await sealedAnew(ring, random, column, row, keyId) })),
    )
    const writes = anew.flatMap(({ row, sealed }) => (sealed === undefined ? [] : [{ row, sealed }]))
    let resealed = 0
    if (writes.length > 0) {
      const outcome = await runQuery(
        'reseal values',
        (db) => db.batch(writes.map(({ row, sealed }) => replace(db, column, row, sealed))),
        SCAN_LIMIT,
      )
      if (!outcome.ok) return outcome
      resealed = outcome.value.reduce((sum, { meta }) => sum + meta.changes, 0)
    }
    const end = rows.value.at(-1)
    if (rows.value.length === PART && end !== undefined) return done({ resealed, next: `${index}:${end.name}` })
    return done(index + 1 < SEALED_COLUMNS.length ? { resealed, next: `${index + 1}:` } : { resealed })
  },

  async rest(keyId) {
    const unreadable: string[] = []
    let openable = 0
    let isTooMany = false
    for (const column of SEALED_COLUMNS) {
      const rows = await rowsAfter(runQuery, column, keyId, '', REST)
      if (!rows.ok) return rows
      isTooMany ||= rows.value.length === REST
      for (const { name, sealed } of rows.value) {
        const identity = sealedIdentity(column.table, name)
        if ((await openWith(ring.all, identity, sealed)) === undefined) unreadable.push(identity)
        else openable += 1
      }
    }
    return done<SealedRest>({ openable, unreadable, isTooMany })
  },
})

async function rowsAfter(
  runQuery: Query,
  { table, column, key }: SealedColumn,
  keyId: string,
  last: string,
  limit: number,
): Promise<Outcome<readonly SealedRow[]>> {
  const prefix = sealedPrefix(keyId)
  const outcome = await runQuery(
    'values sealed with other keys',
    (db) =>
      db
        .prepare(
          `SELECT ${key} AS name, ${column} AS sealed FROM ${table} WHERE ${key} > ? AND ${isSealedOtherwise(column)}
           ORDER BY ${key} LIMIT ?`,
        )
        .bind(last, prefix.length, prefix, limit)
        .all<SealedRow>(),
    SCAN_LIMIT,
  )
  return outcome.ok ? done(outcome.value.results) : outcome
}
