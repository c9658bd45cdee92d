/** Policies: kept whole, as JSON; `rules` reads them. */
import type { Catalogue } from '../ports/catalogue.ts'
import { done } from '../refusal.ts'
import type { Policy } from '../vocabulary.ts'
import type { RunQuery } from './run-query.ts'
import { rowsOf, storageUnavailable } from './run-query.ts'
import { fragment, applyChange, BUMP_SETTINGS_REVISION } from './change.ts'

export interface PolicyRow {
  readonly body: string
}

export const policyOf = (row: PolicyRow): Policy => JSON.parse(row.body) as Policy

export const policies = (
  ask: RunQuery,
): Pick<Catalogue, 'savePolicy' | 'savePolicies' | 'renamePolicy' | 'deletePolicy'> => ({
  async savePolicy(policy, deed) {
    const outcome = await applyChange(ask, 'save policy', deed, {
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

  async savePolicies(all, deed) {
    const outcome = await applyChange(ask, 'save policies', deed, {
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment(
          `INSERT INTO policies (name, id, body) SELECT one.value ->> 'name', due.revision, one.value
           FROM due CROSS JOIN json_each(?) AS one WHERE true
           ON CONFLICT (name) DO UPDATE SET body = excluded.body`,
          JSON.stringify(all),
        ),
      ],
    })
    return outcome.ok ? done(undefined) : outcome
  },

  async renamePolicy(name, to, deed) {
    const outcome = await applyChange(ask, 'rename policy', deed, {
      condition: fragment(
        `EXISTS (SELECT 1 FROM policies WHERE name = ?) AND NOT EXISTS (SELECT 1 FROM policies WHERE name = ?)`,
        name,
        to,
      ),
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment(
          `UPDATE policies SET name = ?, body = json_set(body, '$.name', ?)
           WHERE name = ? AND EXISTS (SELECT 1 FROM due) RETURNING id`,
          to,
          to,
          name,
        ),
      ],
    })
    if (!outcome.ok) return outcome
    return done(rowsOf<{ id: number }>(outcome.value?.results.at(-1))[0]?.id)
  },

  async deletePolicy(name, deed) {
    const outcome = await applyChange(ask, 'delete policy', deed, {
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
