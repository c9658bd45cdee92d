import { endsAt, type Transaction } from '../rules/login/transaction.ts'
import {
  addSeconds,
  instant,
  type Instant,
  type Owner,
  seconds,
  type Serial,
  type TransactionId,
} from '../vocabulary.ts'
import { readTransaction } from './stored-transaction.ts'

/** How long an ended login is kept, for its timeline and for repeated requests. */
const KEPT_TIME = seconds(600)
/** When to try again what another object or the catalogue did not accept. */
export const RETRY_TIME = seconds(5)

/** A transaction, and the work that is left to do for it. */
export interface Login {
  readonly transaction: Transaction
  /** Prompts that are not delivered yet, and when to try (again). */
  readonly deliveries: readonly { readonly serial: Serial; readonly tries: number; readonly at: Instant }[]
  /** Phones whose hold is still to be released. */
  readonly release: readonly Serial[]
  /** An administrator took it off the list. */
  readonly discarded?: true
  /** Its place in the audit outbox, once it has ended; unique in this shard. */
  readonly sequence?: number
  /** When there is next something to do for it. */
  readonly due: Instant
}

/**
 * Stores the logins of one shard, one row each, written once for each change: rows written are what a login costs. Logins that
 * have not ended are kept in memory too, and for every login the time when it is due, so that an alarm reads only what it needs.
 */
export class LoginRows {
  readonly #sql: SqlStorage
  readonly #open = new Map<TransactionId, Login>()
  readonly #due = new Map<TransactionId, Instant>()
  /** When the work of each login is due that has some. A login that was not read since the object started counts as having work. */
  readonly #workDue = new Map<TransactionId, Instant>()
  /** The key of each login's row, in the order of opening. A random id as the key would need an index of its own and scatter the
   *  rows. */
  readonly #places = new Map<TransactionId, number>()
  /** The place in the outbox of each login that has ended. */
  readonly #ended = new Map<TransactionId, number>()
  /** Logins that have not ended, in the order of opening. */
  readonly #ongoing = new Set<TransactionId>()
  #last = 0

  constructor(sql: SqlStorage) {
    this.#sql = sql
    sql.exec(
      'CREATE TABLE IF NOT EXISTS opened (place INTEGER PRIMARY KEY, id TEXT NOT NULL, due INTEGER NOT NULL, sequence INTEGER, body TEXT NOT NULL)',
    )
    migrateLogins(sql)
    for (const row of sql.exec<{ place: number; id: TransactionId; due: Instant; sequence: number | null }>(
      'SELECT place, id, due, sequence FROM opened ORDER BY place',
    )) {
      this.#last = row.place
      this.#places.set(row.id, row.place)
      this.#due.set(row.id, row.due)
      if (row.sequence !== null) {
        this.#ended.set(row.id, row.sequence)
        continue
      }
      this.#ongoing.add(row.id)
      this.#workDue.set(row.id, row.due)
    }
  }

