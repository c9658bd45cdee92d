/** Realms: made by being named, by a token's owner, a person, or as the default. */
import type { RealmTable } from '../ports/realms.ts'
import { done } from '../refusal.ts'
import type { RunQuery } from './run-query.ts'
import type { SqlFragment } from './change.ts'
import { tryChange, fragment, applyChange, BUMP_SETTINGS_REVISION } from './change.ts'

/** Realms are compared in lower case, and so kept. */
export const realmKey = (realm: string): string => realm.toLowerCase()

/** The steps that make a realm if there is none: only then do the isolates' snapshots have to follow. */
export const ensureRealm = (realm: string): readonly SqlFragment[] => [
  fragment(`${BUMP_SETTINGS_REVISION.sql} WHERE NOT EXISTS (SELECT 1 FROM realms WHERE name = ?)`, realmKey(realm)),
  fragment('INSERT INTO realms (name) SELECT ? FROM due WHERE true ON CONFLICT (name) DO NOTHING', realmKey(realm)),
]

/** Nothing keeps the realm: nobody and no token is in it, no user is read as being in it, and no policy names it, be it to
 *  leave it out. */
export const REALM_IS_UNUSED = `realms.name <> (SELECT default_realm FROM deployment)
  AND NOT EXISTS (SELECT 1 FROM users WHERE realm = realms.name)
  AND NOT EXISTS (SELECT 1 FROM tokens WHERE realm = realms.name)
  AND NOT EXISTS (SELECT 1 FROM token_realms WHERE realm = realms.name)
  AND NOT EXISTS (SELECT 1 FROM policies, json_each(policies.body, '$.realm') AS named
                  WHERE lower(ltrim(named.value, '!- ')) = realms.name)`

export const realms = (runQuery: RunQuery): RealmTable => ({
  async setDefault(realm, entry) {
    const outcome = await applyChange(runQuery, 'set default realm', entry, {
      statements: [
        ...ensureRealm(realm),
        BUMP_SETTINGS_REVISION,
        fragment('UPDATE deployment SET default_realm = ? FROM due', realmKey(realm)),
      ],
    })
    return outcome.ok ? done(undefined) : outcome
  },

  async add(realm, entry) {
    const outcome = await applyChange(runQuery, 'add realm', entry, {
      statements: [
        ...ensureRealm(realm),
        fragment('UPDATE realms SET declared = 1 FROM due WHERE name = ?', realmKey(realm)),
      ],
    })
    return outcome.ok ? done(undefined) : outcome
  },

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
