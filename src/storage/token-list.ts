/** The list of tokens: narrowed by what is counted, searched where that is not enough. */

import type { TokenTable } from '../ports/tokens.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import type { TokenFilter, TokenOrder, TokenField } from '../vocabulary/tokens.ts'
import type { RunQuery } from './run-query.ts'
import type { SqlFragment, Value } from './change.ts'
import { fragment } from './change.ts'
import { globPattern, likePattern } from './like.ts'
import { isCountable, kindAndRealmCondition, rankOf, serialsAt, spanOf } from './token-pages.ts'
import type { TokenRow } from './tokens.ts'
import { TOKEN_COLUMNS, tokenOf } from './tokens.ts'

/** Tokens that a search looks at: of more, it answers nothing rather than something for so much reading. */
const LOOKED_AT = 50_000

const stamp = (column: string): string => `strftime('%Y-%m-%dT%H:%M:%S+00:00', ${column} / 1000, 'unixepoch')`

const stampOfMinute = (column: string): string => `strftime('%Y-%m-%dT%H:%M+0000', ${column} / 1000, 'unixepoch')`

/** As `protocol/token-item.ts` spells them. */
const TEXTS: Readonly<Record<TokenField, string>> = {
  serial: 'serial',
  description: 'description',
  tokenkind: `'software'`,
  push_firebase_configuration: `iif(type = 'push', firebase, NULL)`,
  edupush_firebase_configuration: `iif(type = 'edupush', firebase, NULL)`,
  creation_date: stamp('created_at'),
  assignment_date: stamp('assigned_at'),
  public_key_smartphone: 'phone_key',
  polling_allowed: `CASE polling_allowed WHEN 1 THEN 'True' WHEN 0 THEN 'False' END`,
  count_auth: `nullif(failures + successes, 0) || ''`,
  count_auth_success: `nullif(successes, 0) || ''`,
  count_auth_max: `max_uses || ''`,
  count_auth_success_max: `max_successes || ''`,
  last_auth: `strftime('%Y-%m-%d %H:%M:%f000+0000', last_use / 1000.0, 'unixepoch')`,
  validity_period_start: stampOfMinute('valid_from'),
  validity_period_end: stampOfMinute('valid_until'),
}

const COLUMNS: Readonly<Record<TokenOrder['by'], string>> = {
  serial: 'serial',
  type: 'type',
  description: 'description',
  state: 'state',
  active: 'active',
  revoked: 'revoked',
  attempts: 'attempts',
  maxAttempts: 'max_attempts',
}

/** What an index finds: the rest is looked through. */
function found(filter: TokenFilter): SqlFragment {
  const { serials, login, beginning } = filter
  const own = kindAndRealmCondition(filter)
  const conditions: string[] = []
  const values: Value[] = []
  if (serials !== undefined) {
    conditions.push('serial IN (SELECT value FROM json_each(?))')
    values.push(JSON.stringify(serials))
  }
  if (login !== undefined) {
    conditions.push('login = ?')
    values.push(login)
  }
  if (beginning !== undefined) {
    conditions.push('serial >= ? AND serial < ?')
    values.push(...spanOf(filter))
  }
  // Serials and owners are found by their own indexes: the plus keeps SQLite from choosing that of kinds.
  const few = serials !== undefined || login !== undefined
  return fragment(
    [...conditions, few ? own.sql.replace('kind IN', '+kind IN') : own.sql].join(' AND '),
    ...values,
    ...own.values,
  )
}

/** The search for the texts a filter names; undefined where D1 does not take a pattern. */
function search({ texts = [] }: TokenFilter): SqlFragment | undefined {
  const parts = texts.map(reads)
  const known = parts.filter((one) => one !== undefined)
  if (known.length < parts.length) return undefined
  return fragment(
    known.map(({ sql }) => `coalesce(${sql}, 0)`).join(' AND ') || 'true',
    ...known.flatMap(({ values }) => values),
  )
}

