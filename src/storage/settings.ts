/** System settings, by privacyIDEA's names. */
import type { SettingTable } from '../ports/settings.ts'
import { done } from '../refusal.ts'
import { type DeploymentRow, VERSION_COLUMNS, versionRead } from './next-revision.ts'
import { rowsOf, type RunQuery, storageUnavailable } from './run-query.ts'
import { revision } from '../vocabulary.ts'
import { tryChange, fragment, applyChange, BUMP_SETTINGS_REVISION } from './change.ts'

export const settings = (runQuery: RunQuery): SettingTable => ({
  async version() {
    const found = runQuery.watch.begin()
    const outcome = await runQuery('settings revision', (db) =>
      db
        .prepare(`SELECT settings_revision, ${VERSION_COLUMNS} FROM deployment`)
        .first<DeploymentRow & { settings_revision: number }>(),
    )
    if (!outcome.ok) return outcome
    if (outcome.value === null) return storageUnavailable()
    const { epoch, revision: latest } = versionRead(outcome.value)
    found({ epoch, revision: latest })
    return done({ epoch, revision: revision(outcome.value.settings_revision) })
  },

  async save(entries, entry) {
    const json = JSON.stringify(entries)
    const outcome = await applyChange(runQuery, 'save settings', entry, {
      statements: [
        fragment('SELECT settings.key FROM settings, due WHERE settings.key IN (SELECT key FROM json_each(?))', json),
        BUMP_SETTINGS_REVISION,
        fragment(
          `INSERT INTO settings (key, value) SELECT one.key, one.value FROM due CROSS JOIN json_each(?) AS one WHERE true
           ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
          json,
        ),
      ],
    })
    if (!outcome.ok) return outcome
    const known = new Set(rowsOf<{ key: string }>(outcome.value?.results[0]).map(({ key }) => key))
    return done(Object.fromEntries(Object.keys(entries).map((key) => [key, known.has(key) ? 'update' : 'insert'])))
  },

  delete: (key, entry) =>
    tryChange(runQuery, 'delete setting', entry, {
      condition: fragment('EXISTS (SELECT 1 FROM settings WHERE key = ?)', key),
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment('DELETE FROM settings WHERE key = ? AND EXISTS (SELECT 1 FROM due)', key),
      ],
    }),
})
