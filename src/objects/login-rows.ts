import { endsAt } from '../rules/login/transaction.ts'
import { addSeconds, type Instant, type Owner, type TransactionId } from '../vocabulary.ts'
import { FreeSlots, UNUSED_TIME } from './free-slots.ts'
import { hasWork, type Login, readLogin } from './stored-login.ts'

/**
 * Stores the logins of one shard, one row each, written once for each change: rows written are what a login costs. A swept login's row
 * stays until another login overwrites it. Logins that have not ended are kept in memory too, and for every login the time when it is due,
 * so that an alarm reads only what it needs.
 */
export class LoginRows {
  readonly #sql: SqlStorage
  readonly #open = new Map<TransactionId, Login>()
  readonly #due = new Map<TransactionId, Instant>()
  /** When the work of each login is due that has some. A login that was not read since the object started counts as having work. */
  readonly #workDue = new Map<TransactionId, Instant>()
  /** The key of each login's row. A random id as the key would need an index of its own and scatter the rows. */
  readonly #places = new Map<TransactionId, number>()
  readonly #free = new FreeSlots()
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
      "SELECT place, id, due, sequence FROM opened ORDER BY coalesce(sequence, body ->> '$.transaction.openedAt'), place",
    )) {
      this.#last = Math.max(this.#last, row.place)
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
    const known = this.#places.get(id)
    const place = known ?? this.#free.next ?? this.#last + 1
    this.#sql.exec(
      `INSERT INTO opened (place, id, due, sequence, body) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (place) DO UPDATE SET id = excluded.id, due = excluded.due, sequence = excluded.sequence, body = excluded.body`,
      place,
      id,
      login.due,
      login.sequence ?? null,
      JSON.stringify(login),
    )
    if (known === undefined) this.#take(id, place)
    this.keepInMemory(login)
  }

  #take(id: TransactionId, place: number): void {
    this.#free.use(place)
    this.#last = Math.max(this.#last, place)
    this.#places.set(id, place)
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
      // A login of the same id may be over.
      this.#ended.delete(id)
    } else {
      this.#open.delete(id)
      this.#ongoing.delete(id)
      this.#ended.set(id, login.sequence)
    }
  }

  /** Forgets the login. Its row is free for another. */
  sweep(id: TransactionId): void {
    const [place, freeSince] = [this.#places.get(id), this.#due.get(id)]
    if (place !== undefined && freeSince !== undefined) this.#free.add({ place, freeSince })
    this.#forget(id)
  }

  /** Deletes free rows that no login has taken in time, at most `most`. */
  deleteUnused(now: Instant, most: number): void {
    for (const place of this.#free.takeUnused(now, most)) this.#delete(place)
  }

  /** Deletes the rows of the logins of this user that have ended, of those that `hasArrived` says of their place in the outbox, those that
   *  are swept as well. Reads every row. */
  deleteOf({ realm, login }: Owner, hasArrived: (sequence: number) => boolean): void {
    const rows = this.#sql.exec<{ place: number; id: TransactionId; sequence: number }>(
      `SELECT place, id, sequence FROM opened WHERE sequence IS NOT NULL AND body ->> '$.transaction.owner.login' = ?
       AND body ->> '$.transaction.owner.realm' = ?`,
      login,
      realm,
    )
    for (const { place, id, sequence } of rows.toArray()) {
      if (!hasArrived(sequence)) continue
      this.#free.remove(place)
      this.#delete(place)
      if (this.#places.get(id) === place) this.#forget(id)
    }
  }

  #delete(place: number): void {
    this.#sql.exec('DELETE FROM opened WHERE place = ?', place)
  }

  #forget(id: TransactionId): void {
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

  /** Whether the login has ended and its time is over. `hasArrived`: of its place in the outbox. */
  isOver(id: TransactionId, now: Instant, hasArrived: (sequence: number) => boolean): boolean {
    const sequence = this.#ended.get(id)
    return sequence !== undefined && (this.#due.get(id) ?? now) <= now && hasArrived(sequence)
  }

  /** The logins that ended first, at most `most`. */
  endedFirst(most: number): readonly TransactionId[] {
    const ids: TransactionId[] = []
    for (const id of this.#ended.keys()) if (ids.push(id) >= most) break
    return ids
  }

  /** Whether this login will need one more row. */
  needsRow(id: TransactionId): boolean {
    return !this.#places.has(id) && this.#free.next === undefined
  }

  /** When the first work is due. */
  nextWork(): Instant | undefined {
    return earliest(this.#workDue.values())
  }

  /** When the first row is due, for whatever reason, and how many are due by `then`. That of an ended login is not before it has arrived,
   *  and then to be deleted unless another login takes it. */
  nextDue(
    then: Instant,
    hasArrived: (sequence: number) => boolean,
  ): { readonly first: Instant | undefined; readonly count: number } {
    const times: Instant[] = [...this.#free.deletions()]
    for (const [id, due] of this.#due) {
      const sequence = this.#ended.get(id)
      if (sequence === undefined) times.push(due)
      else if (hasArrived(sequence)) times.push(addSeconds(due, UNUSED_TIME))
    }
    return { first: earliest(times), count: times.filter((due) => due <= then).length }
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
    const ongoing = [...this.#ongoing].slice(-count).toReversed()
    const ended = [...this.#ended].toSorted(([, one], [, other]) => other - one).map(([id]) => id)
    return [...ongoing, ...ended].slice(0, count).flatMap((id) => this.get(id) ?? [])
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

function earliest(instants: Iterable<Instant>): Instant | undefined {
  let first: Instant | undefined
  for (const one of instants) if (first === undefined || one < first) first = one
  return first
}
