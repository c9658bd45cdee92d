/** What policies were. Each change of one writes the version it leaves, in the same transaction. */
import type { PolicyHistory, PolicyVersion } from '../ports/policies.ts'
import { present } from '../present.ts'
import { done, type Outcome } from '../refusal.ts'
import { addSeconds, instant, type Policy, revision, seconds } from '../vocabulary.ts'
import type { AuditEntry } from '../ports/audit.ts'
import { fragment, type SqlFragment } from './change.ts'
import { rowsOf, type RunQuery } from './run-query.ts'

/** Versions that are kept of one policy. */
const VERSIONS = 100
/** How long a version is kept that is no longer that of a policy: two years. */
const KEPT = seconds(-2 * 365 * 86_400)

/** The revision of the policy with this name; 0 if there is none. A version of Nod without the history left none. */
const REVISION = `coalesce((SELECT coalesce((SELECT max(revision) FROM policy_history WHERE name = policies.name), policies.id)
  FROM policies WHERE name = ?), 0)`

/** True while the policy has this revision. */
export const hasRevision = (name: string, expected: number): SqlFragment => fragment(`${REVISION} = ?`, name, expected)

/** Keeps what the change makes of the policies: JSON, a list of `{ name, body }`, of which no `body` says that the name has no policy
 *  any more. What they are already is not kept once more. */
export const keepVersions = (
  policies: readonly { readonly name: string; readonly policy?: Policy }[],
  { at, action, administrator }: AuditEntry,
): readonly SqlFragment[] => {
  const list = JSON.stringify(policies.map(({ name, policy }) => ({ name, ...present({ body: policy }) })))
  return [
    fragment(
      `INSERT INTO policy_history (name, revision, at, action, administrator, body)
       SELECT one.value ->> 'name', due.revision, ?, ?, ?, one.value -> 'body' FROM due CROSS JOIN json_each(?) AS one
       WHERE (one.value -> 'body') IS NOT (SELECT body FROM policy_history
         WHERE name = one.value ->> 'name' ORDER BY revision DESC LIMIT 1)
       ON CONFLICT DO NOTHING`,
      at,
      action,
      administrator ?? null,
      list,
    ),
    fragment(
      `DELETE FROM policy_history WHERE EXISTS (SELECT 1 FROM due)
         AND name IN (SELECT value ->> 'name' FROM json_each(?))
         AND revision <= (SELECT revision FROM policy_history AS newer WHERE newer.name = policy_history.name
           ORDER BY revision DESC LIMIT 1 OFFSET ${VERSIONS})`,
      list,
    ),
    // Revisions follow the clock. The version that a policy has now stays, however old it is.
    fragment(
      `DELETE FROM policy_history WHERE EXISTS (SELECT 1 FROM due) AND revision < ? AND (body IS NULL
         OR revision < (SELECT max(revision) FROM policy_history AS newer WHERE newer.name = policy_history.name))`,
      addSeconds(at, KEPT),
    ),
  ]
}

interface Row {
  readonly name: string
  readonly revision: number
  readonly at: number | null
  readonly action: string | null
  readonly administrator: string | null
  readonly body: string | null
}

const COLUMNS = 'name, revision, at, action, administrator, body'

const versionOf = ({ name, at, action, administrator, body, ...row }: Row): PolicyVersion => ({
  name,
  revision: revision(row.revision),
  ...present({
    at: at === null ? undefined : instant(at),
    action: action ?? undefined,
    administrator: administrator ?? undefined,
    policy: body === null ? undefined : (JSON.parse(body) as Policy),
  }),
})

/** Reads a policy and its versions. */
export async function readHistory(runQuery: RunQuery, name: string): Promise<Outcome<PolicyHistory>> {
  const outcome = await runQuery('policy history', (db) =>
    db.batch([
      db.prepare(`SELECT ${REVISION} AS revision, (SELECT body FROM policies WHERE name = ?) AS body`).bind(name, name),
      db.prepare(`SELECT ${COLUMNS} FROM policy_history WHERE name = ? ORDER BY revision DESC`).bind(name),
    ]),
  )
  if (!outcome.ok) return outcome
  const [now] = rowsOf<{ revision: number; body: string | null }>(outcome.value[0])
  const body = now?.body ?? undefined
  return done({
    policy: body === undefined ? undefined : (JSON.parse(body) as Policy),
    revision: now?.revision ?? 0,
    versions: rowsOf<Row>(outcome.value[1]).map(versionOf),
  })
}

/** Reads the newest changes of all policies. */
export async function readChanges(
  runQuery: RunQuery,
  limit: number,
  before: number = Number.MAX_SAFE_INTEGER,
): Promise<Outcome<readonly PolicyVersion[]>> {
  const outcome = await runQuery('changes of policies', (db) =>
    db
      .prepare(
        `SELECT ${COLUMNS} FROM policy_history WHERE revision < ? AND at IS NOT NULL ORDER BY revision DESC, name LIMIT ?`,
      )
      .bind(before, limit)
      .all<Row>(),
  )
  return outcome.ok ? done(outcome.value.results.map(versionOf)) : outcome
}
