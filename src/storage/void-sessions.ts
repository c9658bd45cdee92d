/** API tokens that were logged out before they expired. */
import type { VoidSessionTable } from '../ports/void-sessions.ts'
import { BUMP_SETTINGS_REVISION, fragment, writeChange } from './change.ts'
import type { RunQuery } from './run-query.ts'

export const VOID_SESSIONS = 'SELECT id FROM void_sessions'

export const voidSessions = (runQuery: RunQuery): VoidSessionTable => ({
  add: ({ id, expiresAt }, entry) =>
    writeChange(runQuery, 'log out', entry, [
      BUMP_SETTINGS_REVISION,
      // Expired API tokens are refused without the table.
      fragment('DELETE FROM void_sessions WHERE valid_until <= ? AND EXISTS (SELECT 1 FROM due)', entry.at),
      fragment(
        'INSERT INTO void_sessions (id, valid_until) SELECT ?, ? FROM due WHERE true ON CONFLICT (id) DO NOTHING',
        id,
        expiresAt,
      ),
    ]),
})
