/** Users: what the directory knows about a token's owner. */
import type { Catalogue } from '../ports/catalogue.ts'
import { done } from '../refusal.ts'
import type { Owner, Person } from '../vocabulary.ts'
import type { Ask } from './ask.ts'
import type { Part } from './change.ts'
import { happens, part, perform, SETTINGS_FOLLOW } from './change.ts'
import { isIdle, realmKey, realmSteps } from './realms.ts'

export interface UserRow {
  readonly realm: string
  readonly login: string
  readonly given_name: string
  readonly surname: string
  readonly email: string
}

export const personOf = (row: UserRow): Person => ({
  login: row.login,
  realm: row.realm,
  givenName: row.given_name,
  surname: row.surname,
  email: row.email,
})

/** The steps after which a token's owner is somebody: realm and user are made if they are not there. */
export const ownerSteps = (owner: Owner | undefined): readonly Part[] =>
  owner === undefined
    ? []
    : [
        ...realmSteps(owner.realm),
        part(
          'INSERT INTO users (realm, login) SELECT ?, ? FROM due WHERE true ON CONFLICT (realm, login) DO NOTHING',
          realmKey(owner.realm),
          owner.login,
        ),
      ]

export const users = (ask: Ask): Pick<Catalogue, 'savePerson' | 'changePerson' | 'deletePerson'> => ({
  async savePerson(person, deed) {
    const outcome = await perform(ask, 'save person', deed, {
      steps: [
        ...realmSteps(person.realm),
        SETTINGS_FOLLOW,
        part(
          `INSERT INTO users (realm, login, given_name, surname, email) SELECT ?, ?, ?, ?, ? FROM due WHERE true
           ON CONFLICT (realm, login) DO UPDATE
           SET given_name = excluded.given_name, surname = excluded.surname, email = excluded.email`,
          realmKey(person.realm),
          person.login,
          person.givenName,
          person.surname,
          person.email,
        ),
      ],
    })
    return outcome.ok ? done(undefined) : outcome
  },

  changePerson(owner, { givenName, surname, email }, deed) {
    const who = [realmKey(owner.realm), owner.login] as const
    return happens(ask, 'change person', deed, {
      when: part('EXISTS (SELECT 1 FROM users WHERE realm = ? AND login = ?)', ...who),
      steps: [
        SETTINGS_FOLLOW,
        part(
          `UPDATE users SET given_name = coalesce(?, given_name), surname = coalesce(?, surname), email = coalesce(?, email)
           FROM due WHERE realm = ? AND login = ?`,
          givenName ?? null,
          surname ?? null,
          email ?? null,
          ...who,
        ),
      ],
    })
  },

  deletePerson(owner, deed) {
    const who = [realmKey(owner.realm), owner.login] as const
    return happens(ask, 'delete person', deed, {
      when: part('EXISTS (SELECT 1 FROM users WHERE realm = ? AND login = ?)', ...who),
      steps: [
        SETTINGS_FOLLOW,
        part('DELETE FROM users WHERE realm = ? AND login = ? AND EXISTS (SELECT 1 FROM due)', ...who),
        // Whoever gets the name next must not find a way in that was left for somebody else.
        part('DELETE FROM bypass_codes WHERE realm = ? AND login = ? AND EXISTS (SELECT 1 FROM due)', ...who),
        // A realm is there because somebody is in it: with the last one it goes, unless an administrator made or named it.
        part(
          `DELETE FROM realms WHERE name = ? AND EXISTS (SELECT 1 FROM due) AND declared = 0 AND ${isIdle}`,
          realmKey(owner.realm),
        ),
      ],
    })
  },
})
