/** Finds a page of the token list by counting. `token_tallies` holds how many tokens each range of serials has, so the tokens
 *  before a page are added up instead of read. Triggers of migration 0003 keep the tallies. */
import type { TokenFilter } from '../vocabulary/tokens.ts'
import { fragment, type SqlFragment } from './change.ts'

/** Sorts after every serial. */
const END = '~'
/** With more realms there would be too many tallies to add up for each page. */
const REALM_LIMIT = 20
const KINDS = 16

/** The properties a tally distinguishes, and their bits in `tokens.kind`. */
const BITS = [
  ['assigned', 1, (filter: TokenFilter) => filter.assigned],
  ['active', 2, (filter: TokenFilter) => filter.active],
  ['enrolled', 4, ({ state }: TokenFilter) => state && state === 'enrolled'],
  ['edupush', 8, ({ types }: TokenFilter) => types && types.includes('edupush')],
] as const

/** The kinds of tokens the filter matches; all of them when it does not restrict them. */
const kindsOf = (filter: TokenFilter): readonly number[] =>
  Array.from({ length: KINDS }, (_, kind) => kind).filter((kind) =>
    BITS.every(([, bit, valueIn]) => valueIn(filter) === undefined || valueIn(filter) === ((kind & bit) !== 0)),
  )

/** The filter's condition on kinds and realms of `tokens`. */
export function kindAndRealmCondition(filter: TokenFilter): SqlFragment {
  const kinds = kindsOf(filter)
  const { realms } = filter
  return fragment(
    [
      ...(realms === undefined ? [] : ['realm IN (SELECT value FROM json_each(?))']),
      // Always there with the realm, so that the index on both is read in the order of serials.
      ...(kinds.length < KINDS || realms !== undefined ? [`kind IN (${kinds.join(', ')})`] : []),
    ].join(' AND ') || 'true',
    ...(realms === undefined ? [] : [JSON.stringify(realms)]),
  )
}

/** Whether the tallies answer all the filter asks. */
export const isCountable = ({ serials, login, texts, realms }: TokenFilter): boolean =>
  serials === undefined && login === undefined && texts === undefined && (realms?.length ?? 0) <= REALM_LIMIT

/** The range of serials the filter covers: from the first, up to but not including the second. */
export const spanOf = ({ beginning = '' }: TokenFilter): readonly [string, string] => [beginning, `${beginning}${END}`]

/** The ranges of a level, each with the number of matching tokens in it. */
function ranges(filter: TokenFilter, level: 1 | 2, where: SqlFragment): SqlFragment {
  return fragment(
    `SELECT first, sum(count) AS count FROM token_tallies
     WHERE realm IN (SELECT value FROM json_each(?)) AND level = ${level} AND kind IN (${kindsOf(filter).join(', ')})
       AND ${where.sql}
     GROUP BY first`,
    JSON.stringify(filter.realms ?? ['']),
    ...where.values,
  )
}

const rangeStartBefore = (level: 1 | 2, serial: string): SqlFragment =>
  fragment(`(SELECT max(first) FROM token_pages WHERE level = ${level} AND first <= ?)`, serial)

/** SQL expression: how many matching tokens come before a serial. */
export function rankOf(filter: TokenFilter, serial: string): SqlFragment {
  const [chapter, page] = [rangeStartBefore(2, serial), rangeStartBefore(1, serial)]
  const chapters = ranges(filter, 2, fragment(`first < ${chapter.sql}`, ...chapter.values))
  const pages = ranges(
    filter,
    1,
    fragment(`first >= ${chapter.sql} AND first < ${page.sql}`, ...chapter.values, ...page.values),
  )
  const own = kindAndRealmCondition(filter)
  return fragment(
    `(SELECT total(count) FROM (${chapters.sql})) + (SELECT total(count) FROM (${pages.sql}))
     + (SELECT count(*) FROM tokens WHERE serial >= ${page.sql} AND serial < ? AND ${own.sql})`,
    ...chapters.values,
    ...pages.values,
    ...page.values,
    serial,
    ...own.values,
  )
}

/** SQL query: where the ranges that contain the requested ranks begin and end, and how many tokens come before them. */
const spanOfRanks = (level: 1 | 2, numbered: string): string =>
  `SELECT since, before, coalesce((SELECT min(first) FROM token_pages WHERE level = ${level} AND first > last), '${END}') AS beyond
   FROM (SELECT min(first) AS since, max(first) AS last, min(before) AS before FROM ${numbered}
         WHERE before < ?1 + ?2 AND before + count > ?1)`

/** The only values bound in these fragments are the realms, which are the third parameter of the whole query. */
const sqlOf = ({ sql }: SqlFragment): string => sql.replaceAll('?', '?3')

/** SQL query: `limit` matching serials from a rank on. It finds the chapters that contain them, then the pages, then the tokens. */
export function serialsAt(filter: TokenFilter, rank: number, limit: number): SqlFragment {
  const inChapters = 'first >= (SELECT since FROM chapter_span) AND first < (SELECT beyond FROM chapter_span)'
  return fragment(
    `WITH chapters AS (
       SELECT first, count, sum(count) OVER (ORDER BY first) - count AS before
       FROM (${sqlOf(ranges(filter, 2, fragment('true')))})
     ),
     chapter_span AS MATERIALIZED (${spanOfRanks(2, 'chapters')}),
     pages AS (
       SELECT first, count, (SELECT before FROM chapter_span) + sum(count) OVER (ORDER BY first) - count AS before
       FROM (${sqlOf(ranges(filter, 1, fragment(inChapters)))})
     ),
     page_span AS MATERIALIZED (${spanOfRanks(1, 'pages')})
     SELECT serial FROM tokens
     WHERE serial >= (SELECT since FROM page_span) AND serial < (SELECT beyond FROM page_span)
       AND ${sqlOf(kindAndRealmCondition(filter))}
     ORDER BY serial LIMIT ?2 OFFSET ?1 - (SELECT before FROM page_span)`,
    rank,
    limit,
    JSON.stringify(filter.realms ?? ['']),
  )
}
