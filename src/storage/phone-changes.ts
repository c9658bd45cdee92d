/** What phones change of their tokens, and what is learned of reaching them. */
import type { TokenTable } from '../ports/tokens.ts'
import type { Outcome } from '../refusal.ts'
import { done } from '../refusal.ts'
import type { Serial } from '../vocabulary.ts'
import type { AppReport } from '../vocabulary/phones.ts'
import type { RunQuery } from './run-query.ts'
import { rowsOf } from './run-query.ts'
import type { SqlFragment } from './change.ts'
import { fragment } from './change.ts'

/** A phone's own change, without a entry: the token's update takes the revision to come, if its condition holds, and
 *  the counter follows if it did. */
async function phoneChange(
  runQuery: RunQuery,
  question: string,
  serial: Serial,
  update: SqlFragment,
): Promise<Outcome<boolean>> {
  const outcome = await runQuery(question, (db) =>
    db.batch([
      db.prepare(update.sql).bind(...update.values),
      db
        .prepare(
          `UPDATE deployment SET revision = tokens.revision FROM tokens
           WHERE tokens.serial = ? AND tokens.revision = deployment.revision + 1 RETURNING revision`,
        )
        .bind(serial),
    ]),
  )
  return outcome.ok ? done(rowsOf(outcome.value.at(-1)).length > 0) : outcome
}

/** The columns app, system and capabilities. */
const seen = ({ app, system, capabilities }: AppReport): readonly (string | null)[] => [
  app ?? null,
  system ?? null,
  capabilities === undefined ? null : JSON.stringify(capabilities),
]

export const phoneChanges = (
  runQuery: RunQuery,
): Pick<TokenTable, 'registerPhone' | 'refreshRegistration' | 'quarantine' | 'copyCounters'> => ({
  registerPhone: (registration) =>
    phoneChange(
      runQuery,
      'register phone',
      registration.serial,
      fragment(
        // Another phone, another clock: what the one before signed last says nothing about this one.
        `UPDATE tokens SET revision = deployment.revision + 1, state = 'enrolled', active = 1, phone_key = ?,
           registration_token = ?, registration_digest = ?, registered_at = ?, refreshed_at = NULL,
           quarantined_at = NULL, quarantine_cause = NULL, app = ?, system = ?, capabilities = ?,
           credential_hash = NULL, credential_expires = NULL
         FROM deployment
         WHERE serial = ? AND state = 'clientwait' AND revoked = 0 AND credential_hash = ? AND credential_expires > ?`,
        registration.phoneKey,
        registration.registrationToken,
        registration.digest,
        registration.at,
        ...seen(registration),
        registration.serial,
        registration.credentialHash,
        registration.at,
      ),
    ),

  refreshRegistration: (serial, refreshed) =>
    phoneChange(
      runQuery,
      'refresh registration',
      serial,
      fragment(
        `UPDATE tokens SET revision = deployment.revision + 1, registration_token = ?1, refreshed_at = ?2,
           quarantined_at = NULL, quarantine_cause = NULL, app = coalesce(?4, app), system = coalesce(?5, system),
           capabilities = coalesce(?6, capabilities)
         FROM deployment
         WHERE serial = ?3 AND state = 'enrolled' AND revoked = 0 AND (refreshed_at IS NULL OR refreshed_at < ?2)
           AND phone_key = coalesce(?7, phone_key)`,
        refreshed.registrationToken,
        refreshed.at,
        serial,
        ...seen(refreshed),
        refreshed.phoneKey ?? null,
      ),
    ),

  /** No change of the token, which stays as fit and as keyed as it was. */
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

  /** The Phone's counters, copied: its own are the truth, so this is no change of the token. */
  async copyCounters(serial, counters) {
    const outcome = await runQuery('copy counters', (db) =>
      db
        .prepare(
          `UPDATE tokens SET attempts = ?, failures = ?, successes = ?, last_use = coalesce(?, last_use),
             app = coalesce(?, app), system = coalesce(?, system)
           WHERE serial = ?`,
        )
        .bind(
          counters.attempts,
          counters.failures,
          counters.successes,
          counters.lastUse ?? null,
          ...seen(counters).slice(0, 2),
          serial,
        )
        .run(),
    )
    return outcome.ok ? done(undefined) : outcome
  },
})
