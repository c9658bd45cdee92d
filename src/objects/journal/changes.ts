/** The table of changes of the last 30 days. */
import type { ReportedChange, Restore, RestorePage } from '../../ports/journal-object.ts'
import { present } from '../../present.ts'
import { fullNamesOf } from '../../rules/deployment/user-traces.ts'
import { addSeconds, type Epoch, type Instant, type Owner, type Revision, seconds } from '../../vocabulary.ts'
import type { CatalogueVersion } from '../../vocabulary/catalogue.ts'
import type { Round } from './rounds.ts'

/** How many changes a page of `lostSince` has. */
const PAGE = 500
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

  /** The changes of this user, the latest first. */
  of({ realm, login }: Owner): readonly ReportedChange[] {
    return this.#sql
      .exec<Row>(
        `SELECT * FROM changes WHERE realm = ? AND login = ? ORDER BY revision DESC LIMIT ${2 * PAGE}`,
        realm,
        login,
      )
      .toArray()
      .map(changeOf)
  }

  /** Erases the user from the changes. What stays is when something changed and which administrator changed it. */
  forgetUser({ realm, login }: Owner): void {
    const names = fullNamesOf({ realm, login })
    this.#sql.exec(
      'UPDATE changes SET login = NULL, serial = NULL, info = NULL WHERE realm = ? AND login = ?',
      realm,
      login,
    )
    for (const name of names) this.#sql.exec('UPDATE changes SET info = NULL WHERE info = ?', name)
  }

  newest(): CatalogueVersion | undefined {
    return this.#sql
      .exec<Pick<Row, 'epoch' | 'revision'>>('SELECT epoch, revision FROM changes ORDER BY revision DESC LIMIT 1')
      .toArray()[0]
  }

  /** Whether a change of the same epoch is known between the revision that this one followed and its own. */
  isBetween({ epoch, previous, revision }: ReportedChange): boolean {
    const between = 'SELECT 1 FROM changes WHERE revision > ? AND revision < ? AND epoch = ? LIMIT 1'
    return this.#sql.exec(between, previous, revision, epoch).toArray().length > 0
  }

  /** Returns a page of the changes that these restores may have lost, from the first after `after`. */
  lostSince(restores: readonly Restore[], after?: Revision): Pick<RestorePage, 'changes' | 'next'> {
    if (restores.length === 0) return { changes: [] }
    const first = Math.max(after ?? 0, Math.min(...restores.map(({ found }) => found.revision)))
    const last = Math.max(...restores.map(({ epoch }) => epoch))
    const rows = this.#sql
      .exec<Row>(`SELECT * FROM changes WHERE revision > ? AND epoch < ? ORDER BY revision LIMIT ${PAGE}`, first, last)
      .toArray()
    const next = rows.length < PAGE ? undefined : rows.at(-1)?.revision
    return { changes: rows.map(changeOf), ...present({ next }) }
  }
}

type Row = {
  readonly revision: Revision
  readonly previous: Revision
  readonly epoch: Epoch
  readonly at: Instant
  readonly action: string
  readonly administrator: string | null
  readonly serial: string | null
  readonly realm: string | null
  readonly login: string | null
  readonly info: string | null
}

const changeOf = ({ administrator, serial, realm, login, info, ...row }: Row): ReportedChange => ({
  ...row,
  ...present({
    administrator: administrator ?? undefined,
    serial: serial ?? undefined,
    owner: realm === null || login === null ? undefined : { realm, login },
    info: info ?? undefined,
  }),
})

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
