/** Lists tokens: by the tallies where they suffice, by a search otherwise. */
import type { TokenTable } from '../ports/tokens.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import type { TokenFilter, TokenOrder, TokenField } from '../vocabulary/tokens.ts'
import type { RunQuery } from './run-query.ts'
import { fragment, type SqlFragment, type Value } from './change.ts'
import { globPattern, likePattern } from './like.ts'
import { isCountable, kindAndRealmCondition, rankOf, serialsAt, spanOf } from './token-pages.ts'
import { TOKEN_COLUMNS, tokenOf, type TokenRow } from './tokens.ts'

/** Tokens a search may read. With more it refuses, because an incomplete answer would not say that it is one. */
const SCAN_LIMIT = 50_000

const toTimestamp = (column: string): string => `strftime('%Y-%m-%dT%H:%M:%S+00:00', ${column} / 1000, 'unixepoch')`

const toMinute = (column: string): string => `strftime('%Y-%m-%dT%H:%M+0000', ${column} / 1000, 'unixepoch')`

/** Written as in `protocol/token/token-item.ts`. */
const TEXTS: Readonly<Record<TokenField, string>> = {
  serial: 'serial',
  description: 'description',
  tokenkind: `'software'`,
  push_firebase_configuration: `iif(type = 'push', firebase, NULL)`,
  edupush_firebase_configuration: `iif(type = 'edupush', firebase, NULL)`,
  creation_date: toTimestamp('created_at'),
  assignment_date: toTimestamp('assigned_at'),
  public_key_smartphone: 'phone_key',
  polling_allowed: `CASE polling_allowed WHEN 1 THEN 'True' WHEN 0 THEN 'False' END`,
  count_auth: `nullif(failures + successes, 0) || ''`,
  count_auth_success: `nullif(successes, 0) || ''`,
  count_auth_max: `max_uses || ''`,
  count_auth_success_max: `max_successes || ''`,
  last_auth: `strftime('%Y-%m-%d %H:%M:%f000+0000', last_use / 1000.0, 'unixepoch')`,
  validity_period_start: toMinute('valid_from'),
  validity_period_end: toMinute('valid_until'),
}

const COLUMNS: Readonly<Record<TokenOrder['field'], string>> = {
  serial: 'serial',
  type: 'type',
  description: 'description',
  state: 'state',
  active: 'active',
  revoked: 'revoked',
  attempts: 'attempts',
  maxAttempts: 'max_attempts',
}

/** The part of the filter that an index answers. */
function indexCondition(filter: TokenFilter): SqlFragment {
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
  // Serials and owners have their own indexes: the plus keeps SQLite from using the one on kinds.
  const few = serials !== undefined || login !== undefined
  return fragment(
    [...conditions, few ? own.sql.replace('kind IN', '+kind IN') : own.sql].join(' AND '),
    ...values,
    ...own.values,
  )
}

/** The part of the filter that is searched for; undefined when D1 does not take a pattern. */
function searchCondition({ texts = [] }: TokenFilter): SqlFragment | undefined {
  const parts = texts.map(matches)
  const known = parts.filter((one) => one !== undefined)
  if (known.length < parts.length) return undefined
  return fragment(
    known.map(({ sql }) => `coalesce(${sql}, 0)`).join(' AND ') || 'true',
    ...known.flatMap(({ values }) => values),
  )
}

function matches({ text, note, pattern }: NonNullable<TokenFilter['texts']>[number]): SqlFragment | undefined {
  const isWhole = !pattern.includes('*')
  // Serials compare with case, wherever the star stands.
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

/** A page by serial; tokens before the page are counted by the tallies, not read. */
async function listByTally(runQuery: RunQuery, filter: TokenFilter, ascending: boolean, { offset, limit }: Page) {
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
  return readTokens(runQuery, serials, count, `serial ${ascending ? 'ASC' : 'DESC'}`)
}

/** A page in any order, for any filter. Refuses: `too_many_to_search`, `parameter_invalid`. */
async function listBySearch(runQuery: RunQuery, filter: TokenFilter, order: TokenOrder, { offset, limit }: Page) {
  const texts = searchCondition(filter)
  if (texts === undefined) return refuse({ reason: 'parameter_invalid', name: '*', why: 'too long for a pattern' })
  const indexed = indexCondition(filter)
  const among = `(SELECT * FROM tokens WHERE ${indexed.sql} LIMIT ${SCAN_LIMIT + 1}) AS one`
  const counted = await runQuery('search tokens', (db) =>
    db
      .prepare(`SELECT count(*) AS scanned, total(${texts.sql}) AS count FROM ${among}`)
      .bind(...texts.values, ...indexed.values)
      .first<{ scanned: number; count: number }>(),
  )
  if (!counted.ok) return counted
  const { scanned = 0, count = 0 } = counted.value ?? {}
  if (scanned > SCAN_LIMIT) return refuse({ reason: 'too_many_to_search', items: 'tokens', most: SCAN_LIMIT })
  if (offset >= count) return done({ tokens: [], count })
  const direction = order.ascending ? 'ASC' : 'DESC'
  const sorted = `${COLUMNS[order.field]} ${direction}, serial ${direction}`
  const serials = fragment(
    `SELECT serial FROM ${among} WHERE ${texts.sql} ORDER BY ${sorted} LIMIT ? OFFSET ?`,
    ...indexed.values,
    ...texts.values,
    limit,
    offset,
  )
  return readTokens(runQuery, serials, count, sorted)
}

async function readTokens(
  runQuery: RunQuery,
  serials: SqlFragment,
  count: number,
  sorted: string,
): Promise<Outcome<Listed>> {
  const outcome = await runQuery('list tokens', (db) =>
    db
      .prepare(`SELECT ${TOKEN_COLUMNS} FROM tokens WHERE tokens.serial IN (${serials.sql}) ORDER BY ${sorted}`)
      .bind(...serials.values)
      .all<TokenRow>(),
  )
  return outcome.ok ? done({ tokens: outcome.value.results.map((token) => tokenOf(token)), count }) : outcome
}

type Listed = { readonly tokens: readonly ReturnType<typeof tokenOf>[]; readonly count: number }

export const tokenList = (runQuery: RunQuery): Pick<TokenTable, 'list'> => ({
  list: ({ filter, order, ...page }) =>
    order.field === 'serial' && isCountable(filter)
      ? listByTally(runQuery, filter, order.ascending, page)
      : listBySearch(runQuery, filter, order, page),
})