  /** How many logins have not ended. */
  get ongoingCount(): number {
    return this.#ongoing.size
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

  /** Keeps a change in memory only: it is written with the next `put`, and lost if the object restarts before. */
  keepInMemory(login: Login): void {
    const { id } = login.transaction
    this.#due.set(id, login.due)
    if (hasWork(login)) this.#workDue.set(id, login.due)
    else this.#workDue.delete(id)
    if (login.sequence === undefined) {
      this.#open.set(id, login)
      this.#ongoing.add(id)
    } else {
      this.#open.delete(id)
      this.#ongoing.delete(id)
      this.#ended.set(id, login.sequence)
    }
  }

  remove(id: TransactionId): void {
    this.#sql.exec('DELETE FROM opened WHERE place = ?', this.#places.get(id) ?? null)
    this.#places.delete(id)
    this.#open.delete(id)
    this.#ongoing.delete(id)
    this.#ended.delete(id)
    this.#workDue.delete(id)
    this.#due.delete(id)
  }

  /** The logins that have not ended and are due. */
  dueBy(now: Instant): readonly Login[] {
    return [...this.#ongoing].filter((id) => (this.#due.get(id) ?? now) <= now).flatMap((id) => this.get(id) ?? [])
  }

  /** The ended logins whose time is over, at most `most`, of those that `hasArrived` says of their place in the outbox. Reads no row:
   *  while the catalogue takes nothing they are many. */
  sweepable(now: Instant, hasArrived: (sequence: number) => boolean, most: number): readonly TransactionId[] {
    const ids: TransactionId[] = []
    for (const [id, sequence] of this.#ended)
      if ((this.#due.get(id) ?? now) <= now && hasArrived(sequence) && ids.push(id) >= most) break
    return ids
  }

  /** The logins of this user that have ended. Reads every row. */
  endedOf({ realm, login }: Owner): readonly { readonly id: TransactionId; readonly sequence: number }[] {
    return this.#sql
      .exec<{ id: TransactionId; sequence: number }>(
        `SELECT id, sequence FROM opened WHERE sequence IS NOT NULL AND body ->> '$.transaction.owner.login' = ?
         AND body ->> '$.transaction.owner.realm' = ?`,
        login,
        realm,
      )
      .toArray()
  }

  /** When the first work is due. */
  nextWork(): Instant | undefined {
    return earliest(this.#workDue.values())
  }

  /** When the first login is due, for whatever reason, and how many are due by `then`. An ended one is not before it has arrived. */
  nextDue(
    then: Instant,
    hasArrived: (sequence: number) => boolean,
  ): { readonly first: Instant | undefined; readonly count: number } {
    let count = 0
    let first: Instant | undefined
    for (const [id, due] of this.#due) {
      const sequence = this.#ended.get(id)
      if (sequence !== undefined && !hasArrived(sequence)) continue
      if (due <= then) count += 1
      if (first === undefined || due < first) first = due
    }
    return { first, count }
  }

  /** Logins that have expired by now but are not recorded as ended, at most `most`. */
  expiredBy(now: Instant, most: number): readonly Login[] {
    const logins: Login[] = []
    for (const id of this.#ongoing) {
      const login = (this.#due.get(id) ?? now) <= now ? this.get(id) : undefined
      if (login === undefined || now < endsAt(login.transaction)) continue
      if (logins.push(login) >= most) break
    }
    return logins
  }

  /** Every login that has not ended; only for rare work, because it reads them all. */
  ongoing(): readonly Login[] {
    return this.newestOngoing(this.#ongoing.size)
  }

  /** The logins opened last that have not ended. */
  newestOngoing(count: number): readonly Login[] {
    return [...this.#ongoing].slice(-count).flatMap((id) => this.get(id) ?? [])
  }

  /** Logins that have not ended, then those that ended, the last ones first. */
  newest(count: number): readonly Login[] {
    const rows = this.#sql.exec<{ id: TransactionId }>(
      'SELECT id FROM opened ORDER BY sequence IS NOT NULL, sequence DESC, place DESC LIMIT ?',
      count,
    )
    return rows.toArray().flatMap(({ id }) => this.get(id) ?? [])
  }

  /** The logins that ended after this place in the outbox. */
  endedAfter(after: number): readonly { readonly id: TransactionId; readonly sequence: number }[] {
    return [...this.#ended].flatMap(([id, sequence]) => (sequence > after ? [{ id, sequence }] : []))
  }
}

/** Moves the logins that an earlier version stored under their ids. */
function migrateLogins(sql: SqlStorage): void {
  const before = sql.exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'logins'").toArray()
  if (before.length === 0) return
  sql.exec('INSERT INTO opened (id, due, sequence, body) SELECT id, due, sequence, body FROM logins ORDER BY due')
  sql.exec('DELETE FROM logins')
}

/** A login whose due time is not computed yet. */
export type UndatedLogin = Omit<Login, 'due'>

/** Whether there is work for this login that somebody waits for: a prompt to deliver or a hold to release. */
export const hasWork = ({ sequence, deliveries, release }: UndatedLogin): boolean =>
  sequence === undefined && deliveries.length + release.length > 0

function earliest(instants: Iterable<Instant>): Instant | undefined {
  let first: Instant | undefined
  for (const one of instants) if (first === undefined || one < first) first = one
  return first
}

/** When a login is due: for its work, to be ended, or to be swept. */
export function dueOf(login: UndatedLogin, now: Instant): Instant {
  const end = endsAt(login.transaction)
  if (login.sequence !== undefined) return addSeconds(instant(Math.max(end, now)), KEPT_TIME)
  const release = login.release.length > 0 ? [addSeconds(now, RETRY_TIME)] : []
  return instant(Math.min(end, ...login.deliveries.map(({ at }) => at), ...release))
}

/** Reads a row, whichever version wrote it. */
function readLogin(body: string): Login {
  const stored = JSON.parse(body) as Login
  return { ...stored, transaction: readTransaction(stored.transaction) }
}
