/** The audit as it is read: lines, filtered and sorted by D1. `rules/audit.ts` reads the same lines out of a record. */
import type { AuditQuery, AuditTable } from '../ports/audit.ts'
import { done, refuse } from '../refusal.ts'
import { instant } from '../vocabulary.ts'
import type { AuditCondition, AuditField, AuditFilter, AuditLine } from '../vocabulary/audit.ts'
import type { RunQuery } from './run-query.ts'
import type { Value } from './change.ts'
import { likePattern } from './like.ts'

/** Records that one statement looks at, the first in its order: however large the table, it ends in time. What a record
 *  says as a whole is looked through faster than the steps in it. */
const LOOKED_AT = 50_000
const LOOKED_AT_WHOLE = 200_000
const OF_THE_WHOLE: ReadonlySet<AuditField> = new Set([
  'shard',
  'user',
  'realm',
  'administrator',
  'transaction',
  'service',
])
/** Longer than any login lasts: no line of a record is earlier than this before its end. */
const SPAN_MS = 3_600_000

// `r` is a record, `s` one of its steps; a record without steps is a line itself, and its step is NULL.
const AT = `coalesce(s.value ->> 'at', r.at)`
const RECORD = `iif(r.steps IS NULL, r.shard || '/' || r.sequence, r.transaction_id)`
const text = (column: string): string => `coalesce(${column}, '')`
const ofStep = (key: string, column: string): string => `coalesce(s.value ->> '${key}', r.${column}, '')`
const USER_AGENT = ofStep('userAgent', 'user_agent')

const FIELDS: Readonly<Record<AuditField, string>> = {
  shard: 'r.shard',
  action: ofStep('action', 'action'),
  success: `iif(r.steps IS NULL, r.success, coalesce(s.value ->> 'success', 0))`,
  authentication: `iif(r.steps IS NULL, r.authentication, coalesce(s.value ->> 'authentication', ''))`,
  serial: ofStep('serial', 'serial'),
  user: text('r.login'),
  realm: text('r.realm'),
  administrator: text('r.administrator'),
  // Of a change in the catalogue, `info` says what was changed.
  detail: `iif(r.shard = 'catalogue', ${text('r.info')},
    coalesce('transaction_id: ' || r.transaction_id || coalesce(', service: ' || r.service, ''), ''))`,
  info: `CASE WHEN r.shard = 'catalogue' THEN '' WHEN r.steps IS NOT NULL THEN coalesce(s.value ->> 'info', '')
    ELSE ${text('r.info')} || coalesce(' (' || r.count || ' times)', '') END`,
  address: ofStep('address', 'address'),
  client: `substr(${USER_AGENT}, 1, instr(replace(${USER_AGENT}, ' ', '/') || '/', '/') - 1)`,
  transaction: text('r.transaction_id'),
  service: text('r.service'),
}

const COLUMNS = [
  `${AT} AS at`,
  `${RECORD} AS record`,
  'coalesce(s.key, 0) AS step',
  `${USER_AGENT} AS userAgent`,
  ...Object.entries(FIELDS).flatMap(([name, sql]) => (name === 'client' ? [] : `${sql} AS "${name}"`)),
].join(', ')

type LineRow = Omit<AuditLine, 'success' | 'at'> & { readonly success: number; readonly at: number }

const lineOf = ({ at, success, ...row }: LineRow): AuditLine => ({ ...row, at: instant(at), success: success === 1 })

/** One statement in the making: what is bound in it, and how many records it looks at. */
class LineQuery {
  readonly values: Value[] = []
  readonly scanLimit: number

  constructor({ conditions, owners }: AuditFilter) {
    const ofTheWhole = owners !== undefined || conditions.some(({ field }) => OF_THE_WHOLE.has(field))
    this.scanLimit = ofTheWhole ? LOOKED_AT_WHOLE : LOOKED_AT
  }

  bind(value: Value): string {
    this.values.push(value)
    return `?${this.values.length}`
  }
}

const direction = (ascending: boolean): string => (ascending ? 'ASC' : 'DESC')

/** The lines of the records within these bounds, those that `where` holds for. */
function from(looks: number, bounds: readonly string[], where: readonly string[], ascending: boolean): string {
  const way = direction(ascending)
  return `FROM (
      SELECT * FROM audit ${bounds.length === 0 ? '' : `WHERE ${bounds.join(' AND ')}`}
      ORDER BY at ${way}, shard ${way}, sequence ${way} LIMIT ${looks}
    ) AS r JOIN json_each(coalesce(r.steps, '[null]')) AS s
    WHERE ${["(r.steps IS NULL OR s.value ->> 'action' IS NOT NULL)", ...where].join(' AND ')}`
}

/** What holds of a record some of whose lines a filter may mean. */
function boundsOf({ since, until }: AuditFilter, sentence: LineQuery): readonly string[] {
  return [
    ...(since === undefined ? [] : [`at >= ${sentence.bind(since)}`]),
    ...(until === undefined ? [] : [`at < ${sentence.bind(until + SPAN_MS)}`]),
  ]
}

