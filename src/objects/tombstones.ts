import { addSeconds, type Instant, seconds, type Serial } from '../vocabulary.ts'

/** A withdrawal may arrive so long before the `open` it is meant for. */
const LIFETIME = seconds(120)
/** In place of a serial: all phones of the transaction. */
const ALL = ''

/** Keeps withdrawals that arrived before their transaction opened, so that `open` can apply them. They are found by the
 *  transaction's id, or by the hash of the service key that opens it. */
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
      addSeconds(now, LIFETIME),
    )
    this.#count += 1
  }

  /** Returns the phones whose part was withdrawn; `undefined` in the list stands for all of them. */
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
