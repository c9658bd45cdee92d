/** Reads the users and tokens a login may be about: the one D1 query of a login. */
import type { SubjectLookup } from '../ports/subjects.ts'
import { done } from '../refusal.ts'
import { revision, seconds } from '../vocabulary.ts'
import { type DeploymentRow, VERSION_COLUMNS, versionRead } from './next-revision.ts'
import { isFromPrimary, rowsOf, type RunQuery, storageUnavailable } from './run-query.ts'
import { realmKey } from './realms.ts'
import { TOKEN_COLUMNS, tokenOf, type TokenRow } from './tokens.ts'
import { personOf, type UserRow } from './users.ts'

// The candidates as a table. The default realm is filled in here, because an isolate's snapshot of it may be old.
const CANDIDATES = `WITH candidates AS (
  SELECT value ->> 'login' AS login, coalesce(value ->> 'realm', (SELECT default_realm FROM deployment)) AS realm
  FROM json_each(?1)
)`

// CROSS JOIN keeps SQLite from scanning the larger table; IN reads the tokens by their key.
const TOKENS = `${CANDIDATES}
SELECT ${TOKEN_COLUMNS} FROM tokens WHERE tokens.serial IN (
  SELECT ?2 UNION ALL
  SELECT owned.serial FROM candidates CROSS JOIN tokens AS owned ON owned.realm = candidates.realm AND owned.login = candidates.login
) ORDER BY tokens.serial`

const PEOPLE = `${CANDIDATES}, owners AS (
  SELECT realm, login FROM candidates UNION SELECT realm, login FROM tokens WHERE serial = ?2
)
SELECT users.realm, users.login, users.given_name, users.surname, users.email
FROM owners CROSS JOIN users ON users.realm = owners.realm AND users.login = owners.login
ORDER BY users.realm, users.login`

/** A replica that takes longer is not waited for: the primary is asked then. */
const NEAREST_LIMIT = seconds(1)

export const subjectLookup = (runQuery: RunQuery): SubjectLookup => ({
  /** One batch, so one round trip for any number of candidates. Tokens are ordered by serial. */
  async find(by) {
    const candidates = JSON.stringify(
      by.candidates.map(({ login, realm }) => ({ login, realm: realm === undefined ? null : realmKey(realm) })),
    )
    const serial = by.serial ?? null
    const found = runQuery.watch.begin()
    const isNearest = by.from === 'nearest'
    const outcome = await runQuery(
      'find',
      (primary) => {
        const db = isNearest ? primary.withSession('first-unconstrained') : primary
        return db.batch([
          db.prepare(`SELECT settings_revision, ${VERSION_COLUMNS} FROM deployment`),
          db.prepare(TOKENS).bind(candidates, serial),
          db.prepare(PEOPLE).bind(candidates, serial),
        ])
      },
      isNearest ? NEAREST_LIMIT : undefined,
    )
    if (!outcome.ok) return outcome
    const [deployed, tokens, people] = outcome.value
    const [row] = rowsOf<DeploymentRow & { settings_revision: number }>(deployed)
    if (row === undefined) return storageUnavailable()
    const version = versionRead(row)
    const isCurrent = !isNearest || outcome.value.every(isFromPrimary)
    // A replica that is behind is no restored database.
    if (isCurrent) found(version)
    return done({
      settings: { epoch: version.epoch, revision: revision(row.settings_revision) },
      isCurrent,
      tokens: rowsOf<TokenRow>(tokens).map((token) => tokenOf(token, version.epoch)),
      people: rowsOf<UserRow>(people).map(personOf),
    })
  },
})
