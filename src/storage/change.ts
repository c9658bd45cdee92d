/** How the catalogue changes: together with its record in the audit and a new revision, or not at all. */
import type { AuditEntry } from '../ports/audit.ts'
import type { Outcome } from '../refusal.ts'
import { done } from '../refusal.ts'
import type { Revision } from '../vocabulary.ts'
import { revision } from '../vocabulary.ts'
import type { RunQuery } from './run-query.ts'
import { rowsOf } from './run-query.ts'

export type Value = string | number | null

/** SQL and what is bound to its `?`, in order. */
export interface SqlFragment {
  readonly sql: string
  readonly values: readonly Value[]
}

export const fragment = (sql: string, ...values: readonly Value[]): SqlFragment => ({ sql, values })

/** A flag as SQLite keeps it. */
export const flag = (value: boolean): 0 | 1 => (value ? 1 : 0)

export interface Change {
  /** SQL that is true when the change may happen; without it, it always may. */
  readonly condition?: SqlFragment
  /** Statements that read the table `due`, which has one row (the new `revision`) if the change happens, else none. */
  readonly statements: readonly SqlFragment[]
}

/** What came of a change: its revision, and the result of each of its steps. */
interface AppliedChange {
  readonly revision: Revision
  readonly results: readonly D1Result[]
}

/** The step of every change of what all isolates keep a snapshot of. */
export const BUMP_SETTINGS_REVISION = fragment('UPDATE deployment SET settings_revision = due.revision FROM due')

// The entry's record is written first, under the revision to come, and is itself the condition of all that follows:
// so no record tells of what did not happen, and nothing happens without one.
const DUE = `WITH due AS (
  SELECT deployment.revision + 1 AS revision FROM deployment
  JOIN audit ON audit.at = ? AND audit.shard = 'catalogue' AND audit.sequence = deployment.revision + 1
)`

const record = (entry: AuditEntry, when: SqlFragment): SqlFragment =>
  fragment(
    `INSERT INTO audit (at, shard, sequence, action, success, authentication, serial, login, realm, administrator, address,
       user_agent, info)
     SELECT ?, 'catalogue', deployment.revision + 1, ?, 1, '', ?, ?, ?, ?, ?, ?, ? FROM deployment WHERE ${when.sql}`,
    entry.at,
    entry.action,
    entry.serial ?? null,
    entry.owner?.login ?? null,
    entry.owner?.realm.toLowerCase() ?? null,
    entry.administrator,
    entry.address,
    entry.userAgent ?? null,
    entry.info ?? null,
    ...when.values,
  )

const bump = fragment('UPDATE deployment SET revision = due.revision FROM due RETURNING revision')

/** Changes the catalogue in one batch, which D1 runs as one transaction. `undefined` when `when` was not true: then
 *  nothing was written. */
export async function applyChange(
  runQuery: RunQuery,
  question: string,
  entry: AuditEntry,
  change: Change,
): Promise<Outcome<AppliedChange | undefined>> {
  const outcome = await runQuery(question, (db) => {
    const first = record(entry, change.condition ?? fragment('true'))
    const rest = [...change.statements, bump].map((step) =>
      db.prepare(`${DUE} ${step.sql}`).bind(entry.at, ...step.values),
    )
    return db.batch([db.prepare(first.sql).bind(...first.values), ...rest])
  })
  if (!outcome.ok) return outcome
  const [bumped] = rowsOf<{ revision: number }>(outcome.value.at(-1))
  if (bumped === undefined) return done(undefined)
  return done({ revision: revision(bumped.revision), results: outcome.value.slice(1, -1) })
}

/** `perform` for those who only ask whether it happened. */
export async function tryChange(
  runQuery: RunQuery,
  question: string,
  entry: AuditEntry,
  change: Change,
): Promise<Outcome<boolean>> {
  const outcome = await applyChange(runQuery, question, entry, change)
  return outcome.ok ? done(outcome.value !== undefined) : outcome
}
