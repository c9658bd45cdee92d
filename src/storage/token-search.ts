/** Searches for tokens by the beginning of a text. Every statement reads a stretch of one index of migration 0019, from a position on.
 *  `test/storage/token-search.test.ts` looks at the plans. */
import type { TokenTable } from '../ports/tokens.ts'
import { present } from '../present.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import type {
  FoundToken,
  SearchField,
  SearchPosition,
  SearchRange,
  TextRange,
  TokenSearch,
  TokenStatus,
} from '../vocabulary/tokens.ts'
import { fragment, prepared, type SqlFragment } from './change.ts'
import { rowsOf, type RunQuery } from './run-query.ts'
import { kindAndRealmCondition } from './token-pages.ts'
import { TOKEN_COLUMNS, tokenOf, type TokenRow } from './tokens.ts'

/** Tokens of a range that one request looks at, and counts. */
const READ_LIMIT = 1000
/** Ranges that are read in one round trip, and by one request. */
const AT_ONCE = 6
const RANGE_LIMIT = 30

const KEYS: Readonly<Record<SearchField, 'login_key' | 'serial_key' | 'description_key'>> = {
  user: 'login_key',
  serial: 'serial_key',
  description: 'description_key',
}
/** The texts, as the names of the indexes have them. */
const TEXTS: Readonly<Record<SearchField, string>> = { user: 'login', serial: 'serial', description: 'description' }

interface Row extends TokenRow {
  readonly status: Exclude<TokenStatus, 'ready'> | null
  readonly app: string | null
  readonly system: string | null
  readonly quarantine_cause: string | null
  readonly key: string | null
}

const both = (...parts: readonly SqlFragment[]): SqlFragment =>
  fragment(parts.map(({ sql }) => sql).join(' AND ') || 'true', ...parts.flatMap(({ values }) => values))

/** That the text goes on as the range says beyond its beginning. */
const tailCondition = (column: string, { tail }: Pick<TextRange, 'tail'>): SqlFragment =>
  tail === undefined
    ? fragment('true')
    : fragment(
        `length(${column}) >= ? AND NOT EXISTS (SELECT 1 FROM json_each(?) AS letter
           WHERE instr(letter.value, substr(${column}, letter.key + ?, 1)) = 0)`,
        tail.at + tail.letters.length - 1,
        JSON.stringify(tail.letters),
        tail.at,
      )

/** That the token is found by this field. */
function found(field: SearchField, texts: readonly TextRange[]): SqlFragment {
  const column = `tokens.${KEYS[field]}`
  const parts = texts.map((text) =>
    both(fragment(`${column} >= ? AND ${column} < ?`, text.from, text.below), tailCondition(column, text)),
  )
  return fragment(
    `coalesce(${parts.map(({ sql }) => `(${sql})`).join(' OR ')}, 0)`,
    ...parts.flatMap(({ values }) => values),
  )
}

/** The index that the range is read by, and what it leaves to be compared token by token. */
function indexOf({ field, realm }: SearchRange, status: TokenStatus | undefined) {
  const byStatus = status !== undefined && status !== 'ready' && field === 'user'
  const first = byStatus ? ['status', ...(realm === undefined ? [] : ['realm'])] : realm === undefined ? [] : ['realm']
  return {
    name: ['tokens', ...(first.length === 0 ? [] : ['of', first.join('_and_')]), 'by', TEXTS[field]].join('_'),
    byStatus,
  }
}

/** The condition that the index does not answer; undefined if it answers all. */
function restCondition(range: SearchRange, { texts, status, type }: TokenSearch): SqlFragment | undefined {
  const parts = range.except.map((field) => {
    const { sql, values } = found(field, texts)
    return fragment(`NOT ${sql}`, ...values)
  })
  if (range.tail !== undefined) parts.push(tailCondition(`tokens.${KEYS[range.field]}`, range))
  if (status === 'ready') parts.push(fragment('tokens.status IS NULL'))
  else if (status !== undefined && !indexOf(range, status).byStatus) parts.push(fragment('tokens.status = ?', status))
  if (type !== undefined) parts.push(fragment('tokens.type = ?', type))
  return parts.length === 0 ? undefined : both(...parts)
}

