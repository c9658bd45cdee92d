/** The table of changes of the last 30 days. */
import type { ReportedChange } from '../../ports/journal-object.ts'
import { addSeconds, seconds } from '../../vocabulary.ts'
import type { Round } from './rounds.ts'

/** D1's Time Travel goes back 30 days. */
const DAYS = 30
const FORGOTTEN_AT_ONCE = 500

export class Changes {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
    sql.exec(`CREATE TABLE IF NOT EXISTS changes (
      revision INTEGER PRIMARY KEY, previous INTEGER NOT NULL, epoch INTEGER NOT NULL, at INTEGER NOT NULL,
      action TEXT NOT NULL, administrator TEXT, serial TEXT, realm TEXT, login TEXT, info TEXT
    )`)
  }

  /** Adds the change; one that is there already stays as it is. */
  add(change: ReportedChange): void {
    this.#sql.exec(
      `INSERT OR IGNORE INTO changes (revision, previous, epoch, at, action, administrator, serial, realm, login, info)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      change.revision,
      change.previous,
      change.epoch,
      change.at,
      change.action,
      change.administrator ?? null,
      change.serial ?? null,
      change.owner?.realm ?? null,
      change.owner?.login ?? null,
      change.info ?? null,
    )
  }
}

/** Deletes changes that are older than 30 days. */
export const forgetOldChanges: Round = {
  name: 'forget old changes',
  async step({ storage, ports }) {
    // A revision is the time of its change.
    const { rowsWritten } = storage.sql.exec(
      `DELETE FROM changes WHERE revision IN (SELECT revision FROM changes WHERE revision < ? ORDER BY revision LIMIT ${FORGOTTEN_AT_ONCE})`,
      addSeconds(ports.now(), seconds(-DAYS * 86_400)),
    )
    return rowsWritten < FORGOTTEN_AT_ONCE ? 'done' : 'more'
  },
}
