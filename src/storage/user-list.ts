/** Lists users. `users.ts` writes them. */

import type { UserTable } from '../ports/users.ts'
import { done, refuse } from '../refusal.ts'
import type { PersonField } from '../vocabulary.ts'
import type { RunQuery } from './run-query.ts'
import { fragment } from './change.ts'
import { globPattern, likePattern } from './like.ts'
import type { UserRow } from './users.ts'
import { personOf } from './users.ts'

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

type Row = UserRow & { readonly email: string }

function condition(text: PersonField, pattern: string) {
  if (!pattern.includes('*')) return fragment(`${COLUMNS[text]} = ?`, pattern)
  const like = text === 'login' ? globPattern(pattern) : likePattern(pattern)
  if (like === undefined) return undefined
  return fragment(text === 'login' ? 'login GLOB ?' : String.raw`${COLUMNS[text]} LIKE ? ESCAPE '\'`, like)
}

export const userList = (runQuery: RunQuery): Pick<UserTable, 'list'> => ({
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
        .all<Row>(),
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
      if (more.value !== null) return refuse({ reason: 'too_many_to_search', what: 'users', most: SCAN_LIMIT })
    }
    return done(rows.map((row) => ({ ...personOf(row), email: row.email })))
  },
})