/** SQL query: key and serial of at most `limit` tokens of the range after a position, in the order of its index. */
function stretch(range: SearchRange, search: TokenSearch, limit: number, skip = 0): SqlFragment {
  const { field, realm, from, below } = range
  const { name, byStatus } = indexOf(range, search.status)
  const key = KEYS[field]
  const after = search.after?.range === range.id ? search.after : undefined
  const condition = both(
    ...(byStatus ? [fragment('status = ?', search.status ?? '')] : []),
    ...(realm === undefined ? [] : [fragment('realm = ?', realm)]),
    from === undefined || below === undefined
      ? fragment(`${key} IS NULL AND serial > ?`, after?.serial ?? '')
      : fragment(`(${key}, serial) > (?, ?) AND ${key} < ?`, after?.key ?? from, after?.serial ?? '', below),
  )
  return fragment(
    `SELECT serial, ${key} AS key FROM tokens INDEXED BY ${name} WHERE ${condition.sql}
     ORDER BY ${key}, serial LIMIT ? OFFSET ?`,
    ...condition.values,
    limit,
    skip,
  )
}

/** SQL query: the next tokens of the range, one more than the page may have. They come in the order of the stretch, because it is the
 *  outer loop of the join; sorting them again would need a sorter. */
function pageOf(range: SearchRange, search: TokenSearch): SqlFragment {
  const rest = restCondition(range, search)
  const most = search.limit + 1
  const keys = stretch(range, search, rest === undefined ? most : READ_LIMIT)
  return fragment(
    `SELECT ${TOKEN_COLUMNS}, tokens.status, tokens.app, tokens.system, tokens.quarantine_cause, one.key
     FROM (${keys.sql}) AS one CROSS JOIN tokens ON tokens.serial = one.serial
     WHERE ${rest?.sql ?? 'true'} LIMIT ?`,
    ...keys.values,
    ...(rest?.values ?? []),
    most,
  )
}

/** SQL query: how many tokens of the range a request looks at, and how many of these are found. */
function countOf(range: SearchRange, search: TokenSearch): SqlFragment {
  const rest = restCondition(range, search)
  const keys = stretch(range, search, READ_LIMIT + 1)
  return rest === undefined
    ? fragment(`SELECT count(*) AS scanned, count(*) AS matching FROM (${keys.sql})`, ...keys.values)
    : fragment(
        `SELECT count(*) AS scanned, total(${rest.sql}) AS matching
         FROM (${keys.sql}) AS one CROSS JOIN tokens ON tokens.serial = one.serial`,
        ...rest.values,
        ...keys.values,
      )
}

/** The statements of a search: for each range a page and a count. For tests, which look at their plans. */
export const searchStatements = (search: TokenSearch, ranges = search.ranges): readonly SqlFragment[] =>
  ranges.flatMap((range) => [pageOf(range, search), countOf(range, search)])

const foundToken = (row: Row, foundBy: SearchField): FoundToken => ({
  ...tokenOf(row),
  status: row.status ?? 'ready',
  foundBy,
  ...present({
    app: row.app ?? undefined,
    system: row.system ?? undefined,
    quarantineCause: row.quarantine_cause ?? undefined,
  }),
})

/** The statement that counts all tokens of these realms by their tallies; undefined if the search asks for less. */
function totalOf({ ranges, texts, status, type }: TokenSearch): SqlFragment | undefined {
  if (texts.length > 0 || status !== undefined || ranges.some(({ field }) => field === 'description')) return undefined
  const realms = [...new Set(ranges.map(({ realm = '' }) => realm))]
  const { sql, values } = kindAndRealmCondition({ realms, ...present({ types: type && [type] }) })
  return fragment(`SELECT total(count) AS number FROM token_tallies WHERE level = 2 AND ${sql}`, ...values)
}

