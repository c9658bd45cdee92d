import type { Transaction } from '../rules/transaction.ts'
import { endsAt } from '../rules/transaction.ts'
import type { Instant, Serial, TransactionId } from '../vocabulary.ts'
import { instant } from '../vocabulary.ts'

/** How long an ended login is kept for its timeline and receipt. */
const KEPT_MS = 600_000
/** How long to wait before trying again what another object or the catalogue did not take. */
export const RETRY_MS = 5000

/** A transaction and what is still to be done for it. */
export interface Login {
  readonly transaction: Transaction
  /** Prompts not yet handed over, and when to try (again). */
  readonly deliveries: readonly { readonly serial: Serial; readonly tries: number; readonly at: Instant }[]
  /** Phones whose held attempt is still to be released. */
  readonly release: readonly Serial[]
  /** An administrator has taken it off the lists. */
  readonly discarded?: true
  /** Its place in the audit's outbox, once it has ended; never given twice in this shard. */
  readonly sequence?: number
  /** When the alarm must look at it next. */
  readonly due: Instant
}

/**
 * The logins of one shard: one row each, written once per change (rows written are what a login costs).
 * Open ones are also kept in memory; when each is due is known for all, so that an alarm reads only what it needs.
 */
export class Shelf {
  readonly #sql: SqlStorage
  readonly #open = new Map<TransactionId, Login>()
  readonly #due = new Map<TransactionId, Instant>()
  /** The key of each login's row, in the order of opening. Under its id, which is random, a row would take two pages where
   *  it takes one, and lie anywhere. */
  readonly #places = new Map<TransactionId, number>()
  #last = 0
  #unended = 0

  constructor(sql: SqlStorage) {
    this.#sql = sql
    sql.exec(
      'CREATE TABLE IF NOT EXISTS opened (place INTEGER PRIMARY KEY, id TEXT NOT NULL, due INTEGER NOT NULL, sequence INTEGER, body TEXT NOT NULL)',
    )
    takeOver(sql)
    for (const row of sql.exec<{ place: number; id: TransactionId; due: Instant; sequence: number | null }>(
      'SELECT place, id, due, sequence FROM opened ORDER BY place',
    )) {
      this.#last = row.place
      this.#places.set(row.id, row.place)
      this.#due.set(row.id, row.due)
      if (row.sequence === null) this.#unended += 1
    }
  }

  /** How many logins have not ended. */
  get open(): number {
    return this.#unended
  }

  get(id: TransactionId): Login | undefined {
    const open = this.#open.get(id)
    if (open !== undefined || !this.#due.has(id)) return open
    const place = this.#places.get(id) ?? null
    const [row] = this.#sql.exec<{ body: string }>('SELECT body FROM opened WHERE place = ?', place).toArray()
    return row === undefined ? undefined : (JSON.parse(row.body) as Login)
  }

  put(login: Login): void {
    const { id } = login.transaction
    const before = this.#due.has(id) ? this.get(id) : undefined
    const wasOpen = before !== undefined && before.sequence === undefined
    this.#unended += Number(login.sequence === undefined) - Number(wasOpen)
    const place = this.#places.get(id) ?? (this.#last += 1)
    this.#places.set(id, place)
    this.#sql.exec(
      `INSERT INTO opened (place, id, due, sequence, body) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (place) DO UPDATE SET due = excluded.due, sequence = excluded.sequence, body = excluded.body`,
      place,
      id,
      login.due,
      login.sequence ?? null,
      JSON.stringify(login),
    )
    this.note(login)
  }

  /** Kept in memory only: lost with the object, and written with the next `put`. */
  note(login: Login): void {
    const { id } = login.transaction
    this.#due.set(id, login.due)
    if (login.sequence === undefined) this.#open.set(id, login)
    else this.#open.delete(id)
  }

  remove(id: TransactionId): void {
    this.#sql.exec('DELETE FROM opened WHERE place = ?', this.#places.get(id) ?? null)
    this.#places.delete(id)
    this.#open.delete(id)
    this.#due.delete(id)
  }

  *dueBy(now: Instant): Generator<Login> {
    const ids = [...this.#due].filter(([, due]) => due <= now).map(([id]) => id)
    for (const id of ids) {
      const login = this.get(id)
      if (login !== undefined) yield login
    }
  }

  nextDue(): Instant | undefined {
    let next: Instant | undefined
    for (const due of this.#due.values()) if (next === undefined || due < next) next = due
    return next
  }

  /** Every login that has not ended, from storage: for rare work that concerns them all. */
  *unended(): Generator<Login> {
    for (const id of this.#due.keys()) {
      const login = this.get(id)
      if (login !== undefined && login.sequence === undefined) yield login
    }
  }

  /** Those of the newest that have not ended. */
  newestOpen(count: number): readonly Login[] {
    return [...this.#due.keys()].slice(-count).flatMap((id) => {
      const login = this.#open.get(id) ?? this.get(id)
      return login === undefined || login.sequence !== undefined ? [] : login
    })
  }

  /** Those that have not ended first, then those that ended last. */
  newest(count: number): readonly Login[] {
    const rows = this.#sql.exec<{ id: TransactionId }>(
      'SELECT id FROM opened ORDER BY sequence IS NOT NULL, due DESC LIMIT ?',
      count,
    )
    return rows.toArray().flatMap(({ id }) => this.get(id) ?? [])
  }

  /** The logins that ended after this place in the outbox. */
  endedAfter(sequence: number): readonly (Login & { readonly sequence: number })[] {
    const rows = this.#sql.exec<{ body: string }>('SELECT body FROM opened WHERE sequence > ?', sequence)
    return rows.toArray().map(({ body }) => JSON.parse(body) as Login & { readonly sequence: number })
  }
}

/** Logins that a version before this kept under their ids. */
function takeOver(sql: SqlStorage): void {
  const before = sql.exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'logins'").toArray()
  if (before.length === 0) return
  sql.exec('INSERT INTO opened (id, due, sequence, body) SELECT id, due, sequence, body FROM logins ORDER BY due')
  sql.exec('DELETE FROM logins')
}

/** A login whose next due time is still to be worked out. */
export type NewLogin = Omit<Login, 'due'>

/** When the alarm must look at a login again: to try what is still to be done, to end it, or to sweep it. */
export function dueOf(login: NewLogin, now: Instant): Instant {
  const end = endsAt(login.transaction)
  if (login.sequence !== undefined) return instant(Math.max(end, now) + KEPT_MS)
  const release = login.release.length > 0 ? [now + RETRY_MS] : []
  return instant(Math.min(end, ...login.deliveries.map(({ at }) => at), ...release))
}