function reads({ text, note, pattern }: NonNullable<TokenFilter['texts']>[number]): SqlFragment | undefined {
  const isWhole = !pattern.includes('*')
  // Of serials upper and lower case differ, wherever the star stands.
  const isSerial = text === 'serial'
  const like = isWhole ? pattern : isSerial ? globPattern(pattern) : likePattern(pattern)
  if (like === undefined) return undefined
  const compared = isWhole ? '= ?' : isSerial ? 'GLOB ?' : String.raw`LIKE ? ESCAPE '\'`
  return text === undefined
    ? fragment(
        `(SELECT value FROM token_info WHERE token_info.serial = one.serial AND key = ?) ${compared}`,
        note,
        like,
      )
    : fragment(`${TEXTS[text]} ${compared}`, like)
}

type Page = { readonly offset: number; readonly limit: number }

/** By serial, of what is counted: whatever comes before the page is not read. */
async function tallied(runQuery: RunQuery, filter: TokenFilter, ascending: boolean, { offset, limit }: Page) {
  const [from, below] = spanOf(filter)
  const [first, beyond] = [rankOf(filter, from), rankOf(filter, below)]
  const ranks = await runQuery('count tokens', (db) =>
    db
      .prepare(`SELECT ${first.sql} AS first, ${beyond.sql} AS beyond`)
      .bind(...first.values, ...beyond.values)
      .first<{ first: number; beyond: number }>(),
  )
  if (!ranks.ok) return ranks
  const { first: start = 0, beyond: end = 0 } = ranks.value ?? {}
  const count = end - start
  const size = Math.min(limit, count - offset)
  if (size <= 0) return done({ tokens: [], count })
  const serials = serialsAt(filter, ascending ? start + offset : end - offset - size, size)
  return rows(runQuery, serials, count, `serial ${ascending ? 'ASC' : 'DESC'}`)
}

/** Whatever the filter and the order, of so many tokens as can be looked at. Refuses: `too_many_to_search`. */
async function searched(runQuery: RunQuery, filter: TokenFilter, order: TokenOrder, { offset, limit }: Page) {
  const texts = search(filter)
  if (texts === undefined) return refuse({ reason: 'parameter_invalid', name: '*', why: 'too long for a pattern' })
  const some = found(filter)
  const among = `(SELECT * FROM tokens WHERE ${some.sql} LIMIT ${LOOKED_AT + 1}) AS one`
  const counted = await runQuery('search tokens', (db) =>
    db
      .prepare(`SELECT count(*) AS looked, total(${texts.sql}) AS count FROM ${among}`)
      .bind(...texts.values, ...some.values)
      .first<{ looked: number; count: number }>(),
  )
  if (!counted.ok) return counted
  const { looked = 0, count = 0 } = counted.value ?? {}
  if (looked > LOOKED_AT) return refuse({ reason: 'too_many_to_search', what: 'tokens', most: LOOKED_AT })
  if (offset >= count) return done({ tokens: [], count })
  const way = order.ascending ? 'ASC' : 'DESC'
  const sorted = `${COLUMNS[order.by]} ${way}, serial ${way}`
  const serials = fragment(
    `SELECT serial FROM ${among} WHERE ${texts.sql} ORDER BY ${sorted} LIMIT ? OFFSET ?`,
    ...some.values,
    ...texts.values,
    limit,
    offset,
  )
  return rows(runQuery, serials, count, sorted)
}

async function rows(runQuery: RunQuery, serials: SqlFragment, count: number, sorted: string): Promise<Outcome<Listed>> {
  const outcome = await runQuery('list tokens', (db) =>
    db
      .prepare(`SELECT ${TOKEN_COLUMNS} FROM tokens WHERE tokens.serial IN (${serials.sql}) ORDER BY ${sorted}`)
      .bind(...serials.values)
      .all<TokenRow>(),
  )
  return outcome.ok ? done({ tokens: outcome.value.results.map(tokenOf), count }) : outcome
}

type Listed = { readonly tokens: readonly ReturnType<typeof tokenOf>[]; readonly count: number }

export const tokenList = (runQuery: RunQuery): Pick<TokenTable, 'list'> => ({
  list: ({ filter, order, ...page }) =>
    order.by === 'serial' && isCountable(filter)
      ? tallied(runQuery, filter, order.ascending, page)
      : searched(runQuery, filter, order, page),
})
