import type { Instant, Serial } from '../vocabulary.ts'

/** As long as a withdrawal may overtake the `open` it is meant for. */
const KEPT_MS = 120_000
/** Stands for all phones of a transaction. */
const ALL = ''

/** Withdrawals that came before their transaction opened: `open` honours them. By the transaction's id, or by the hash of
 *  the key that would open it. */
export class Tombstones {
  readonly #sql: SqlStorage
  #count: number

  constructor(sql: SqlStorage) {
    this.#sql = sql
    sql.exec(
      'CREATE TABLE IF NOT EXISTS tombstones (id TEXT, serial TEXT, until INTEGER NOT NULL, PRIMARY KEY (id, serial)) WITHOUT ROWID',
    )
    this.#count = sql.exec<{ count: number }>('SELECT count(*) AS count FROM tombstones').one().count
  }

  add(id: string, serial: Serial | undefined, now: Instant): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO tombstones (id, serial, until) VALUES (?, ?, ?)',
      id,
      serial ?? ALL,
      now + KEPT_MS,
    )
    this.#count += 1
  }

  /** The phones whose part in this was taken back already; `undefined` among them: all of them. */
  find(id: string, now: Instant): readonly (Serial | undefined)[] {
    if (this.#count === 0) return []
    return this.#sql
      .exec<{ serial: string }>('SELECT serial FROM tombstones WHERE id = ? AND until > ?', id, now)
      .toArray()
      .map(({ serial }) => (serial === ALL ? undefined : (serial as Serial)))
  }

  sweep(now: Instant): void {
    if (this.#count === 0) return
    this.#sql.exec('DELETE FROM tombstones WHERE until <= ?', now)
    this.#count = this.#sql.exec<{ count: number }>('SELECT count(*) AS count FROM tombstones').one().count
  }
}
