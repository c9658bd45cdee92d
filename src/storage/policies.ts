/** Policies, each stored as JSON. */
import type { PolicyTable } from '../ports/policies.ts'
import { done } from '../refusal.ts'
import type { Policy } from '../vocabulary.ts'
import { present } from '../present.ts'
import { rowsOf, type RunQuery, storageUnavailable } from './run-query.ts'
import { applyChange, BUMP_SETTINGS_REVISION, fragment, writeChange } from './change.ts'
import { hasRevision, keepVersions, readChanges, readHistory } from './policy-history.ts'

export interface PolicyRow {
  readonly body: string
}

export const policyOf = (row: PolicyRow): Policy => JSON.parse(row.body) as Policy

export const policies = (runQuery: RunQuery): PolicyTable => ({
  async save(policy, entry, expected) {
    const outcome = await applyChange(runQuery, 'save policy', entry, {
      ...present({ condition: expected === undefined ? undefined : hasRevision(policy.name, expected) }),
      statements: [
        ...keepVersions([{ name: policy.name, policy }], entry),
        BUMP_SETTINGS_REVISION,
        fragment(
          `INSERT INTO policies (name, id, body) SELECT ?, due.revision, ? FROM due WHERE true
           ON CONFLICT (name) DO UPDATE SET body = excluded.body RETURNING id`,
          policy.name,
          JSON.stringify(policy),
        ),
      ],
    })
    if (!outcome.ok) return outcome
    if (outcome.value === undefined) return done(undefined)
    const [row] = rowsOf<{ id: number }>(outcome.value.results.at(-1))
    return row === undefined ? storageUnavailable() : done(row.id)
  },

  saveAll: (all, entry) =>
    writeChange(runQuery, 'save policies', entry, [
      ...keepVersions(
        all.map((policy) => ({ name: policy.name, policy })),
        entry,
      ),
      BUMP_SETTINGS_REVISION,
      fragment(
        `INSERT INTO policies (name, id, body) SELECT one.value ->> 'name', due.revision, one.value
         FROM due CROSS JOIN json_each(?) AS one WHERE true
         ON CONFLICT (name) DO UPDATE SET body = excluded.body`,
        JSON.stringify(all),
      ),
    ]),

  async rename(name, newName, entry) {
    const outcome = await applyChange(runQuery, 'rename policy', entry, {
      condition: fragment(
        `EXISTS (SELECT 1 FROM policies WHERE name = ?) AND NOT EXISTS (SELECT 1 FROM policies WHERE name = ?)`,
        name,
        newName,
      ),
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment(
          `INSERT INTO policy_history (name, revision, at, action, administrator, body)
           SELECT ?, due.revision, ?, ?, ?, json_set(policies.body, '$.name', ?) FROM due CROSS JOIN policies
           WHERE policies.name = ?`,
          newName,
          entry.at,
          entry.action,
          entry.administrator ?? null,
          newName,
          name,
        ),
        ...keepVersions([{ name }], entry),
        fragment(
          `UPDATE policies SET name = ?, body = json_set(body, '$.name', ?)
           WHERE name = ? AND EXISTS (SELECT 1 FROM due) RETURNING id`,
          newName,
          newName,
          name,
        ),
      ],
    })
    if (!outcome.ok) return outcome
    return done(rowsOf<{ id: number }>(outcome.value?.results.at(-1))[0]?.id)
  },

  async delete(name, entry) {
    const outcome = await applyChange(runQuery, 'delete policy', entry, {
      condition: fragment('EXISTS (SELECT 1 FROM policies WHERE name = ?)', name),
      statements: [
        BUMP_SETTINGS_REVISION,
        ...keepVersions([{ name }], entry),
        fragment('DELETE FROM policies WHERE name = ? AND EXISTS (SELECT 1 FROM due) RETURNING id', name),
      ],
    })
    if (!outcome.ok) return outcome
    return done(rowsOf<{ id: number }>(outcome.value?.results.at(-1))[0]?.id)
  },

  history: (name) => readHistory(runQuery, name),

  changes: (limit, before) => readChanges(runQuery, limit, before),
})
