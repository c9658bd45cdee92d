/** Reports which phones push reaches. It reads every enrolled token. */
import type { FarPhone, PhoneFilter, PhoneReports } from '../ports/phone-reports.ts'
import { present } from '../present.ts'
import { done, refuse } from '../refusal.ts'
import { instant, POLL_ONLY, type Region, seconds, type Serial, type TokenType } from '../vocabulary.ts'
import {
  NO_REGISTRATION_TOKEN,
  type PhoneLine,
  type QuarantineCause,
  type UnreachedCause,
} from '../vocabulary/phones.ts'
import { rowsOf, type RunQuery } from './run-query.ts'
import { fragment, type SqlFragment, type Value } from './change.ts'
import { likePattern } from './like.ts'
import { realmKey } from './realms.ts'

/** Enough for a hundred thousand tokens. */
const LIMIT = seconds(10)
const ELSEWHERE_PAGE = 100

/** Why push does not reach a phone; NULL when it does. A missing Firebase configuration comes first, because adding it helps all
 *  phones that name it. The same conditions as `deliveryOf`. */
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
  owner: row.login === null || row.realm === null ? undefined : { login: row.login, realm: row.realm },
  active: row.active === 1,
  firebase: row.firebase,
  cause: row.cause ?? undefined,
  quarantineCause: row.cause === 'quarantined' ? (row.quarantine_cause ?? undefined) : undefined,
  since: row.since === null ? undefined : instant(row.since),
  app: row.app ?? undefined,
  system: row.system ?? undefined,
  capabilities: row.capabilities === null ? undefined : (JSON.parse(row.capabilities) as readonly string[]),
})

/** The condition of the filter on the enrolled tokens, which have `cause` as a column; the name of the pattern if D1 does not take it. */
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
  async regions() {
    const outcome = await runQuery('phones by region', (db) =>
      db
        .prepare('SELECT home, seen, count FROM phone_regions WHERE count > 0 ORDER BY home, seen')
        .all<{ home: Region | ''; seen: Region | ''; count: number }>(),
    )
    if (!outcome.ok) return outcome
    return done(
      outcome.value.results.map(({ home, seen, count }) => ({
        count,
        ...present({ home: home || undefined, seen: seen || undefined }),
      })),
    )
  },

  async elsewhere(after) {
    const outcome = await runQuery('phones elsewhere', (db) =>
      db
        .prepare(
          `SELECT serial, home, seen FROM tokens
           WHERE home IS NOT NULL AND seen IS NOT NULL AND seen <> home AND serial > ? ORDER BY serial LIMIT ?`,
        )
        .bind(after ?? '', ELSEWHERE_PAGE)
        .all<FarPhone>(),
    )
    if (!outcome.ok) return outcome
    const phones = outcome.value.results
    return done({ phones, next: phones.length < ELSEWHERE_PAGE ? undefined : phones.at(-1)?.serial })
  },

  async firebasesInUse() {
    const outcome = await runQuery(
      'firebases in use',
      (db) => db.prepare(`SELECT DISTINCT firebase FROM tokens WHERE state = 'enrolled'`).all<{ firebase: string }>(),
      LIMIT,
    )
    return outcome.ok ? done(outcome.value.results.map(({ firebase }) => firebase)) : outcome
  },

  async page(filter) {
    const condition = conditionOf(filter)
    if (typeof condition === 'string')
      return refuse({ reason: 'parameter_invalid', name: condition, why: 'too long for a pattern' })
    const { missing, realms } = filter
    const enrolled = `WITH enrolled AS (SELECT *, ${CAUSE} AS cause FROM tokens WHERE state = 'enrolled' AND revoked = 0
      ${realms === undefined ? '' : 'AND realm IN (SELECT value FROM json_each(?))'})`
    const realmValues = realms === undefined ? [] : [JSON.stringify(realms.map(realmKey))]
    const values = [POLL_ONLY, JSON.stringify(missing), NO_REGISTRATION_TOKEN, ...realmValues]
    const outcome = await runQuery(
      'phones',
      (db) =>
        db.batch([
          db
            .prepare(`${enrolled} SELECT cause, app, count(*) AS count FROM enrolled GROUP BY cause, app`)
            .bind(...values),
          db
            .prepare(`${enrolled} SELECT count(*) AS count FROM enrolled WHERE ${condition.sql}`)
            .bind(...values, ...condition.values),
          db
            .prepare(
              `${enrolled} SELECT serial, type, realm, login, active, firebase, cause, quarantine_cause,
                 CASE cause WHEN 'quarantined' THEN quarantined_at
                   WHEN 'no_registration_token' THEN coalesce(refreshed_at, registered_at)
                   WHEN 'poll_only' THEN registered_at END AS since,
                 app, system, capabilities
               FROM enrolled WHERE ${condition.sql} ORDER BY serial LIMIT ? OFFSET ?`,
            )
            .bind(...values, ...condition.values, filter.pageSize, (filter.page - 1) * filter.pageSize),
        ]),
      LIMIT,
    )
    if (!outcome.ok) return outcome
    const [groups, counted, page] = outcome.value
    return done({
      groups: rowsOf<{ cause: UnreachedCause | null; app: string | null; count: number }>(groups).map(
        ({ cause, app, count }) => ({ count, cause: cause ?? undefined, app: app ?? undefined }),
      ),
      count: rowsOf<{ count: number }>(counted)[0]?.count ?? 0,
      phones: rowsOf<Row>(page).map(lineOf),
    })
  },
})