/** A range as one request has read it. */
interface ReadRange {
  readonly range: SearchRange
  readonly rows: readonly Row[]
  readonly scanned: number
  readonly matching: number
}

const positionAt = (range: SearchRange, row: Pick<Row, 'key' | 'serial'> | undefined): SearchPosition => ({
  range: range.id,
  key: row === undefined ? (range.from ?? '') : (row.key ?? ''),
  serial: row?.serial ?? '',
})

/** Reads ranges in one round trip; `total` as `totalOf` counts it. */
async function readRanges(
  runQuery: RunQuery,
  search: TokenSearch,
  ranges: readonly SearchRange[],
  totalStatement: SqlFragment | undefined,
): Promise<Outcome<{ readonly read: readonly ReadRange[]; readonly total: number | undefined }>> {
  const statements = [...searchStatements(search, ranges), ...(totalStatement === undefined ? [] : [totalStatement])]
  const outcome = await runQuery('search tokens', (db) => db.batch(statements.map(prepared(db))))
  if (!outcome.ok) return outcome
  const results = outcome.value
  const read = ranges.map((range, index) => {
    const [counted = { scanned: 0, matching: 0 }] = rowsOf<Omit<ReadRange, 'range' | 'rows'>>(results[2 * index + 1])
    return { range, rows: rowsOf<Row>(results[2 * index]), ...counted }
  })
  const total = totalStatement && rowsOf<{ number: number }>(results.at(-1))[0]?.number
  return done({ read, total })
}

export const tokenSearch = (runQuery: RunQuery): Pick<TokenTable, 'search'> => ({
  async search(search) {
    const { ranges, after, limit } = search
    const begin = after === undefined ? 0 : ranges.findIndex(({ id }) => id === after.range)
    if (begin < 0) return refuse({ reason: 'parameter_invalid', name: 'cursor', why: 'of another search' })
    const end = Math.min(ranges.length, begin + RANGE_LIMIT)
    const tokens: FoundToken[] = []
    let [number, isExact] = [0, true]
    const answer = (next: SearchPosition | undefined) =>
      done({ tokens, ...present({ next, count: after === undefined ? { number, isExact } : undefined }) })
    for (let at = begin; at < end; at += AT_ONCE) {
      const totalStatement = at === begin && after === undefined ? totalOf(search) : undefined
      const outcome = await readRanges(runQuery, search, ranges.slice(at, Math.min(at + AT_ONCE, end)), totalStatement)
      if (!outcome.ok) return outcome
      const { read, total } = outcome.value
      number = total ?? read.reduce((sum, { matching }) => sum + matching, number)
      const isLast = at + AT_ONCE >= ranges.length
      isExact = total !== undefined || (isExact && isLast && read.every(({ scanned }) => scanned <= READ_LIMIT))
      let last: SearchPosition | undefined
      for (const { range, rows, scanned } of read) {
        for (const row of rows) {
          if (tokens.length === limit) return answer(last)
          tokens.push(foundToken(row, range.field))
          last = positionAt(range, row)
        }
        if (scanned <= READ_LIMIT || restCondition(range, search) === undefined) continue
        // More of the range may match than was looked at: the next request goes on there.
        const { sql, values } = stretch(range, search, 1, READ_LIMIT - 1)
        const farthest = await runQuery('search position', (db) =>
          db
            .prepare(sql)
            .bind(...values)
            .first<Row>(),
        )
        return farthest.ok ? answer(farthest.value === null ? last : positionAt(range, farthest.value)) : farthest
      }
    }
    const [following] = ranges.slice(end)
    return answer(following === undefined ? undefined : positionAt(following, undefined))
  },
})
