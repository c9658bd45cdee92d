/** What the tables hold of a user, apart from the audit. */
import type { UserData } from '../ports/user-data.ts'
import { present } from '../present.ts'
import { done } from '../refusal.ts'
import { instant, type Owner, type Region, seconds, type Serial } from '../vocabulary.ts'
import type { ImportSource } from '../vocabulary/imports.ts'
import { fragment, type SqlFragment, writeChange } from './change.ts'
import { realmKey } from './realms.ts'
import type { RunQuery } from './run-query.ts'
import { deleteUser, forgetNamedInPolicies } from './users.ts'

const MAX_SERIALS = 100
const PAGE = 300
const LIMIT = seconds(10)

/** SQL of the next users that a table names, behind realm `?1` and login `?2`. */
const ownersIn = (table: string): string =>
  `SELECT * FROM (SELECT DISTINCT realm, login FROM ${table} WHERE login IS NOT NULL AND (realm, login) > (?1, ?2)
   ORDER BY realm, login LIMIT ${PAGE})`

type ImportRow = Readonly<Record<'user_id' | 'resolver' | 'kept', string | null>> & {
  readonly serial: Serial
  readonly source: ImportSource
  readonly imported_at: number
}

/** Forgets whose an imported token was. Its serial stays, so that the token is not imported again. */
const forgetImportedOwner = ({ realm, login }: Owner): SqlFragment =>
  fragment(
    `UPDATE imported_tokens SET realm = NULL, login = NULL, user_id = NULL, resolver = NULL, kept = NULL
     FROM due WHERE realm = ? AND login = ?`,
    realmKey(realm),
    login,
  )

export const userData = (runQuery: RunQuery): UserData => ({
  async serialsOf({ realm, login }) {
    const found = await runQuery('serials of a user', (db) =>
      db
        .prepare(`SELECT serial FROM tokens WHERE realm = ? AND login = ? ORDER BY serial LIMIT ${MAX_SERIALS}`)
        .bind(realmKey(realm), login)
        .all<{ serial: Serial }>(),
    )
    return found.ok ? done(found.value.results.map(({ serial }) => serial)) : found
  },

  async phonesOf({ realm, login }) {
    const found = await runQuery('phones of a user', (db) =>
      db
        .prepare(
          `SELECT serial, home FROM tokens WHERE realm = ? AND login = ? AND phone_key IS NOT NULL
           ORDER BY serial LIMIT ${MAX_SERIALS}`,
        )
        .bind(realmKey(realm), login)
        .all<{ serial: Serial; home: Region | null }>(),
    )
    if (!found.ok) return found
    return done(found.value.results.map(({ serial, home }) => ({ serial, ...present({ home: home ?? undefined }) })))
  },

  async importsOf({ realm, login }) {
    const found = await runQuery('imported tokens of a user', (db) =>
      db
        .prepare(
          `SELECT serial, source, user_id, resolver, imported_at, kept FROM imported_tokens WHERE realm = ? AND login = ?
           ORDER BY serial LIMIT ${MAX_SERIALS}`,
        )
        .bind(realmKey(realm), login)
        .all<ImportRow>(),
    )
    if (!found.ok) return found
    return done(
      found.value.results.map(({ serial, source, user_id: userId, resolver, imported_at: importedAt, kept }) => ({
        serial,
        source,
        userId: userId ?? undefined,
        resolver: resolver ?? undefined,
        importedAt: instant(importedAt),
        kept: JSON.parse(kept ?? '{}') as Readonly<Record<string, string>>,
      })),
    )
  },

  erase: (owner, entry) =>
    writeChange(runQuery, 'erase user', entry, [
      ...deleteUser(owner),
      forgetNamedInPolicies(owner),
      forgetImportedOwner(owner),
    ]),

  async ownersAfter(owner) {
    const key = [owner?.realm ?? '', owner?.login ?? ''] as const
    const found = await runQuery(
      'users by name',
      (db) =>
        db
          .prepare(
            `${['users', 'tokens', 'bypass_codes', 'invitations', 'imported_tokens'].map(ownersIn).join(' UNION ')} ORDER BY realm, login LIMIT ${PAGE}`,
          )
          .bind(...key)
          .all<Owner & Record<string, unknown>>(),
      LIMIT,
    )
    return found.ok ? done(found.value.results.map(({ realm, login }) => ({ realm, login }))) : found
  },
})
