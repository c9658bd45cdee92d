/** Deletes tokens that no phone has ever registered with. None of them has a phone object, so nobody has to be told. */
import type { PageStart, SweptPage } from '../ports/housekeeping.ts'
import { done, type Outcome } from '../refusal.ts'
import { instant, type Instant, seconds } from '../vocabulary.ts'
import { EXPIRED_ENROLLMENT } from '../vocabulary/housekeeping.ts'
import { newSalt } from './audit-commitments.ts'
import { type VersionRow, versionOf } from './next-revision.ts'
import { rowsOf, type RunQuery } from './run-query.ts'

const LIMIT = seconds(10)
/** Tokens of a page. */
const PAGE = 500
/** The kinds of tokens that wait for their phone, whatever else they are (migration 0003). The index ends with the serial, so a page is a
 *  stretch of it, and no registered token is read. */
const KINDS = [0, 1, 2, 3, 8, 9, 10, 11]
const INFO = 'no phone registered before the code expired, nor in the thirty days after'

/** `?`: the time before which the code has expired. A token that is enrolled anew meanwhile has another one. */
const EXPIRED = `state = 'clientwait' AND phone_key IS NULL AND credential_expires <= ?`

// `?1`: the time of the change; `?2`: JSON of [serial, salt] of each token; `?3`: as above. The entries of the audit are written first, and
// everything after depends on them, as in change.ts.
const ENTRIES = `INSERT INTO audit
    (at, shard, sequence, number, action, success, authentication, serial, login, realm, administrator, address, info, salt)
  SELECT ?1, 'catalogue', max(deployment.revision + 1, ?1 - json_array_length(?2) + 1) + one.key,
    deployment.catalogue_number + row_number() OVER (ORDER BY one.key), '${EXPIRED_ENROLLMENT}', 1, '',
    tokens.serial, tokens.login, tokens.realm, '', '', '${INFO}', one.value ->> 1
  FROM deployment CROSS JOIN json_each(?2) AS one JOIN tokens ON tokens.serial = one.value ->> 0
  WHERE ${EXPIRED.replace('?', '?3')}`
const WRITTEN = `FROM deployment CROSS JOIN audit ON audit.at = ?1 AND audit.shard = 'catalogue' AND audit.sequence > deployment.revision`
const VERSIONS = `SELECT deployment.epoch, deployment.revision AS previous, max(audit.sequence) AS revision, count(*) AS count ${WRITTEN}
  HAVING count(*) > 0`
const BUMP = `UPDATE deployment SET (revision, catalogue_number) =
    (SELECT max(audit.sequence), max(audit.number) ${WRITTEN}) WHERE EXISTS (SELECT 1 ${WRITTEN})`

export async function deleteEnrollments(
  runQuery: RunQuery,
  expiredBefore: Instant,
  from: PageStart = [0, ''],
): Promise<Outcome<SweptPage>> {
  const [place = 0, after = ''] = from
  const kind = KINDS[Number(place)]
  if (kind === undefined) return done({ deleted: 0 })
  const page = await runQuery(
    'housekeeping: page of enrollments',
    (db) =>
      db
        .prepare(
          `SELECT serial, (${EXPIRED}) AS expired, (SELECT revision FROM deployment) AS revision
           FROM tokens INDEXED BY tokens_of_kind WHERE kind = ? AND serial > ? ORDER BY serial LIMIT ${PAGE}`,
        )
        .bind(expiredBefore, kind, after)
        .all<{ serial: string; expired: number; revision: number }>(),
    LIMIT,
  )
  if (!page.ok) return page
  const rows = page.value.results
  const now = runQuery.now()
  const room = Math.max(1, now - (rows[0]?.revision ?? now))
  const expired = rows.filter((row) => row.expired === 1).map(({ serial }) => serial)
  const chosen = expired.slice(0, room)
  // The rest is on the next page.
  const last = chosen.length < expired.length ? chosen.at(-1) : rows.length === PAGE ? rows.at(-1)?.serial : undefined
  const next = last === undefined ? [Number(place) + 1, ''] : [place, last]
  if (chosen.length === 0) return done({ deleted: 0, next })
  const deleted = await deleteThese(runQuery, chosen, expiredBefore, now)
  return deleted.ok ? done({ deleted: deleted.value, next }) : deleted
}

/** Deletes those of these tokens that are still expired, in one transaction, and reports the change. */
async function deleteThese(
  runQuery: RunQuery,
  serials: readonly string[],
  expiredBefore: Instant,
  now: Instant,
): Promise<Outcome<number>> {
  const list = JSON.stringify(serials.map((serial) => [serial, newSalt(runQuery.random)]))
  const found = runQuery.watch.begin()
  const outcome = await runQuery(
    'housekeeping: enrollments',
    (db) =>
      db.batch([
        db.prepare(ENTRIES).bind(now, list, expiredBefore),
        ...['token_info', 'token_realms', 'tokens'].map((table) =>
          db.prepare(`DELETE FROM ${table} WHERE serial IN (SELECT audit.serial ${WRITTEN})`).bind(now),
        ),
        db.prepare(VERSIONS).bind(now),
        db.prepare(BUMP).bind(now),
      ]),
    LIMIT,
  )
  if (!outcome.ok) return outcome
  const [row] = rowsOf<VersionRow & { readonly count: number }>(outcome.value.at(-2))
  if (row === undefined) return done(0)
  const version = versionOf(row)
  found(version)
  await runQuery.report({ ...version, at: instant(now), action: EXPIRED_ENROLLMENT, info: `${row.count} tokens` })
  return done(row.count)
}
