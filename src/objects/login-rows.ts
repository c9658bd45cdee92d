import type { Transaction } from '../rules/login/transaction.ts'
import { endsAt } from '../rules/login/transaction.ts'
import type { Instant, Serial, TransactionId } from '../vocabulary.ts'
import { instant } from '../vocabulary.ts'
import { readTransaction } from './stored-transaction.ts'

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
  /** When there is something to do for it next. */
  readonly due: Instant
}

/**
 * The logins of one shard: one row each, written once per change (rows written are what a login costs).
 * Open ones are also kept in memory; when each is due is known for all, so that an alarm reads only what it needs.
 */
export class LoginRows {
  readonly #sql: SqlStorage
  readonly #open = new Map<TransactionId, Login>()
  readonly #due = new Map<TransactionId, Instant>()
  /** When to run the errands of those that have some; of a login that nobody has looked at since the object woke, when it is
   *  due, whatever for. */
  readonly #errands = new Map<TransactionId, Instant>()
  /** The key of each login's row, in the order of opening. Under its id, which is random, a row would take two pages where
   *  it takes one, and lie anywhere. */
  readonly #places = new Map<TransactionId, number>()
  /** Those that have not ended, in the order of opening. */
  readonly #unended = new Set<TransactionId>()
  #last = 0

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
      if (row.sequence !== null) continue
      this.#unended.add(row.id)
      this.#errands.set(row.id, row.due)
    }
  }

  /** How many logins have not ended. */
  get openCount(): number {
    return this.#unended.size
  }

  get(id: TransactionId): Login | undefined {
    const open = this.#open.get(id)
    if (open !== undefined || !this.#due.has(id)) return open
    const place = this.#places.get(id) ?? null
    const [row] = this.#sql.exec<{ body: string }>('SELECT body FROM opened WHERE place = ?', place).toArray()
    return row === undefined ? undefined : readLogin(row.body)
  }

  put(login: Login): void {
    const { id } = login.transaction
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
    this.keepInMemory(login)
  }

  /** Kept in memory only: lost with the object, and written with the next `put`. */
  keepInMemory(login: Login): void {
    const { id } = login.transaction
    this.#due.set(id, login.due)
    if (hasErrand(login)) this.#errands.set(id, login.due)
    else this.#errands.delete(id)
    if (login.sequence === undefined) {
      this.#open.set(id, login)
      this.#unended.add(id)
    } else {
      this.#open.delete(id)
      this.#unended.delete(id)
    }
  }

  remove(id: TransactionId): void {
    this.#sql.exec('DELETE FROM opened WHERE place = ?', this.#places.get(id) ?? null)
    this.#places.delete(id)
    this.#open.delete(id)
    this.#unended.delete(id)
    this.#errands.delete(id)
    this.#due.delete(id)
  }

  *dueBy(now: Instant): Generator<Login> {
    const ids = [...this.#due].filter(([, due]) => due <= now).map(([id]) => id)
    for (const id of ids) {
      const login = this.get(id)
      if (login !== undefined) yield login
    }
  }

  /** When the first errand is to be run. */
  nextErrand(): Instant | undefined {
    return earliest(this.#errands.values())
  }

  /** When the first login is due, for whatever reason, and how many are by then. */
  nextDue(then: Instant): { readonly first: Instant | undefined; readonly count: number } {
    let count = 0
    for (const due of this.#due.values()) if (due <= then) count += 1
    return { first: earliest(this.#due.values()), count }
  }

  /** Those that the clock has ended by now and nobody else, so many at most. */
  expiredBy(now: Instant, most: number): readonly Login[] {
    const logins: Login[] = []
    for (const id of this.#unended) {
      const login = (this.#due.get(id) ?? now) <= now ? this.get(id) : undefined
      if (login === undefined || now < endsAt(login.transaction)) continue
      if (logins.push(login) >= most) break
    }
    return logins
  }

  /** Every login that has not ended: for rare work that concerns them all. */
  unended(): readonly Login[] {
    return this.newestUnended(this.#unended.size)
  }

  /** Those opened last that have not ended. */
  newestUnended(count: number): readonly Login[] {
    return [...this.#unended].slice(-count).flatMap((id) => this.get(id) ?? [])
  }

  /** Those that have not ended first, then those that ended last. */
  newest(count: number): readonly Login[] {
    const rows = this.#sql.exec<{ id: TransactionId }>(
      'SELECT id FROM opened ORDER BY sequence IS NOT NULL, sequence DESC, place DESC LIMIT ?',
      count,
    )
    return rows.toArray().flatMap(({ id }) => this.get(id) ?? [])
  }

  /** The logins that ended after this place in the outbox. */
  endedAfter(sequence: number): readonly (Login & { readonly sequence: number })[] {
    const rows = this.#sql.exec<{ body: string }>('SELECT body FROM opened WHERE sequence > ?', sequence)
    return rows.toArray().map(({ body }) => readLogin(body) as Login & { readonly sequence: number })
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
export type UndatedLogin = Omit<Login, 'due'>

/** Whether somebody waits for what is still to be done for it: a prompt to deliver, a held attempt to release. */
export const hasErrand = ({ sequence, deliveries, release }: UndatedLogin): boolean =>
  sequence === undefined && deliveries.length + release.length > 0

function earliest(instants: Iterable<Instant>): Instant | undefined {
  let first: Instant | undefined
  for (const one of instants) if (first === undefined || one < first) first = one
  return first
}

/** When there is something to do for a login again: an errand to run, or to end it, or to sweep it. */
export function dueOf(login: UndatedLogin, now: Instant): Instant {
  const end = endsAt(login.transaction)
  if (login.sequence !== undefined) return instant(Math.max(end, now) + KEPT_MS)
  const release = login.release.length > 0 ? [now + RETRY_MS] : []
  return instant(Math.min(end, ...login.deliveries.map(({ at }) => at), ...release))
}

function readLogin(body: string): Login {
  const stored = JSON.parse(body) as Login
  return { ...stored, transaction: readTransaction(stored.transaction) }
}
