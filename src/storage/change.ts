/** How an administrator's change is written: together with its audit entry and a new revision, or not at all. */
import type { AuditEntry } from '../ports/audit.ts'
import { done, type Outcome } from '../refusal.ts'
import { type Instant, instant, type Revision } from '../vocabulary.ts'
import type { CatalogueVersion } from '../vocabulary/catalogue.ts'
import { newSalt, storableText } from './audit-commitments.ts'
import { NEXT_REVISION, type VersionRow, versionOf } from './next-revision.ts'
import { rowsOf, type RunQuery } from './run-query.ts'

export type Value = string | number | null

/** SQL, and the values bound to its `?` in order. */
export interface SqlFragment {
  readonly sql: string
  readonly values: readonly Value[]
}

export const fragment = (sql: string, ...values: readonly Value[]): SqlFragment => ({ sql, values })

/** Makes statements of a database. */
export const prepared =
  (db: D1Database) =>
  ({ sql, values }: SqlFragment): D1PreparedStatement =>
    db.prepare(sql).bind(...values)

/** A boolean as SQLite stores it. */
export const flag = (value: boolean): 0 | 1 => (value ? 1 : 0)

export interface Change {
  /** The change's revision is at least this. */
  readonly above?: Revision
  /** SQL that is true when the change may happen; absent: it always may. */
  readonly condition?: SqlFragment
  /** Statements that read the table `due`: one row with the new `revision` if the change happens, no row if it does not. */
  readonly statements: readonly SqlFragment[]
}

/** The version that a change gave the catalogue, and the result of each statement. */
interface AppliedChange extends CatalogueVersion {
  readonly results: readonly D1Result[]
}

/** Part of every change of what isolates keep a snapshot of: they read the snapshot again. */
export const BUMP_SETTINGS_REVISION = fragment('UPDATE deployment SET settings_revision = due.revision FROM due')

/** Whether the statement bumps it, perhaps on a condition: a realm that is new. */
const isBump = ({ sql }: SqlFragment): boolean => sql.startsWith(BUMP_SETTINGS_REVISION.sql)

// The audit entry is written first, under the next revision, and all later statements depend on it. So there is no entry
// without its change, and no change without its entry. `?1` is the time of the change, `?2` that of its entry.
const DUE = `WITH due AS (
  SELECT audit.sequence AS revision FROM deployment
  CROSS JOIN audit ON audit.at = ?2 AND audit.shard = 'catalogue' AND audit.sequence = ${NEXT_REVISION}
)`

// It is numbered without a gap, so that a missing entry shows.
const insertEntry = (at: Instant, entry: AuditEntry, salt: string, when: SqlFragment): SqlFragment =>
  fragment(
    `INSERT INTO audit (at, shard, sequence, number, action, success, authentication, serial, login, realm, administrator,
       address, user_agent, info, change, policies, duration, salt)
     SELECT ?2, 'catalogue', ${NEXT_REVISION}, deployment.catalogue_number + 1, ?, 1, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
     FROM deployment WHERE ${when.sql}`,
    at,
    entry.at,
    entry.action,
    storableText(entry.serial),
    storableText(entry.owner?.login),
    storableText(entry.owner?.realm.toLowerCase()),
    storableText(entry.administrator),
    storableText(entry.address),
    storableText(entry.userAgent),
    storableText(entry.info),
    entry.change === undefined ? null : JSON.stringify(entry.change),
    storableText(entry.policies),
    entry.duration ?? null,
    salt,
    ...when.values,
  )

const versions = fragment(
  'SELECT deployment.epoch, deployment.revision AS previous, due.revision FROM deployment CROSS JOIN due',
)
const bump = fragment('UPDATE deployment SET revision = due.revision, catalogue_number = catalogue_number + 1 FROM due')

/** Writes the change in one batch, which D1 runs as one transaction, and reports it. Answers undefined when the condition was
 *  false; then nothing was written. */
export async function applyChange(
  runQuery: RunQuery,
  name: string,
  entry: AuditEntry,
  change: Change,
): Promise<Outcome<AppliedChange | undefined>> {
  const found = runQuery.watch.begin()
  const outcome = await runQuery(name, (db) => {
    const at = instant(Math.max(runQuery.now(), change.above ?? 0))
    const first = insertEntry(at, entry, newSalt(runQuery.random), change.condition ?? fragment('true'))
    const rest = [...change.statements, versions, bump].map((step) =>
      db.prepare(`${DUE} ${step.sql}`).bind(at, entry.at, ...step.values),
    )
    return db.batch([prepared(db)(first), ...rest])
  })
  if (!outcome.ok) return outcome
  const [row] = rowsOf<VersionRow>(outcome.value.at(-2))
  if (row === undefined) return done(undefined)
  const version = versionOf(row)
  found(version)
  const results = outcome.value.slice(1, -2)
  const changesSettings = change.statements.some((step, at) => isBump(step) && (results[at]?.meta.changes ?? 0) > 0)
  await runQuery.report({ ...version, ...entry, changesSettings })
  return done({ epoch: version.epoch, revision: version.revision, results })
}

/** Writes a change that has no condition, for callers that need nothing of its results. */
export async function writeChange(
  runQuery: RunQuery,
  name: string,
  entry: AuditEntry,
  statements: Change['statements'],
): Promise<Outcome<void>> {
  const outcome = await applyChange(runQuery, name, entry, { statements })
  return outcome.ok ? done(undefined) : outcome
}

/** Writes the change as `applyChange` does, and answers whether it happened. */
export async function tryChange(
  runQuery: RunQuery,
  name: string,
  entry: AuditEntry,
  change: Change,
): Promise<Outcome<boolean>> {
  const outcome = await applyChange(runQuery, name, entry, change)
  return outcome.ok ? done(outcome.value !== undefined) : outcome
}
