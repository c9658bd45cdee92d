/** What phones change in the table of tokens: registration, registration token, quarantine and counters. */
import type { TokenTable } from '../ports/tokens.ts'
import { done, type Outcome } from '../refusal.ts'
import type { Serial } from '../vocabulary.ts'
import type { AppReport } from '../vocabulary/phones.ts'
import { NEXT_REVISION, type VersionRow, versionOf } from './next-revision.ts'
import { rowsOf, type RunQuery } from './run-query.ts'
import { fragment, type SqlFragment } from './change.ts'

/** Changes a token at a phone's request, without an audit entry, and reports it. If the update's condition holds, the token takes
 *  the next revision, and then the deployment's revision follows. `?1` of the update is the time of the change. */
async function phoneChange(
  runQuery: RunQuery,
  name: 'register phone' | 'refresh registration',
  serial: Serial,
  update: SqlFragment,
  others: readonly SqlFragment[] = [],
): Promise<Outcome<boolean>> {
  const at = runQuery.now()
  const found = runQuery.watch.begin()
  const outcome = await runQuery(name, (db) =>
    db.batch([
      db.prepare(update.sql).bind(at, ...update.values),
      ...others.map(({ sql, values }) => db.prepare(sql).bind(...values)),
      // Until the deployment follows, no other token has a revision above its own.
      db
        .prepare(
          `SELECT deployment.epoch, deployment.revision AS previous, tokens.revision, tokens.realm, tokens.login
           FROM deployment CROSS JOIN tokens WHERE tokens.serial = ? AND tokens.revision > deployment.revision`,
        )
        .bind(serial),
      db
        .prepare(
          `UPDATE deployment SET revision = tokens.revision FROM tokens
           WHERE tokens.serial = ? AND tokens.revision > deployment.revision`,
        )
        .bind(serial),
    ]),
  )
  if (!outcome.ok) return outcome
  const [row] = rowsOf<VersionRow & { realm: string | null; login: string | null }>(outcome.value.at(-2))
  if (row === undefined) return done(false)
  found(versionOf(row))
  const owner = row.login === null || row.realm === null ? {} : { owner: { login: row.login, realm: row.realm } }
  await runQuery.report({ ...versionOf(row), at, action: name, serial, ...owner })
  return done(true)
}

/** The values of the columns app, system and capabilities. */
const appColumns = ({ app, system, capabilities }: AppReport): readonly (string | null)[] => [
  app ?? null,
  system ?? null,
  capabilities === undefined ? null : JSON.stringify(capabilities),
]

/** Gives the other tokens of this token's owner its revision, if that is new: a list of the owner's tokens without this one is
 *  recognized by each of them. */
const reviseOthers = (serial: Serial): SqlFragment =>
  fragment(
    `UPDATE tokens SET revision = one.revision FROM tokens AS one CROSS JOIN deployment
     WHERE one.serial = ? AND one.revision > deployment.revision
       AND tokens.realm = one.realm AND tokens.login = one.login AND tokens.serial <> one.serial`,
    serial,
  )

export const phoneChanges = (
  runQuery: RunQuery,
): Pick<
  TokenTable,
  'registerPhone' | 'refreshRegistration' | 'quarantine' | 'storeObjectNumber' | 'keepPin' | 'copyCounters'
> => ({
  registerPhone: (registration) =>
    phoneChange(
      runQuery,
      'register phone',
      registration.serial,
      fragment(
        // Another phone has another clock: timestamps of the phone before say nothing about this one, so refreshed_at is cleared.
        `UPDATE tokens SET revision = ${NEXT_REVISION}, bound_revision = ${NEXT_REVISION}, state = 'enrolled', active = 1,
           home = CASE WHEN phone_key IS NULL THEN ? ELSE home END, seen = ?, phone_key = ?,
           registration_token = ?, registration_digest = ?, registered_at = ?, refreshed_at = NULL,
           quarantined_at = NULL, quarantine_cause = NULL, app = ?, system = ?, capabilities = ?,
           credential_hash = NULL, credential_expires = NULL
         FROM deployment
         WHERE serial = ? AND state = 'clientwait' AND revoked = 0 AND credential_hash = ? AND credential_expires > ?`,
        registration.region ?? null,
        registration.region ?? null,
        registration.phoneKey,
        registration.registrationToken,
        registration.digest,
        registration.at,
        ...appColumns(registration),
        registration.serial,
        registration.credentialHash,
        registration.at,
      ),
      [reviseOthers(registration.serial)],
    ),

  refreshRegistration: (serial, refreshed) =>
    phoneChange(
      runQuery,
      'refresh registration',
      serial,
      fragment(
        `UPDATE tokens SET revision = ${NEXT_REVISION}, registration_token = ?2, refreshed_at = ?3,
           quarantined_at = NULL, quarantine_cause = NULL, app = coalesce(?5, app), system = coalesce(?6, system),
           capabilities = coalesce(?7, capabilities)
         FROM deployment
         WHERE serial = ?4 AND state = 'enrolled' AND revoked = 0 AND (refreshed_at IS NULL OR refreshed_at < ?3)
           AND phone_key = coalesce(?8, phone_key)`,
        refreshed.registrationToken,
        refreshed.at,
        serial,
        ...appColumns(refreshed),
        refreshed.phoneKey ?? null,
      ),
    ),

  /** Gives no new revision: the token itself stays as it is. */
  async quarantine(serial, { registrationToken, cause, at }) {
    const outcome = await runQuery('quarantine', (db) =>
      db
        .prepare(
          `UPDATE tokens SET quarantined_at = ?1, quarantine_cause = ?2
           WHERE serial = ?3 AND registration_token = ?4 AND quarantined_at IS NULL
             AND coalesce(refreshed_at, registered_at, 0) <= ?1`,
        )
        .bind(at, cause, serial, registrationToken)
        .run(),
    )
    return outcome.ok ? done(undefined) : outcome
  },

  /** Gives no new revision: an earlier object of the phone names this one to its callers. */
  async storeObjectNumber(serial, number, home) {
    const outcome = await runQuery('object number', (db) =>
      db
        .prepare('UPDATE tokens SET object_number = ?2, home = ?3 WHERE serial = ?1 AND object_number < ?2')
        .bind(serial, number, home)
        .run(),
    )
    return outcome.ok ? done(undefined) : outcome
  },

  /** Gives no new revision: the phone object's own counters are the exact ones. */
  async keepPin(serial, pending, sealed) {
    const outcome = await runQuery('keep PIN', (db) =>
      db
        .prepare('UPDATE tokens SET pin = ?, pin_state = NULL WHERE serial = ? AND pin = ?')
        .bind(sealed, serial, pending)
        .run(),
    )
    return outcome.ok ? done(outcome.value.meta.changes > 0) : outcome
  },

  async copyCounters(serial, counters) {
    const outcome = await runQuery('copy counters', (db) =>
      db
        .prepare(
          `UPDATE tokens SET attempts = ?, failures = ?, successes = ?, last_use = coalesce(?, last_use),
             app = coalesce(?, app), system = coalesce(?, system), seen = coalesce(?, seen)
           WHERE serial = ?`,
        )
        .bind(
          counters.attempts,
          counters.failures,
          counters.successes,
          counters.lastUse ?? null,
          ...appColumns(counters).slice(0, 2),
          counters.seen ?? null,
          serial,
        )
        .run(),
    )
    return outcome.ok ? done(undefined) : outcome
  },
})
