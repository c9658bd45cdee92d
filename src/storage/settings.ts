/** Settings: the deployment's own values, by privacyIDEA's names. */
import type { Catalogue } from '../ports/catalogue.ts'
import { done } from '../refusal.ts'
import type { Ask } from './ask.ts'
import { rowsOf } from './ask.ts'
import { happens, part, perform, SETTINGS_FOLLOW } from './change.ts'

export const settings = (ask: Ask): Pick<Catalogue, 'saveSetting' | 'deleteSetting'> => ({
  async saveSetting(key, value, deed) {
    const outcome = await perform(ask, 'save setting', deed, {
      steps: [
        part('SELECT settings.key FROM settings, due WHERE settings.key = ?', key),
        SETTINGS_FOLLOW,
        part(
          `INSERT INTO settings (key, value) SELECT ?, ? FROM due WHERE true
           ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
          key,
          value,
        ),
      ],
    })
    if (!outcome.ok) return outcome
    return done(rowsOf(outcome.value?.results[0]).length > 0 ? 'update' : 'insert')
  },

  deleteSetting: (key, deed) =>
    happens(ask, 'delete setting', deed, {
      when: part('EXISTS (SELECT 1 FROM settings WHERE key = ?)', key),
      steps: [SETTINGS_FOLLOW, part('DELETE FROM settings WHERE key = ? AND EXISTS (SELECT 1 FROM due)', key)],
    }),
})
