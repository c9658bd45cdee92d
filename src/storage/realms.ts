/** Realms: made by being named, by a token's owner, a person, or as the default. */
import type { Catalogue } from '../ports/catalogue.ts'
import { done } from '../refusal.ts'
import type { Ask } from './ask.ts'
import type { Part } from './change.ts'
import { happens, part, perform, SETTINGS_FOLLOW } from './change.ts'

/** Realms are compared in lower case, and so kept. */
export const realmKey = (realm: string): string => realm.toLowerCase()

/** The steps that make a realm if there is none: only then do the isolates' snapshots have to follow. */
export const realmSteps = (realm: string): readonly Part[] => [
  part(`${SETTINGS_FOLLOW.sql} WHERE NOT EXISTS (SELECT 1 FROM realms WHERE name = ?)`, realmKey(realm)),
  part('INSERT INTO realms (name) SELECT ? FROM due WHERE true ON CONFLICT (name) DO NOTHING', realmKey(realm)),
]

/** Nothing keeps the realm: nobody and no token is in it, no user is read as being in it, and no policy names it, be it to
 *  leave it out. */
export const isIdle = `realms.name <> (SELECT default_realm FROM deployment)
  AND NOT EXISTS (SELECT 1 FROM users WHERE realm = realms.name)
  AND NOT EXISTS (SELECT 1 FROM tokens WHERE realm = realms.name)
  AND NOT EXISTS (SELECT 1 FROM token_realms WHERE realm = realms.name)
  AND NOT EXISTS (SELECT 1 FROM policies, json_each(policies.body, '$.realm') AS named
                  WHERE lower(ltrim(named.value, '!- ')) = realms.name)`

export const realms = (ask: Ask): Pick<Catalogue, 'setDefaultRealm' | 'addRealm' | 'deleteRealm'> => ({
  async setDefaultRealm(realm, deed) {
    const outcome = await perform(ask, 'set default realm', deed, {
      steps: [
        ...realmSteps(realm),
        SETTINGS_FOLLOW,
        part('UPDATE deployment SET default_realm = ? FROM due', realmKey(realm)),
      ],
    })
    return outcome.ok ? done(undefined) : outcome
  },

  async addRealm(realm, deed) {
    const outcome = await perform(ask, 'add realm', deed, {
      steps: [...realmSteps(realm), part('UPDATE realms SET declared = 1 FROM due WHERE name = ?', realmKey(realm))],
    })
    return outcome.ok ? done(undefined) : outcome
  },

  deleteRealm(realm, deed) {
    const idle = part(`EXISTS (SELECT 1 FROM realms WHERE name = ? AND ${isIdle})`, realmKey(realm))
    return happens(ask, 'delete realm', deed, {
      when: idle,
      steps: [
        SETTINGS_FOLLOW,
        part('DELETE FROM realms WHERE name = ? AND EXISTS (SELECT 1 FROM due)', realmKey(realm)),
      ],
    })
  },
})
