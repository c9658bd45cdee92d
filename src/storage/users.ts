/** Users: who tokens and administrators have named, and the list of them. */
import type { UserTable } from '../ports/users.ts'
import { done, refuse } from '../refusal.ts'
import { ADMINISTRATOR_REALM, type Owner, type Person, type PersonField } from '../vocabulary.ts'
import type { RunQuery } from './run-query.ts'
import { BUMP_SETTINGS_REVISION, fragment, type SqlFragment, tryChange, writeChange } from './change.ts'
import { globPattern, likePattern } from './like.ts'
import { realmKey, ensureRealm } from './realms.ts'

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

/** Creates the owner's user if new; and the realm, if it was deleted since the request was checked. An administrator is no user. */
export const ensureOwner = (owner: Owner | undefined): readonly SqlFragment[] =>
  owner === undefined || owner.realm === ADMINISTRATOR_REALM
    ? []
    : [
        ...ensureRealm(owner.realm),
        fragment(
          'INSERT INTO users (realm, login) SELECT ?, ? FROM due WHERE true ON CONFLICT (realm, login) DO NOTHING',
          realmKey(owner.realm),
          owner.login,
        ),
      ]

/** Deletes the user, if there is one, their bypass code and their invitations. */
export const deleteUser = ({ realm, login }: Owner): readonly SqlFragment[] => {
  const userKey = [realmKey(realm), login] as const
  return [
    BUMP_SETTINGS_REVISION,
    fragment('DELETE FROM users WHERE realm = ? AND login = ? AND EXISTS (SELECT 1 FROM due)', ...userKey),
    // The next user with this login must not get in by a code issued to another.
    fragment('DELETE FROM bypass_codes WHERE realm = ? AND login = ? AND EXISTS (SELECT 1 FROM due)', ...userKey),
    fragment('DELETE FROM invitations WHERE realm = ? AND login = ? AND EXISTS (SELECT 1 FROM due)', ...userKey),
  ]
}

/** Forgets what policies were while they named this login. What a policy is stays, for whoever erases the user to change: one that loses
 *  its last name would apply to everybody. */
export const forgetNamedInPolicies = ({ login }: Pick<Owner, 'login'>): SqlFragment =>
  fragment(
    `DELETE FROM policy_history WHERE EXISTS (SELECT 1 FROM due) AND EXISTS (SELECT 1 FROM json_each(policy_history.body, '$.user')
       WHERE ltrim(value, '!- ') = ?)`,
    login,
  )

export const users = (runQuery: RunQuery): UserTable => ({
  ...userList(runQuery),

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

  delete: (owner, entry) =>
    tryChange(runQuery, 'delete person', entry, {
      condition: fragment(
        'EXISTS (SELECT 1 FROM users WHERE realm = ? AND login = ?)',
        realmKey(owner.realm),
        owner.login,
      ),
      statements: deleteUser(owner),
    }),
})

/** Users a search may read, those before its page included. */
const SCAN_LIMIT = 50_000
/** Sorts after every text. */
const END = '\u{10FFFF}'

const COLUMNS: Readonly<Record<PersonField, string>> = {
  login: 'login',
  givenName: 'given_name',
  surname: 'surname',
  email: 'email',
}

function condition(text: PersonField, pattern: string) {
  if (!pattern.includes('*')) return fragment(`${COLUMNS[text]} = ?`, pattern)
  const like = text === 'login' ? globPattern(pattern) : likePattern(pattern)
  if (like === undefined) return undefined
  return fragment(text === 'login' ? 'login GLOB ?' : String.raw`${COLUMNS[text]} LIKE ? ESCAPE '\'`, like)
}

const userList = (runQuery: RunQuery): Pick<UserTable, 'list'> => ({
  async list({ realms, texts, offset, limit }) {
    // The beginning of a login is found by the key; everything else is searched.
    const beginnings = texts.flatMap(({ text, pattern }) => (text === 'login' ? [pattern.split('*')[0] ?? ''] : []))
    const indexed = fragment(
      ['realm IN (SELECT value FROM json_each(?))', ...beginnings.map(() => 'login >= ? AND login < ?')].join(' AND '),
      JSON.stringify(realms),
      ...beginnings.flatMap((beginning) => [beginning, `${beginning}${END}`]),
    )
    const conditions = texts.map(({ text, pattern }) => condition(text, pattern))
    const known = conditions.filter((one) => one !== undefined)
    if (known.length < conditions.length)
      return refuse({ reason: 'parameter_invalid', name: '*', why: 'too long for a pattern' })
    const where = known.map(({ sql }) => sql).join(' AND ') || 'true'
    const scanned = `FROM users WHERE ${indexed.sql} ORDER BY realm, login LIMIT ${SCAN_LIMIT}`
    const outcome = await runQuery('list people', (db) =>
      db
        .prepare(
          `SELECT realm, login, given_name, surname, email FROM (SELECT realm, login, given_name, surname, email ${scanned})
           WHERE ${where} LIMIT ? OFFSET ?`,
        )
        .bind(...indexed.values, ...known.flatMap(({ values }) => values), limit, offset)
        .all<UserRow>(),
    )
    if (!outcome.ok) return outcome
    const rows = outcome.value.results
    if (rows.length < limit) {
      // A page that is not full is the last one only if all users were read.
      const more = await runQuery('search people', (db) =>
        db
          .prepare(`SELECT 1 AS more FROM users WHERE ${indexed.sql} LIMIT 1 OFFSET ${SCAN_LIMIT}`)
          .bind(...indexed.values)
          .first<{ more: number }>(),
      )
      if (!more.ok) return more
      if (more.value !== null) return refuse({ reason: 'too_many_to_search', items: 'users', most: SCAN_LIMIT })
    }
    return done(rows.map(personOf))
  },
})
