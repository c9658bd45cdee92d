/** The row of the table `deployment` that says which history D1 holds. */
import type { Catalogue } from '../ports/catalogue.ts'
import { done } from '../refusal.ts'
import { revision } from '../vocabulary.ts'
import { RESTORED } from '../vocabulary/catalogue.ts'
import { NEW_GENERATION } from './administrators.ts'
import { applyChange, BUMP_SETTINGS_REVISION, fragment } from './change.ts'
import { type DeploymentRow, VERSION_COLUMNS, versionRead } from './next-revision.ts'
import { type RunQuery, storageUnavailable } from './run-query.ts'

export const catalogue = (runQuery: RunQuery): Catalogue => ({
  async version() {
    const outcome = await runQuery('catalogue version', (db) =>
      db.withSession('first-primary').prepare(`SELECT ${VERSION_COLUMNS} FROM deployment`).first<DeploymentRow>(),
    )
    if (!outcome.ok) return outcome
    return outcome.value === null ? storageUnavailable() : done(versionRead(outcome.value))
  },

  async beginEpoch({ found, known, from, at, epoch }) {
    const info = `restored to ${timeOf(from.revision)}, was at ${timeOf(known.revision)}`
    const entry = { at, action: RESTORED, administrator: '', address: '', info }
    const outcome = await applyChange(runQuery, 'begin epoch', entry, {
      // Of two who notice it, one begins the epoch: the other's condition is false.
      condition: fragment('deployment.epoch = ? AND deployment.revision = ?', found.epoch, found.revision),
      above: revision(epoch),
      statements: [
        fragment('UPDATE deployment SET epoch = due.revision FROM due'),
        BUMP_SETTINGS_REVISION,
        fragment('DELETE FROM bypass_codes WHERE EXISTS (SELECT 1 FROM due)'),
        // One that was used or withdrawn since would be open again.
        fragment('DELETE FROM invitations WHERE EXISTS (SELECT 1 FROM due)'),
        fragment(`UPDATE administrators SET generation = ${NEW_GENERATION} FROM due`),
        // One of them may have been deleted because somebody else knows it. The next sign-in makes a new one.
        fragment('DELETE FROM api_token_keys WHERE EXISTS (SELECT 1 FROM due)'),
      ],
    })
    if (!outcome.ok || outcome.value === undefined) return outcome.ok ? done(undefined) : outcome
    return done({ epoch: outcome.value.epoch, revision: outcome.value.revision })
  },

  async missing(changes) {
    const rows = changes.map(({ at, revision: sequence, serial, administrator }, index) => ({
      index,
      at,
      sequence,
      // A phone's own change has no audit entry.
      serial: administrator === undefined ? (serial ?? null) : null,
    }))
    const outcome = await runQuery('missing changes', (db) =>
      db
        .prepare(
          `SELECT value ->> 'index' AS place FROM json_each(?) AS change WHERE CASE
             WHEN value ->> 'serial' IS NULL THEN NOT EXISTS (SELECT 1 FROM audit
               WHERE at = value ->> 'at' AND shard = 'catalogue' AND sequence = value ->> 'sequence')
             ELSE NOT EXISTS (SELECT 1 FROM tokens
               WHERE serial = value ->> 'serial' AND revision >= value ->> 'sequence') END`,
        )
        .bind(JSON.stringify(rows))
        .all<{ place: number }>(),
    )
    if (!outcome.ok) return outcome
    const places = new Set(outcome.value.results.map(({ place }) => place))
    return done(changes.filter((_, index) => places.has(index)))
  },
})

/** A revision as a time; those of a version before are small numbers. */
const timeOf = (of: number): string => new Date(of).toISOString()
