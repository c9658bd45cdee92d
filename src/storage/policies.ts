/** Policies, each stored as JSON. */
import type { PolicyTable } from '../ports/policies.ts'
import { done } from '../refusal.ts'
import type { Policy } from '../vocabulary.ts'
import { rowsOf, type RunQuery, storageUnavailable } from './run-query.ts'
import { applyChange, BUMP_SETTINGS_REVISION, fragment, writeChange } from './change.ts'

export interface PolicyRow {
  readonly body: string
}

export const policyOf = (row: PolicyRow): Policy => JSON.parse(row.body) as Policy

export const policies = (runQuery: RunQuery): PolicyTable => ({
  async save(policy, entry) {
    const outcome = await applyChange(runQuery, 'save policy', entry, {
      statements: [
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
    const [row] = rowsOf<{ id: number }>(outcome.value?.results.at(-1))
    return row === undefined ? storageUnavailable() : done(row.id)
  },

  saveAll: (all, entry) =>
    writeChange(runQuery, 'save policies', entry, [
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
        fragment('DELETE FROM policies WHERE name = ? AND EXISTS (SELECT 1 FROM due) RETURNING id', name),
      ],
    })
    if (!outcome.ok) return outcome
    return done(rowsOf<{ id: number }>(outcome.value?.results.at(-1))[0]?.id)
  },
})
