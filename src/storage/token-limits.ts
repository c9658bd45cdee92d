/** Limits on tokens: asked in the statement that makes one, so that no two at once exceed them. */
import type { TokenTable } from '../ports/tokens.ts'
import type { TokenLimit } from '../rules/token/enrollment-limits.ts'
import { done } from '../refusal.ts'
import type { Instant, Owner, Serial } from '../vocabulary.ts'
import type { RunQuery } from './run-query.ts'
import type { SqlFragment } from './change.ts'
import { fragment } from './change.ts'
import { realmKey } from './realms.ts'

/** Whether there is room for one more, the token itself not counted. */
function roomFor({ of, type, activeOnly, most }: TokenLimit, serial: Serial, owner: Owner, at: Instant): SqlFragment {
  const whose =
    of === 'realm'
      ? fragment('realm = ?', realmKey(owner.realm))
      : fragment('realm = ? AND login = ?', realmKey(owner.realm), owner.login)
  const which = type === undefined ? fragment('true') : fragment('type = ?', type)
  // A code that is out is an active token as soon as somebody scans it.
  const active = activeOnly
    ? fragment(`(active = 1 OR (state = 'clientwait' AND revoked = 0 AND credential_expires > ?))`, at)
    : fragment('true')
  return fragment(
    `(SELECT count(*) FROM tokens WHERE ${whose.sql} AND ${which.sql} AND ${active.sql} AND serial <> ?) < ?`,
    ...whose.values,
    ...which.values,
    ...active.values,
    serial,
    most,
  )
}

interface Limited {
  readonly serial: Serial
  readonly owner?: Owner | undefined
  readonly limits?: readonly TokenLimit[]
}

/** The condition with the limits beside it. */
export function withLimits(when: SqlFragment, { serial, owner, limits = [] }: Limited, at: Instant): SqlFragment {
  if (limits.length === 0 || owner === undefined) return when
  const rooms = limits.map((limit) => roomFor(limit, serial, owner, at))
  const sql = [when.sql, ...rooms.map((room) => room.sql)].join(' AND ')
  return fragment(sql, ...when.values, ...rooms.flatMap(({ values }) => values))
}

export const limitLookup = (runQuery: RunQuery): Pick<TokenTable, 'exceededLimit'> => ({
  async exceededLimit(serial, owner, limits, at) {
    const rooms = limits.map((limit) => roomFor(limit, serial, owner, at))
    const columns = rooms.map(({ sql }, index) => `${sql} AS room${index}`)
    const outcome = await runQuery('token limits', (db) =>
      db
        .prepare(`SELECT ${columns.join(', ')}`)
        .bind(...rooms.flatMap(({ values }) => values))
        .first<Record<string, number>>(),
    )
    if (!outcome.ok) return outcome
    return done(limits.find((_, index) => outcome.value?.[`room${index}`] !== 1))
  },
})
