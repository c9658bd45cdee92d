/** Users: what the directory knows about a token's owner. */
import type { UserTable } from '../ports/users.ts'
import { done } from '../refusal.ts'
import type { Owner, Person } from '../vocabulary.ts'
import type { RunQuery } from './run-query.ts'
import type { SqlFragment } from './change.ts'
import { tryChange, fragment, applyChange, BUMP_SETTINGS_REVISION } from './change.ts'
import { REALM_IS_UNUSED, realmKey, ensureRealm } from './realms.ts'

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
export const ensureOwner = (owner: Owner | undefined): readonly SqlFragment[] =>
  owner === undefined
    ? []
    : [
        ...ensureRealm(owner.realm),
        fragment(
          'INSERT INTO users (realm, login) SELECT ?, ? FROM due WHERE true ON CONFLICT (realm, login) DO NOTHING',
          realmKey(owner.realm),
          owner.login,
        ),
      ]

export const users = (runQuery: RunQuery): Omit<UserTable, 'list'> => ({
  async save(person, entry) {
    const outcome = await applyChange(runQuery, 'save person', entry, {
      statements: [
        ...ensureRealm(person.realm),
        BUMP_SETTINGS_REVISION,
        fragment(
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

  change(owner, { givenName, surname, email }, entry) {
    const who = [realmKey(owner.realm), owner.login] as const
    return tryChange(runQuery, 'change person', entry, {
      condition: fragment('EXISTS (SELECT 1 FROM users WHERE realm = ? AND login = ?)', ...who),
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment(
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

  delete(owner, entry) {
    const who = [realmKey(owner.realm), owner.login] as const
    return tryChange(runQuery, 'delete person', entry, {
      condition: fragment('EXISTS (SELECT 1 FROM users WHERE realm = ? AND login = ?)', ...who),
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment('DELETE FROM users WHERE realm = ? AND login = ? AND EXISTS (SELECT 1 FROM due)', ...who),
        // Whoever gets the name next must not find a way in that was left for somebody else.
        fragment('DELETE FROM bypass_codes WHERE realm = ? AND login = ? AND EXISTS (SELECT 1 FROM due)', ...who),
        // A realm is there because somebody is in it: with the last one it goes, unless an administrator made or named it.
        fragment(
          `DELETE FROM realms WHERE name = ? AND EXISTS (SELECT 1 FROM due) AND declared = 0 AND ${REALM_IS_UNUSED}`,
          realmKey(owner.realm),
        ),
      ],
    })
  },
})
