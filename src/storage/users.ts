/** Users. `user-list.ts` lists them. */
import type { UserTable } from '../ports/users.ts'
import type { Owner, Person } from '../vocabulary.ts'
import type { RunQuery } from './run-query.ts'
import type { SqlFragment } from './change.ts'
import { BUMP_SETTINGS_REVISION, fragment, tryChange, writeChange } from './change.ts'
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

/** Creates the owner's realm and user if they are new. */
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
  save: (person, entry) =>
    writeChange(runQuery, 'save person', entry, [
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
    ]),

  change(owner, { givenName, surname, email }, entry) {
    const userKey = [realmKey(owner.realm), owner.login] as const
    return tryChange(runQuery, 'change person', entry, {
      condition: fragment('EXISTS (SELECT 1 FROM users WHERE realm = ? AND login = ?)', ...userKey),
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment(
          `UPDATE users SET given_name = coalesce(?, given_name), surname = coalesce(?, surname), email = coalesce(?, email)
           FROM due WHERE realm = ? AND login = ?`,
          givenName ?? null,
          surname ?? null,
          email ?? null,
          ...userKey,
        ),
      ],
    })
  },

  delete(owner, entry) {
    const userKey = [realmKey(owner.realm), owner.login] as const
    return tryChange(runQuery, 'delete person', entry, {
      condition: fragment('EXISTS (SELECT 1 FROM users WHERE realm = ? AND login = ?)', ...userKey),
      statements: [
        BUMP_SETTINGS_REVISION,
        fragment('DELETE FROM users WHERE realm = ? AND login = ? AND EXISTS (SELECT 1 FROM due)', ...userKey),
        // The next user with this login must not get in by a code issued to another.
        fragment('DELETE FROM bypass_codes WHERE realm = ? AND login = ? AND EXISTS (SELECT 1 FROM due)', ...userKey),
        // A realm exists because somebody is in it: it goes with its last user, unless it was declared or is still used.
        fragment(
          `DELETE FROM realms WHERE name = ? AND EXISTS (SELECT 1 FROM due) AND declared = 0 AND ${REALM_IS_UNUSED}`,
          realmKey(owner.realm),
        ),
      ],
    })
  },
})
