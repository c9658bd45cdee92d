/** Policies: kept whole, as JSON; `rules` reads them. */
import type { Catalogue } from '../ports/catalogue.ts'
import { done } from '../refusal.ts'
import type { Policy } from '../vocabulary.ts'
import type { Ask } from './ask.ts'
import { rowsOf, unavailable } from './ask.ts'
import { part, perform, SETTINGS_FOLLOW } from './change.ts'

export interface PolicyRow {
  readonly body: string
}

export const policyOf = (row: PolicyRow): Policy => JSON.parse(row.body) as Policy

export const policies = (
  ask: Ask,
): Pick<Catalogue, 'savePolicy' | 'savePolicies' | 'renamePolicy' | 'deletePolicy'> => ({
  async savePolicy(policy, deed) {
    const outcome = await perform(ask, 'save policy', deed, {
      steps: [
        SETTINGS_FOLLOW,
        part(
          `INSERT INTO policies (name, id, body) SELECT ?, due.revision, ? FROM due WHERE true
           ON CONFLICT (name) DO UPDATE SET body = excluded.body RETURNING id`,
          policy.name,
          JSON.stringify(policy),
        ),
      ],
    })
    if (!outcome.ok) return outcome
    const [row] = rowsOf<{ id: number }>(outcome.value?.results.at(-1))
    return row === undefined ? unavailable() : done(row.id)
  },

  async savePolicies(all, deed) {
    const outcome = await perform(ask, 'save policies', deed, {
      steps: [
        SETTINGS_FOLLOW,
        part(
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
    const outcome = await perform(ask, 'rename policy', deed, {
      when: part(
        `EXISTS (SELECT 1 FROM policies WHERE name = ?) AND NOT EXISTS (SELECT 1 FROM policies WHERE name = ?)`,
        name,
        to,
      ),
      steps: [
        SETTINGS_FOLLOW,
        part(
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
    const outcome = await perform(ask, 'delete policy', deed, {
      when: part('EXISTS (SELECT 1 FROM policies WHERE name = ?)', name),
      steps: [
        SETTINGS_FOLLOW,
        part('DELETE FROM policies WHERE name = ? AND EXISTS (SELECT 1 FROM due) RETURNING id', name),
      ],
    })
    if (!outcome.ok) return outcome
    return done(rowsOf<{ id: number }>(outcome.value?.results.at(-1))[0]?.id)
  },
})
