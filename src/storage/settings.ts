/** Settings: the deployment's own values, by privacyIDEA's names. */
import type { Catalogue } from '../ports/catalogue.ts'
import { done } from '../refusal.ts'
import type { Ask } from './ask.ts'
import { rowsOf } from './ask.ts'
import { happens, part, perform, SETTINGS_FOLLOW } from './change.ts'

export const settings = (ask: Ask): Pick<Catalogue, 'saveSettings' | 'deleteSetting'> => ({
  async saveSettings(entries, deed) {
    const json = JSON.stringify(entries)
    const outcome = await perform(ask, 'save settings', deed, {
      steps: [
        part('SELECT settings.key FROM settings, due WHERE settings.key IN (SELECT key FROM json_each(?))', json),
        SETTINGS_FOLLOW,
        part(
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

  deleteSetting: (key, deed) =>
    happens(ask, 'delete setting', deed, {
      when: part('EXISTS (SELECT 1 FROM settings WHERE key = ?)', key),
      steps: [SETTINGS_FOLLOW, part('DELETE FROM settings WHERE key = ? AND EXISTS (SELECT 1 FROM due)', key)],
    }),
})
