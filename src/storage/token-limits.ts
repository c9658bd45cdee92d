/** Limits on the number of tokens. They are checked in the statement that stores a token, so concurrent requests cannot exceed them. */
import type { TokenLimit, TokenTable } from '../ports/tokens.ts'
import { done } from '../refusal.ts'
import type { Instant, Owner, Serial } from '../vocabulary.ts'
import type { RunQuery } from './run-query.ts'
import { fragment, type SqlFragment } from './change.ts'
import { realmKey } from './realms.ts'

/** True when one more token fits, the token itself not counted. */
function roomFor({ of, type, activeOnly, most }: TokenLimit, serial: Serial, owner: Owner, at: Instant): SqlFragment {
  const isOfOwner =
    of === 'realm'
      ? fragment('realm = ?', realmKey(owner.realm))
      : fragment('realm = ? AND login = ?', realmKey(owner.realm), owner.login)
  const isOfType = type === undefined ? fragment('true') : fragment('type = ?', type)
  // A token whose QR code is shown becomes active as soon as somebody scans it.
  const isActive = activeOnly
    ? fragment(`(active = 1 OR (state = 'clientwait' AND revoked = 0 AND credential_expires > ?))`, at)
    : fragment('true')
  return fragment(
    `(SELECT count(*) FROM tokens WHERE ${isOfOwner.sql} AND ${isOfType.sql} AND ${isActive.sql} AND serial <> ?) < ?`,
    ...isOfOwner.values,
    ...isOfType.values,
    ...isActive.values,
    serial,
    most,
  )
}

interface Limited {
  readonly serial: Serial
  readonly owner?: Owner | undefined
  readonly limits?: readonly TokenLimit[]
}

/** The condition, and that no limit is exceeded. */
export function withLimits(condition: SqlFragment, { serial, owner, limits = [] }: Limited, at: Instant): SqlFragment {
  if (limits.length === 0 || owner === undefined) return condition
  const rooms = limits.map((limit) => roomFor(limit, serial, owner, at))
  const sql = [condition.sql, ...rooms.map((room) => room.sql)].join(' AND ')
  return fragment(sql, ...condition.values, ...rooms.flatMap(({ values }) => values))
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
