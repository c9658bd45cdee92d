/** Realms: made by being named, by a token's owner, a person, or as the default. */
import type { Catalogue } from '../ports/catalogue.ts'
import { done } from '../refusal.ts'
import type { Ask } from './ask.ts'
import type { Part } from './change.ts'
import { part, perform, SETTINGS_FOLLOW } from './change.ts'

/** Realms are compared in lower case, and so kept. */
export const realmKey = (realm: string): string => realm.toLowerCase()

/** The steps that make a realm if there is none: only then do the isolates' snapshots have to follow. */
export const realmSteps = (realm: string): readonly Part[] => [
  part(`${SETTINGS_FOLLOW.sql} WHERE NOT EXISTS (SELECT 1 FROM realms WHERE name = ?)`, realmKey(realm)),
  part('INSERT INTO realms (name) SELECT ? FROM due WHERE true ON CONFLICT (name) DO NOTHING', realmKey(realm)),
]

export const realms = (ask: Ask): Pick<Catalogue, 'setDefaultRealm'> => ({
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
})