/** What holds of the lines a filter means; undefined when a pattern is one that D1 does not take. */
function conditionsOf(
  { filter, except = [] }: Pick<AuditQuery, 'filter' | 'except'>,
  sentence: LineQuery,
): readonly string[] | undefined {
  const { conditions, since, until, owners } = filter
  const sql = conditions.map((condition) => conditionOf(condition, sentence))
  const known = sql.filter((one) => one !== undefined)
  if (known.length < sql.length) return undefined
  return [
    ...known,
    ...(since === undefined ? [] : [`${AT} >= ${sentence.bind(since)}`]),
    ...(until === undefined ? [] : [`${AT} < ${sentence.bind(until)}`]),
    ...(owners === undefined ? [] : [ofOwners(sentence.bind(JSON.stringify(owners)))]),
    ...(except.length === 0
      ? []
      : [`${RECORD} NOT IN (SELECT value FROM json_each(${sentence.bind(JSON.stringify(except))}))`]),
  ]
}

const ofOwners = (list: string): string =>
  `EXISTS (SELECT 1 FROM json_each(${list}) AS owner WHERE owner.value ->> 'realm' = r.realm
     AND coalesce(owner.value ->> 'login', r.login) = r.login)`

function conditionOf({ field, pattern, negated }: AuditCondition, sentence: LineQuery): string | undefined {
  const not = negated ? 'NOT ' : ''
  if (!pattern.includes('*')) return `${not}(${FIELDS[field]} || '') = ${sentence.bind(pattern)} COLLATE NOCASE`
  const like = likePattern(pattern)
  return like === undefined ? undefined : String.raw`${not}${FIELDS[field]} LIKE ${sentence.bind(like)} ESCAPE '\'`
}

const tooLong = () => refuse({ reason: 'parameter_invalid', name: '*', why: 'too long for a pattern' })

/** Lines by time. So many lines are found in the order of the records' ends, and no line that belongs before the last of
 *  them is in a record that ended before it: so only records from there on are sorted, however large the table. */
function byTime(query: AuditQuery, sentence: LineQuery, where: readonly string[]): string {
  const { filter, order, offset, limit, after } = query
  const way = direction(order.ascending)
  const beyond =
    after === undefined
      ? undefined
      : {
          line: `(${AT}, ${RECORD}, s.key) ${order.ascending ? '>' : '<'}
            (${sentence.bind(after.at)}, ${sentence.bind(after.record)}, ${sentence.bind(after.step)})`,
          record: order.ascending ? `at >= ${sentence.bind(after.at)}` : `at <= ${sentence.bind(after.at + SPAN_MS)}`,
        }
  const bounds = [...boundsOf(filter, sentence), ...(beyond === undefined ? [] : [beyond.record])]
  const lines = [...where, ...(beyond === undefined ? [] : [beyond.line])]
  const first = `SELECT ${AT} AS at ${from(sentence.scanLimit, bounds, lines, order.ascending)} LIMIT ${sentence.bind(offset + limit)}`
  const enough = order.ascending
    ? `at <= (SELECT max(at) FROM (${first})) + ${SPAN_MS}`
    : `at >= (SELECT min(at) FROM (${first}))`
  return `SELECT ${COLUMNS} ${from(sentence.scanLimit, [...bounds, enough], lines, order.ascending)}
    ORDER BY ${AT} ${way}, ${RECORD} ${way}, s.key ${way} LIMIT ${sentence.bind(limit)} OFFSET ${sentence.bind(offset)}`
}

/** Lines by another field: all that are looked at are sorted. */
function byField(query: AuditQuery, field: AuditField, sentence: LineQuery, where: readonly string[]): string {
  const way = direction(query.order.ascending)
  const bounds = boundsOf(query.filter, sentence)
  return `SELECT ${COLUMNS} ${from(sentence.scanLimit, bounds, where, false)}
    ORDER BY ${FIELDS[field]} ${way}, ${AT} ${way}, ${RECORD} ${way}, s.key ${way}
    LIMIT ${sentence.bind(query.limit)} OFFSET ${sentence.bind(query.offset)}`
}

export const auditLines = (runQuery: RunQuery): Pick<AuditTable, 'lines' | 'count'> => ({
  /** Refuses `parameter_invalid` for a pattern longer than D1 takes. */
  async lines(query) {
    const sentence = new LineQuery(query.filter)
    const where = conditionsOf(query, sentence)
    if (where === undefined) return tooLong()
    const { by } = query.order
    const sql = by === 'at' ? byTime(query, sentence, where) : byField(query, by, sentence, where)
    const outcome = await runQuery('audit lines', (db) =>
      db
        .prepare(sql)
        .bind(...sentence.values)
        .all<LineRow>(),
    )
    return outcome.ok ? done(outcome.value.results.map(lineOf)) : outcome
  },

  async count(query, most) {
    const { filter } = query
    const sentence = new LineQuery(filter)
    const where = conditionsOf(query, sentence)
    if (where === undefined) return tooLong()
    const found = from(sentence.scanLimit, boundsOf(filter, sentence), where, false)
    const lines = `SELECT 1 ${found} LIMIT ${sentence.bind(most)}`
    const outcome = await runQuery('count audit', (db) =>
      db
        .prepare(`SELECT count(*) AS count FROM (${lines})`)
        .bind(...sentence.values)
        .first<{ count: number }>(),
    )
    return outcome.ok ? done(outcome.value?.count ?? 0) : outcome
  },
})
