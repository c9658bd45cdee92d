/** Lists logins from the audit, in order of time by its key. */
import type { AuditKey } from '../ports/audit.ts'
import type { ListedLogin, LoginList, LoginListQuery } from '../ports/login-list.ts'
import { present } from '../present.ts'
import { done } from '../refusal.ts'
import { type Instant, instant, seconds } from '../vocabulary.ts'
import type { AuditRecord } from '../vocabulary/audit.ts'
import type { LoginOutcome } from '../vocabulary/login-reports.ts'
import { fragment, prepared, type SqlFragment, type Value } from './change.ts'
import type { RunQuery } from './run-query.ts'

const LIMIT = seconds(5)
/** Records that one page reads at most; as many again are read to find where it has stopped. */
const SCANNED = 20_000

const has = (text: string): string => `steps LIKE '%${text}%'`
const DECLINED = has('"kind":"declined"')
const ACCEPTED = has('"kind":"accepted"')
const NOT_ME = has('"reason":"unknown_trigger"')

// Within JSON no text of a user has a quote without a backslash, so the patterns match a step's own fields only. A notice, which lets
// nobody in, has no authentication. docs/protocol.md: "Login report".
const OUTCOME = `CASE
    WHEN shard = 'bypass' THEN 'bypass'
    WHEN transaction_id IS NULL OR info NOT IN ('finalized', 'accepted', 'declined', 'cancelled', 'expired') THEN
      CASE WHEN action NOT LIKE '%/validate/%' OR steps IS NOT NULL THEN NULL
        WHEN success = 0 THEN 'refused' WHEN info LIKE 'no token, policy %' THEN 'tokenless' END
    WHEN authentication = '' THEN NULL
    WHEN info = 'finalized' THEN iif(${has('"kind":"enrollment_started"')}, 'enrolled', 'accepted')
    WHEN info = 'accepted' THEN 'unfinished'
    WHEN info = 'cancelled' THEN 'cancelled'
    WHEN steps IS NULL THEN info
    WHEN ${NOT_ME} THEN 'not_me'
    WHEN ${DECLINED} THEN 'declined'
    WHEN steps LIKE '%"kind":"expired"%' THEN iif(${ACCEPTED}, 'unfinished', 'expired')
    ELSE iif(info = 'expired', 'expired', 'failed')
  END`

const COLUMNS = `at, shard, sequence, action, success, authentication, transaction_id, serial, login, realm, service, address,
  user_agent, info, count, duration, steps`

interface Row extends AuditKey {
  readonly at: Instant
  readonly action: string
  readonly success: number
  readonly authentication: string
  readonly transaction_id: string | null
  readonly serial: string | null
  readonly login: string | null
  readonly realm: string | null
  readonly service: string | null
  readonly address: string | null
  readonly user_agent: string | null
  readonly info: string | null
  readonly count: number | null
  readonly duration: number | null
  readonly steps: string | null
  readonly outcome: LoginOutcome
}

export const loginList = (runQuery: RunQuery): LoginList => ({
  async page(query) {
    const scanned = scannedRecords(query)
    const newestFirst = 'ORDER BY at DESC, shard DESC, sequence DESC'
    const conditions = conditionsOf(query)
    const page = fragment(
      `SELECT * FROM (SELECT ${COLUMNS}, ${OUTCOME} AS outcome FROM (SELECT * ${scanned.sql} ${newestFirst} LIMIT ${SCANNED}))
       WHERE outcome IS NOT NULL ${conditions.sql} ${newestFirst} LIMIT ?`,
      ...scanned.values,
      ...conditions.values,
      query.limit,
    )
    const outcome = await runQuery('logins', (db) => prepared(db)(page).all<Row>(), LIMIT)
    if (!outcome.ok) return outcome
    const logins = outcome.value.results.map(listedLogin)
    if (logins.length >= query.limit) return done({ logins, ...present({ next: logins.at(-1)?.key }) })
    // A full page ends with its last login. What comes to the audit in between is read twice rather than left out.
    const end = fragment(
      `SELECT at, shard, sequence ${scanned.sql} ${newestFirst} LIMIT 1 OFFSET ${SCANNED - 1}`,
      ...scanned.values,
    )
    const last = await runQuery('end of logins', (db) => prepared(db)(end).first<AuditKey>(), LIMIT)
    if (!last.ok) return last
    return done(last.value === null ? { logins } : { logins, next: last.value, stoppedAt: instant(last.value.at) })
  },
})

function scannedRecords({ from, until, before }: LoginListQuery): SqlFragment {
  const sql = 'FROM audit WHERE at >= ? AND at < ? AND at <= ?'
  if (before === undefined) return fragment(sql, from, until, until)
  const { at, shard, sequence } = before
  return fragment(`${sql} AND (at, shard, sequence) < (?, ?, ?)`, from, until, at, at, shard, sequence)
}

function conditionsOf({ owners, serial, service, outcomes, slowerThan }: LoginListQuery): SqlFragment {
  const conditions: string[] = []
  const values: Value[] = []
  const add = (sql: string, ...bound: readonly Value[]): void => {
    conditions.push(`AND ${sql}`)
    values.push(...bound)
  }
  if (owners !== undefined)
    add(
      `EXISTS (SELECT 1 FROM json_each(?) AS one WHERE one.value ->> 'realm' = realm
         AND coalesce(one.value ->> 'login', login) = login)`,
      JSON.stringify(owners),
    )
  if (service !== undefined) add('service = ?', service)
  if (outcomes !== undefined) add('outcome IN (SELECT value FROM json_each(?))', JSON.stringify(outcomes))
  // A login that several phones were asked about names them all, with commas between.
  if (serial !== undefined) add(`instr(',' || serial || ',', ',' || ? || ',') > 0`, serial)
  if (slowerThan !== undefined) add('steps IS NOT NULL AND duration > ?', slowerThan)
  return fragment(conditions.join(' '), ...values)
}

function listedLogin(row: Row): ListedLogin {
  const { at, shard, sequence, outcome } = row
  const record: AuditRecord = {
    at,
    action: row.action,
    success: row.success === 1,
    authentication: row.authentication,
    ...(row.transaction_id === null ? {} : { transaction: row.transaction_id }),
    ...(row.serial === null ? {} : { serial: row.serial }),
    ...(row.login === null ? {} : { owner: { login: row.login, realm: row.realm ?? '' } }),
    ...(row.service === null ? {} : { service: row.service }),
    ...(row.address === null ? {} : { address: row.address }),
    ...(row.user_agent === null ? {} : { userAgent: row.user_agent }),
    ...(row.info === null ? {} : { info: row.info }),
    ...(row.count === null ? {} : { count: row.count }),
    ...(row.duration === null ? {} : { duration: row.duration }),
    ...(row.steps === null ? {} : { steps: JSON.parse(row.steps) as NonNullable<AuditRecord['steps']> }),
  }
  return { key: { at, shard, sequence }, record, outcome }
}
