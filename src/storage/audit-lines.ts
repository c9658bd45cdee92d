/** Reads the audit as lines, filtered and sorted by D1. `rules/login/audit.ts` reads the same lines from a record in memory. */
import type { AuditQuery, AuditTable } from '../ports/audit.ts'
import { done, refuse } from '../refusal.ts'
import { instant } from '../vocabulary.ts'
import type { AuditCondition, AuditField, AuditFilter, AuditLine } from '../vocabulary/audit.ts'
import type { RunQuery } from './run-query.ts'
import type { Value } from './change.ts'
import { likePattern } from './like.ts'

/** Records that one statement reads at most, the first in its order, so that it ends in time however large the table is.
 *  Fields of the record itself are read faster than fields of its steps. */
const SCAN_LIMIT = 50_000
const SCAN_LIMIT_OF_RECORD_FIELDS = 200_000
/** Records that strangers caused are read up to here, and count for themselves: however many there are, a statement reads as many
 *  records of logins and administration as before. It skips the others without reading their fields. */
const STRANGER_LIMIT = 10_000
const RECORD_FIELDS: ReadonlySet<AuditField> = new Set([
  'shard',
  'user',
  'realm',
  'administrator',
  'transaction',
  'service',
])
/** Longer than any login takes: no line of a record is older than its end by more than this. */
const SPAN_MS = 3_600_000

// `r` is a record, `s` one of its steps. A record without steps is a single line, and its step is NULL.
const AT = `coalesce(s.value ->> 'at', r.at)`
const RECORD = `iif(r.steps IS NULL, r.shard || '/' || r.sequence, r.transaction_id)`
const text = (column: string): string => `coalesce(${column}, '')`
const ofStep = (key: string, column: string): string => `coalesce(s.value ->> '${key}', r.${column}, '')`
const USER_AGENT = ofStep('userAgent', 'user_agent')

/** What a phone answered, in privacyIDEA's words. */
const ANSWER = `CASE s.value ->> 'kind' WHEN 'accepted' THEN ', status: accept' WHEN 'confirmed' THEN ', status: confirmed'
    WHEN 'declined' THEN ', status: ' || iif(s.value ->> 'reason' = 'cancelled', 'cancelled', 'declined')
      || coalesce(', reason: ' || (s.value ->> 'reason'), '')
    ELSE '' END`

const FIELDS: Readonly<Record<AuditField, string>> = {
  shard: 'r.shard',
  action: ofStep('action', 'action'),
  success: `iif(r.steps IS NULL, r.success, coalesce(s.value ->> 'success', 0))`,
  authentication: `iif(r.steps IS NULL, r.authentication, coalesce(s.value ->> 'authentication', ''))`,
  serial: ofStep('serial', 'serial'),
  user: text('r.login'),
  realm: text('r.realm'),
  administrator: text('r.administrator'),
  // For a change by an administrator, `info` says what was changed.
  detail: `iif(r.shard = 'catalogue', ${text('r.info')},
    coalesce('transaction_id: ' || r.transaction_id || ${ANSWER} || coalesce(', service: ' || r.service, ''), ''))`,
  info: `CASE WHEN r.shard = 'catalogue' THEN coalesce(r.change, '') WHEN r.steps IS NOT NULL THEN coalesce(s.value ->> 'info', '')
    ELSE ${text('r.info')} || coalesce(' (' || r.count || ' times)', '') END`,
  address: ofStep('address', 'address'),
  client: `substr(${USER_AGENT}, 1, instr(replace(${USER_AGENT}, ' ', '/') || '/', '/') - 1)`,
  transaction: text('r.transaction_id'),
  service: text('r.service'),
  policies: text('r.policies'),
}

const COLUMNS = [
  `${AT} AS at`,
  `${RECORD} AS record`,
  'coalesce(s.key, 0) AS step',
  `${USER_AGENT} AS userAgent`,
  `coalesce(s.value ->> 'at' - (r.steps ->> '$[0].at'), r.duration, 0) AS duration`,
  ...Object.entries(FIELDS).flatMap(([name, sql]) => (name === 'client' ? [] : `${sql} AS "${name}"`)),
].join(', ')

type LineRow = Omit<AuditLine, 'success' | 'at'> & { readonly success: number; readonly at: number }

const lineOf = ({ at, success, ...row }: LineRow): AuditLine => ({ ...row, at: instant(at), success: success === 1 })

/** A statement that is being built: the values bound so far, and how many records it may read. */
class LineQuery {
  readonly values: Value[] = []
  readonly scanLimit: number

  constructor({ conditions, owners }: AuditFilter) {
    const usesRecordFields = owners !== undefined || conditions.some(({ field }) => RECORD_FIELDS.has(field))
    this.scanLimit = usesRecordFields ? SCAN_LIMIT_OF_RECORD_FIELDS : SCAN_LIMIT
  }

  bind(value: Value): string {
    this.values.push(value)
    return `?${this.values.length}`
  }
}

const directionOf = (ascending: boolean): string => (ascending ? 'ASC' : 'DESC')

/** A bound on the time of records. A login may have lines that are older than its end, so its bounds are wider; `ofRequest` is the
 *  bound on records without steps. */
interface Bound {
  readonly ofLogin: string
  readonly ofRequest: string
}

const sameBound = (sql: string): Bound => ({ ofLogin: sql, ofRequest: sql })

