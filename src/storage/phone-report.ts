/** Which phones push reaches, and which it does not. Every token that a phone holds is read: a report, not a login. */
import type { PhoneFilter, PhoneReports } from '../ports/phone-reports.ts'
import { done, refuse } from '../refusal.ts'
import type { Serial, TokenType } from '../vocabulary.ts'
import { instant, POLL_ONLY, seconds } from '../vocabulary.ts'
import type { PhoneLine, QuarantineCause, UnreachedCause } from '../vocabulary/phones.ts'
import { NO_REGISTRATION_TOKEN } from '../vocabulary/phones.ts'
import type { RunQuery } from './run-query.ts'
import { rowsOf, unlessNull } from './run-query.ts'
import type { SqlFragment, Value } from './change.ts'
import { fragment } from './change.ts'
import { likePattern } from './like.ts'
import { realmKey } from './realms.ts'

/** As long as a look at a hundred thousand tokens may take. */
const LIMIT = seconds(10)

/** Why push does not reach a phone; NULL: it does. What is not configured is said first: mending it mends them all. The
 *  parameters are what `deliveryOf` goes by. */
const CAUSE = `CASE
  WHEN firebase = ? THEN 'poll_only'
  WHEN firebase IN (SELECT value FROM json_each(?)) THEN 'gateway_missing'
  WHEN coalesce(registration_token, '') IN ('', ?) THEN 'no_registration_token'
  WHEN quarantined_at IS NOT NULL THEN 'quarantined'
END`

interface Row {
  readonly serial: Serial
  readonly type: TokenType
  readonly realm: string | null
  readonly login: string | null
  readonly active: number
  readonly firebase: string
  readonly cause: UnreachedCause | null
  readonly quarantine_cause: QuarantineCause | null
  readonly since: number | null
  readonly app: string | null
  readonly system: string | null
  readonly capabilities: string | null
}

const lineOf = (row: Row): PhoneLine => ({
  serial: row.serial,
  type: row.type,
  ...(row.login === null || row.realm === null ? {} : { owner: { login: row.login, realm: row.realm } }),
  active: row.active === 1,
  firebase: row.firebase,
  ...unlessNull('cause', row.cause),
  ...unlessNull('quarantineCause', row.cause === 'quarantined' ? row.quarantine_cause : null),
  ...unlessNull('since', row.since === null ? null : instant(row.since)),
  ...unlessNull('app', row.app),
  ...unlessNull('system', row.system),
  ...unlessNull('capabilities', row.capabilities === null ? null : (JSON.parse(row.capabilities) as readonly string[])),
})

/** A condition on the held tokens, `cause` among their columns; the name of a pattern that D1 does not take. */
function conditionOf({ serial, app, owner, cause }: PhoneFilter): SqlFragment | string {
  const conditions: string[] = []
  const values: Value[] = []
  for (const [column, text] of [
    ['serial', serial],
    ['app', app],
  ] as const) {
    if (text === undefined) continue
    const pattern = likePattern(text)
    if (pattern === undefined) return column
    conditions.push(String.raw`${column} LIKE ? ESCAPE '\'`)
    values.push(pattern)
  }
  if (owner !== undefined) {
    conditions.push('realm = coalesce(?, (SELECT default_realm FROM deployment)) AND login = ?')
    values.push(owner.realm === undefined ? null : realmKey(owner.realm), owner.login)
  }
  if (cause === 'unreached') conditions.push('cause IS NOT NULL')
  else if (cause !== 'any') {
    conditions.push('cause = ?')
    values.push(cause)
  }
  return fragment(conditions.length === 0 ? 'true' : conditions.join(' AND '), ...values)
}

export const phoneReport = (runQuery: RunQuery): PhoneReports => ({
  async firebasesInUse() {
    const outcome = await runQuery(
      'firebases in use',
      (db) => db.prepare(`SELECT DISTINCT firebase FROM tokens WHERE state = 'enrolled'`).all<{ firebase: string }>(),
      LIMIT,
    )
    return outcome.ok ? done(outcome.value.results.map(({ firebase }) => firebase)) : outcome
  },

  /** Ordered by serial; pages count from 1. Refuses `parameter_invalid` for a pattern longer than D1 takes. */
  async page(filter) {
    const condition = conditionOf(filter)
    if (typeof condition === 'string')
      return refuse({ reason: 'parameter_invalid', name: condition, why: 'too long for a pattern' })
    const { missing, realms } = filter
    const held = `WITH held AS (SELECT *, ${CAUSE} AS cause FROM tokens WHERE state = 'enrolled' AND revoked = 0
      ${realms === undefined ? '' : 'AND realm IN (SELECT value FROM json_each(?))'})`
    const within = realms === undefined ? [] : [JSON.stringify(realms.map(realmKey))]
    const known = [POLL_ONLY, JSON.stringify(missing), NO_REGISTRATION_TOKEN, ...within]
    const outcome = await runQuery(
      'phones',
      (db) =>
        db.batch([
          db.prepare(`${held} SELECT cause, app, count(*) AS count FROM held GROUP BY cause, app`).bind(...known),
          db
            .prepare(`${held} SELECT count(*) AS count FROM held WHERE ${condition.sql}`)
            .bind(...known, ...condition.values),
          db
            .prepare(
              `${held} SELECT serial, type, realm, login, active, firebase, cause, quarantine_cause,
                 CASE cause WHEN 'quarantined' THEN quarantined_at
                   WHEN 'no_registration_token' THEN coalesce(refreshed_at, registered_at)
                   WHEN 'poll_only' THEN registered_at END AS since,
                 app, system, capabilities
               FROM held WHERE ${condition.sql} ORDER BY serial LIMIT ? OFFSET ?`,
            )
            .bind(...known, ...condition.values, filter.pageSize, (filter.page - 1) * filter.pageSize),
        ]),
      LIMIT,
    )
    if (!outcome.ok) return outcome
    const [groups, counted, page] = outcome.value
    return done({
      groups: rowsOf<{ cause: UnreachedCause | null; app: string | null; count: number }>(groups).map(
        ({ cause, app, count }) => ({ count, ...unlessNull('cause', cause), ...unlessNull('app', app) }),
      ),
      count: rowsOf<{ count: number }>(counted)[0]?.count ?? 0,
      phones: rowsOf<Row>(page).map(lineOf),
    })
  },
})
