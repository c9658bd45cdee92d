/** How a rotation of the master key is written down. */
import type { MasterKeyTable } from '../ports/master-keys.ts'
import { BUMP_SETTINGS_REVISION, fragment, tryChange } from './change.ts'
import type { RunQuery } from './run-query.ts'

export const masterKeyChanges = (
  runQuery: RunQuery,
): Pick<MasterKeyTable, 'makeCurrent' | 'markUnused' | 'markCompromised'> => ({
  makeCurrent: ({ from, to, seenBy }, entry) =>
    tryChange(runQuery, 'change master key', entry, {
      condition: fragment(
        `EXISTS (SELECT 1 FROM deployment AS d WHERE d.master_key = ?)
         AND EXISTS (SELECT 1 FROM master_keys WHERE id = ? AND unused_since IS NULL AND compromised_at IS NULL
           AND (current_since IS NOT NULL OR first_seen <= ?))`,
        from,
        to,
        seenBy,
      ),
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment('UPDATE deployment SET master_key = ? FROM due', to),
        fragment('UPDATE master_keys SET current_since = ? FROM due WHERE id = ?', entry.at, to),
      ],
    }),

  markUnused: (current, entry) =>
    tryChange(runQuery, 'master key unused', entry, {
      condition: fragment(
        `EXISTS (SELECT 1 FROM deployment AS d WHERE d.master_key = ?) AND EXISTS (SELECT 1 FROM master_keys
         WHERE id <> ? AND current_since IS NOT NULL AND unused_since IS NULL)`,
        current,
        current,
      ),
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment(
          'UPDATE master_keys SET unused_since = ? FROM due WHERE id <> ? AND current_since IS NOT NULL AND unused_since IS NULL',
          entry.at,
          current,
        ),
      ],
    }),

  markCompromised: (except, entry) =>
    tryChange(runQuery, 'master key compromised', entry, {
      condition: fragment(
        'EXISTS (SELECT 1 FROM master_keys WHERE id <> ? AND current_since IS NOT NULL AND compromised_at IS NULL)',
        except,
      ),
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment(
          'UPDATE master_keys SET compromised_at = ? FROM due WHERE id <> ? AND current_since IS NOT NULL AND compromised_at IS NULL',
          entry.at,
          except,
        ),
      ],
    }),
})