/** The lines that match `where`, of the records within `bounds`. */
function linesFrom(scanLimit: number, bounds: readonly Bound[], where: readonly string[], ascending: boolean): string {
  const direction = directionOf(ascending)
  const ofStrangers = ['stranger = 1', ...bounds.map(({ ofRequest }) => ofRequest)].join(' AND ')
  // When the last of the strangers' records ended that may be read; NULL if all may.
  const last = `(SELECT at FROM audit INDEXED BY audit_strangers WHERE ${ofStrangers}
    ORDER BY at ${direction} LIMIT 1 OFFSET ${STRANGER_LIMIT - 1})`
  const isRead = `(stranger IS NULL OR ${ofStrangers} AND coalesce(at ${ascending ? '<=' : '>='} ${last}, true))`
  return `FROM (
      SELECT * FROM audit WHERE ${[isRead, ...bounds.map(({ ofLogin }) => ofLogin)].join(' AND ')}
      ORDER BY at ${direction}, shard ${direction}, sequence ${direction} LIMIT ${scanLimit + STRANGER_LIMIT}
    ) AS r JOIN json_each(coalesce(r.steps, '[null]')) AS s
    WHERE ${["(r.steps IS NULL OR s.value ->> 'action' IS NOT NULL)", ...where].join(' AND ')}`
}

/** The bounds on records that may have lines the filter matches. */
function boundsOf({ since, until }: AuditFilter, sentence: LineQuery): readonly Bound[] {
  return [
    ...(since === undefined ? [] : [sameBound(`at >= ${sentence.bind(since)}`)]),
    ...(until === undefined ? [] : [before(`< ${sentence.bind(until)}`)]),
  ]
}

/** The bound on records whose lines are before a time. */
const before = (time: string): Bound => ({ ofLogin: `at ${time} + ${SPAN_MS}`, ofRequest: `at ${time}` })

/** The condition on lines that the filter matches; undefined when D1 does not take one of its patterns. */
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
    ...(owners === undefined ? [] : [isOfOwners(sentence.bind(JSON.stringify(owners)))]),
    ...(except.length === 0
      ? []
      : [`${RECORD} NOT IN (SELECT value FROM json_each(${sentence.bind(JSON.stringify(except))}))`]),
  ]
}

const isOfOwners = (list: string): string =>
  `EXISTS (SELECT 1 FROM json_each(${list}) AS owner WHERE owner.value ->> 'realm' = r.realm
     AND coalesce(owner.value ->> 'login', r.login) = r.login)`

function conditionOf({ field, pattern, negated }: AuditCondition, sentence: LineQuery): string | undefined {
  const not = negated ? 'NOT ' : ''
  if (!pattern.includes('*')) return `${not}(${FIELDS[field]} || '') = ${sentence.bind(pattern)} COLLATE NOCASE`
  const like = likePattern(pattern)
  return like === undefined ? undefined : String.raw`${not}${FIELDS[field]} LIKE ${sentence.bind(like)} ESCAPE '\'`
}

const tooLong = () => refuse({ reason: 'parameter_invalid', name: '*', why: 'too long for a pattern' })

/** Lines in order of time. First it finds as many lines as the page needs, in the order in which their records ended. Every line
 *  that belongs before the last of these is in a record that ended no earlier than it, so only records from that point on are
 *  sorted, however large the table is. */
function byTime(query: AuditQuery, sentence: LineQuery, where: readonly string[]): string {
  const { filter, order, offset, limit, after } = query
  const direction = directionOf(order.ascending)
  const rest =
    after === undefined
      ? undefined
      : {
          line: `(${AT}, ${RECORD}, s.key) ${order.ascending ? '>' : '<'}
            (${sentence.bind(after.at)}, ${sentence.bind(after.record)}, ${sentence.bind(after.step)})`,
          record: order.ascending
            ? sameBound(`at >= ${sentence.bind(after.at)}`)
            : before(`<= ${sentence.bind(after.at)}`),
        }
  const bounds = [...boundsOf(filter, sentence), ...(rest === undefined ? [] : [rest.record])]
  const lines = [...where, ...(rest === undefined ? [] : [rest.line])]
  const first = `SELECT ${AT} AS at ${linesFrom(sentence.scanLimit, bounds, lines, order.ascending)} LIMIT ${sentence.bind(offset + limit)}`
  const enough = order.ascending
    ? before(`<= (SELECT max(at) FROM (${first}))`)
    : sameBound(`at >= (SELECT min(at) FROM (${first}))`)
  return `SELECT ${COLUMNS} ${linesFrom(sentence.scanLimit, [...bounds, enough], lines, order.ascending)}
    ORDER BY ${AT} ${direction}, ${RECORD} ${direction}, s.key ${direction} LIMIT ${sentence.bind(limit)} OFFSET ${sentence.bind(offset)}`
}

/** Lines in the order of another field: all lines that are read are sorted. */
function byField(query: AuditQuery, field: AuditField, sentence: LineQuery, where: readonly string[]): string {
  const direction = directionOf(query.order.ascending)
  const bounds = boundsOf(query.filter, sentence)
  return `SELECT ${COLUMNS} ${linesFrom(sentence.scanLimit, bounds, where, false)}
    ORDER BY ${FIELDS[field]} ${direction}, ${AT} ${direction}, ${RECORD} ${direction}, s.key ${direction}
    LIMIT ${sentence.bind(query.limit)} OFFSET ${sentence.bind(query.offset)}`
}

export const auditLines = (runQuery: RunQuery): Pick<AuditTable, 'lines' | 'count'> => ({
  async lines(query) {
    const sentence = new LineQuery(query.filter)
    const where = conditionsOf(query, sentence)
    if (where === undefined) return tooLong()
    const { field: by } = query.order
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
    const found = linesFrom(sentence.scanLimit, boundsOf(filter, sentence), where, false)
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
