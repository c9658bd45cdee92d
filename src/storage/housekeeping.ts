/** Deletes obsolete rows. Deleted rows are billed as written ones; so are the rows of their indexes. */
import type { Housekeeping, PageStart, SweptPage } from '../ports/housekeeping.ts'
import { done, type Outcome } from '../refusal.ts'
import { addSeconds, type Instant, type Seconds, seconds } from '../vocabulary.ts'
import type { SweptTable } from '../vocabulary/housekeeping.ts'
import { fragment, prepared, type SqlFragment } from './change.ts'
import { deleteEnrollments } from './expired-enrollments.ts'
import type { RunQuery } from './run-query.ts'

const DAY = 86_400
/** The time limit of one statement. No caller waits for it. */
const LIMIT = seconds(10)
/** Rows of a page. */
const PAGE = 2000

interface Leftovers {
  /** The columns of the table's key. */
  readonly key: readonly string[]
  /** SQL that is true for rows that may be deleted; `?` is the time `age` ago. */
  readonly condition: string
  readonly age?: Seconds
}

/** When a row of each table may be deleted. Other code deletes most of them as well, but only when something of their kind happens next. */
const LEFTOVERS: Readonly<Record<SweptTable, Leftovers>> = {
  invitations: { key: ['id'], condition: 'expires_at <= ?', age: seconds(DAY) },
  bypass_codes: { key: ['realm', 'login'], condition: 'expires_at <= ?', age: seconds(DAY) },
  void_sessions: { key: ['id'], condition: 'valid_until <= ?', age: seconds(DAY) },
  // Its revocation could not reach a shard, and nobody has repeated it. Every login that it opened has ended since.
  service_keys: { key: ['name'], condition: 'revoked_at <= ?', age: seconds(DAY) },
  service_key_secrets: {
    key: ['hash'],
    condition: `(valid_until <= ?
      OR NOT EXISTS (SELECT 1 FROM service_keys WHERE service_keys.name = service_key_secrets.name))`,
    age: seconds(30 * DAY),
  },
  // The version that a policy has now stays, however old it is.
  policy_history: {
    key: ['name', 'revision'],
    condition: `(revision < ? AND (body IS NULL
      OR revision < (SELECT max(revision) FROM policy_history AS newer WHERE newer.name = policy_history.name)))`,
    age: seconds(2 * 365 * DAY),
  },
  token_realms: {
    key: ['serial', 'realm'],
    condition: 'NOT EXISTS (SELECT 1 FROM tokens WHERE tokens.serial = token_realms.serial)',
  },
  token_info: {
    key: ['serial', 'key'],
    condition: 'NOT EXISTS (SELECT 1 FROM tokens WHERE tokens.serial = token_info.serial)',
  },
}

export const housekeeping = (runQuery: RunQuery): Housekeeping => ({
  async sweep(table, now, from) {
    const { key, condition, age } = LEFTOVERS[table]
    const columns = key.join(', ')
    const after = bound(key, '>', from)
    const last = await runQuery(
      `housekeeping: page of ${table}`,
      (db) =>
        prepared(db)(
          fragment(
            `SELECT ${columns} FROM ${table} WHERE ${after.sql} ORDER BY ${columns} LIMIT 1 OFFSET ${PAGE - 1}`,
            ...after.values,
          ),
        ).first<Record<string, string | number>>(),
      LIMIT,
    )
    if (!last.ok) return last
    const end = last.value === null ? undefined : key.map((column) => last.value?.[column] ?? '')
    const until = bound(key, '<=', end)
    return swept(
      await runQuery(
        `housekeeping: ${table}`,
        (db) =>
          prepared(db)(
            fragment(
              `DELETE FROM ${table} WHERE ${after.sql} AND ${until.sql} AND ${condition}`,
              ...after.values,
              ...until.values,
              ...(age === undefined ? [] : [addSeconds(now, seconds(-1 * age))]),
            ),
          ).run(),
        LIMIT,
      ),
      end,
    )
  },
  deleteEnrollments: (expiredBefore: Instant, from) => deleteEnrollments(runQuery, expiredBefore, from),
})

function swept(result: Outcome<D1Result>, next: PageStart | undefined): Outcome<SweptPage> {
  if (!result.ok) return result
  return done({ deleted: result.value.meta.changes, ...(next === undefined ? {} : { next }) })
}

const bound = (key: readonly string[], sign: '>' | '<=', values: PageStart | undefined): SqlFragment =>
  values === undefined
    ? fragment('true')
    : fragment(`(${key.join(', ')}) ${sign} (${key.map(() => '?').join(', ')})`, ...values)
