/** Realms. Operations put nobody into a realm that does not exist. */
import type { RealmTable } from '../ports/realms.ts'
import type { RunQuery } from './run-query.ts'
import { BUMP_SETTINGS_REVISION, fragment, type SqlFragment, tryChange, writeChange } from './change.ts'

/** Realms are stored and compared in lower case. */
export const realmKey = (realm: string): string => realm.toLowerCase()

/** Creates the realm if it is new; only then do isolates have to read their snapshot again. */
export const ensureRealm = (realm: string): readonly SqlFragment[] => [
  fragment(`${BUMP_SETTINGS_REVISION.sql} WHERE NOT EXISTS (SELECT 1 FROM realms WHERE name = ?)`, realmKey(realm)),
  fragment('INSERT INTO realms (name) SELECT ? FROM due WHERE true ON CONFLICT (name) DO NOTHING', realmKey(realm)),
]

/** True of a realm that is not the default, has no user and no token, and that no policy names, not even to exclude it. */
const REALM_IS_UNUSED = `realms.name <> (SELECT default_realm FROM deployment)
  AND NOT EXISTS (SELECT 1 FROM users WHERE realm = realms.name)
  AND NOT EXISTS (SELECT 1 FROM tokens WHERE realm = realms.name)
  AND NOT EXISTS (SELECT 1 FROM token_realms WHERE realm = realms.name)
  AND NOT EXISTS (SELECT 1 FROM policies, json_each(policies.body, '$.realm') AS named
                  WHERE lower(ltrim(named.value, '!- ')) = realms.name)`

export const realms = (runQuery: RunQuery): RealmTable => ({
  setDefault: (realm, entry) =>
    writeChange(runQuery, 'set default realm', entry, [
      ...ensureRealm(realm),
      BUMP_SETTINGS_REVISION,
      fragment('UPDATE deployment SET default_realm = ? FROM due', realmKey(realm)),
    ]),

  add: (realm, entry) =>
    writeChange(runQuery, 'add realm', entry, [
      ...ensureRealm(realm),
      fragment('UPDATE realms SET declared = 1 FROM due WHERE name = ?', realmKey(realm)),
    ]),

  delete(realm, entry) {
    const idle = fragment(`EXISTS (SELECT 1 FROM realms WHERE name = ? AND ${REALM_IS_UNUSED})`, realmKey(realm))
    return tryChange(runQuery, 'delete realm', entry, {
      condition: idle,
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment('DELETE FROM realms WHERE name = ? AND EXISTS (SELECT 1 FROM due)', realmKey(realm)),
      ],
    })
  },
})
