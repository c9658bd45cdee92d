/** Whom a login is for: the one read of D1 that a login needs. */
import type { SubjectLookup } from '../ports/subjects.ts'
import { done } from '../refusal.ts'
import { revision } from '../vocabulary.ts'
import type { RunQuery } from './run-query.ts'
import { rowsOf, storageUnavailable } from './run-query.ts'
import { realmKey } from './realms.ts'
import type { TokenRow } from './tokens.ts'
import { TOKEN_COLUMNS, tokenOf } from './tokens.ts'
import type { UserRow } from './users.ts'
import { personOf } from './users.ts'

// The candidates as a table, the default realm filled in here, since only D1 knows it for certain.
const ASKED = `WITH asked AS (
  SELECT value ->> 'login' AS login, coalesce(value ->> 'realm', (SELECT default_realm FROM deployment)) AS realm
  FROM json_each(?1)
)`

// CROSS JOIN keeps SQLite from walking the larger table; IN reads the tokens by their key.
const TOKENS = `${ASKED}
SELECT ${TOKEN_COLUMNS} FROM tokens WHERE tokens.serial IN (
  SELECT ?2 UNION ALL
  SELECT owned.serial FROM asked CROSS JOIN tokens AS owned ON owned.realm = asked.realm AND owned.login = asked.login
) ORDER BY tokens.serial`

const PEOPLE = `${ASKED}, owners AS (
  SELECT realm, login FROM asked UNION SELECT realm, login FROM tokens WHERE serial = ?2
)
SELECT users.realm, users.login, users.given_name, users.surname, users.email
FROM owners CROSS JOIN users ON users.realm = owners.realm AND users.login = owners.login
ORDER BY users.realm, users.login`

interface DeploymentRow {
  readonly settings_revision: number
  readonly default_realm: string
}

export const subjectLookup = (runQuery: RunQuery): SubjectLookup => ({
  /** One batch, so one round trip, however many ways the caller's user can be read. Tokens are ordered by serial. */
  async find(by) {
    const candidates = JSON.stringify(
      by.candidates.map(({ login, realm }) => ({ login, realm: realm === undefined ? null : realmKey(realm) })),
    )
    const serial = by.serial ?? null
    const outcome = await runQuery('find', (db) =>
      db.batch([
        db.prepare('SELECT settings_revision, default_realm FROM deployment'),
        db.prepare(TOKENS).bind(candidates, serial),
        db.prepare(PEOPLE).bind(candidates, serial),
      ]),
    )
    if (!outcome.ok) return outcome
    const [deployed, tokens, people] = outcome.value
    const [row] = rowsOf<DeploymentRow>(deployed)
    if (row === undefined) return storageUnavailable()
    return done({
      settingsRevision: revision(row.settings_revision),
      defaultRealm: row.default_realm,
      tokens: rowsOf<TokenRow>(tokens).map(tokenOf),
      people: rowsOf<UserRow>(people).map(personOf),
    })
  },
})
