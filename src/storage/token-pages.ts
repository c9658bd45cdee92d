/** Pages of the list of tokens by serial, found by counting: `token_tallies` knows how many tokens lie in each stretch of
 *  serials, so what lies before a page is added up, not walked. Migration 0003 has the triggers that keep it. */
import type { TokenFilter } from '../vocabulary/tokens.ts'
import type { SqlFragment } from './change.ts'
import { fragment } from './change.ts'

/** After every serial. */
const END = '~'
/** Of more realms than these each page's tallies would be too many to add up. */
const REALMS = 20
const KINDS = 16

/** What a tally can tell of a token, as `tokens.kind` adds it up. */
const BITS = [
  ['assigned', 1, (filter: TokenFilter) => filter.assigned],
  ['active', 2, (filter: TokenFilter) => filter.active],
  ['enrolled', 4, ({ state }: TokenFilter) => state && state === 'enrolled'],
  ['edupush', 8, ({ types }: TokenFilter) => types && types.includes('edupush')],
] as const

/** The kinds of tokens that a filter means; all of them where it says nothing of that. */
const kindsOf = (filter: TokenFilter): readonly number[] =>
  Array.from({ length: KINDS }, (_, kind) => kind).filter((kind) =>
    BITS.every(([, bit, wanted]) => wanted(filter) === undefined || wanted(filter) === ((kind & bit) !== 0)),
  )

/** What a filter says of kinds and realms, in terms of `tokens`. */
export function kindAndRealmCondition(filter: TokenFilter): SqlFragment {
  const kinds = kindsOf(filter)
  const { realms } = filter
  return fragment(
    [
      ...(realms === undefined ? [] : ['realm IN (SELECT value FROM json_each(?))']),
      // With the realm it always stands, that the index on both can be read in the order of serials.
      ...(kinds.length < KINDS || realms !== undefined ? [`kind IN (${kinds.join(', ')})`] : []),
    ].join(' AND ') || 'true',
    ...(realms === undefined ? [] : [JSON.stringify(realms)]),
  )
}

/** Whether the tallies tell all that the filter asks. */
export const isCountable = ({ serials, login, texts, realms }: TokenFilter): boolean =>
  serials === undefined && login === undefined && texts === undefined && (realms?.length ?? 0) <= REALMS

/** The serials a filter spans: from the first, up to and without the second. */
export const spanOf = ({ beginning = '' }: TokenFilter): readonly [string, string] => [beginning, `${beginning}${END}`]

/** Stretches of a level, each with how many tokens of the filter it holds. */
function stretches(filter: TokenFilter, level: 1 | 2, where: SqlFragment): SqlFragment {
  return fragment(
    `SELECT first, sum(count) AS count FROM token_tallies
     WHERE realm IN (SELECT value FROM json_each(?)) AND level = ${level} AND kind IN (${kindsOf(filter).join(', ')})
       AND ${where.sql}
     GROUP BY first`,
    JSON.stringify(filter.realms ?? ['']),
    ...where.values,
  )
}

const beginningBefore = (level: 1 | 2, serial: string): SqlFragment =>
  fragment(`(SELECT max(first) FROM token_pages WHERE level = ${level} AND first <= ?)`, serial)

/** How many tokens of the filter come before a serial: an expression. */
export function rankOf(filter: TokenFilter, serial: string): SqlFragment {
  const [chapter, page] = [beginningBefore(2, serial), beginningBefore(1, serial)]
  const chapters = stretches(filter, 2, fragment(`first < ${chapter.sql}`, ...chapter.values))
  const pages = stretches(
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

/** Of numbered stretches those that hold one of the ranks asked for: where they begin and end, and how many come before. */
const holding = (level: 1 | 2, stretch: string): string =>
  `SELECT since, before, coalesce((SELECT min(first) FROM token_pages WHERE level = ${level} AND first > last), '${END}') AS beyond
   FROM (SELECT min(first) AS since, max(first) AS last, min(before) AS before FROM ${stretch}
         WHERE before < ?1 + ?2 AND before + count > ?1)`

/** All that is bound there but rank and limit is the realms, whose place is the third. */
const sqlOf = ({ sql }: SqlFragment): string => sql.replaceAll('?', '?3')

/** The serials of the filter from a rank on, so many: a query. From the chapters that hold them to the pages, and there to the
 *  tokens themselves. */
export function serialsAt(filter: TokenFilter, rank: number, limit: number): SqlFragment {
  const within = 'first >= (SELECT since FROM chapter_span) AND first < (SELECT beyond FROM chapter_span)'
  return fragment(
    `WITH chapters AS (
       SELECT first, count, sum(count) OVER (ORDER BY first) - count AS before
       FROM (${sqlOf(stretches(filter, 2, fragment('true')))})
     ),
     chapter_span AS MATERIALIZED (${holding(2, 'chapters')}),
     pages AS (
       SELECT first, count, (SELECT before FROM chapter_span) + sum(count) OVER (ORDER BY first) - count AS before
       FROM (${sqlOf(stretches(filter, 1, fragment(within)))})
     ),
     page_span AS MATERIALIZED (${holding(1, 'pages')})
     SELECT serial FROM tokens
     WHERE serial >= (SELECT since FROM page_span) AND serial < (SELECT beyond FROM page_span)
       AND ${sqlOf(kindAndRealmCondition(filter))}
     ORDER BY serial LIMIT ?2 OFFSET ?1 - (SELECT before FROM page_span)`,
    rank,
    limit,
    JSON.stringify(filter.realms ?? ['']),
  )
}
