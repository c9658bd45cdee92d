/** How tokens change. Each change is one batch that gives the token a new revision of the deployment. */
import type { Catalogue, NewToken, TokenChange } from '../ports/catalogue.ts'
import type { Outcome } from '../refusal.ts'
import { done } from '../refusal.ts'
import type { Serial, TransactionId } from '../vocabulary.ts'
import type { Ask } from './ask.ts'
import { rowsOf } from './ask.ts'
import type { Part } from './change.ts'
import { flag, happens, part } from './change.ts'
import { realmKey } from './realms.ts'
import { ownerSteps } from './users.ts'

// A revoked token stays as it is until it is deleted.
const changeable = (serial: Serial): Part =>
  part('EXISTS (SELECT 1 FROM tokens WHERE serial = ? AND revoked = 0)', serial)

/** Registering, showing the code again and calling it off all ask for this state: one of them finds it. */
const waiting = (serial: Serial, login: TransactionId): Part =>
  part(
    `EXISTS (SELECT 1 FROM tokens WHERE serial = ? AND revoked = 0 AND state = 'clientwait' AND enrollment_transaction = ?)`,
    serial,
    login,
  )

/** Two logins at once must not give an owner two tokens. */
function addable({ serial, owner, login }: NewToken): Part {
  const free = 'NOT EXISTS (SELECT 1 FROM tokens WHERE serial = ?)'
  if (login === undefined || owner === undefined) return part(free, serial)
  return part(
    `${free} AND NOT EXISTS (SELECT 1 FROM tokens WHERE realm = ? AND login = ?)`,
    serial,
    realmKey(owner.realm),
    owner.login,
  )
}

const renewable = ({ serial, type, login }: NewToken): Part =>
  login?.insteadOf === undefined
    ? part('EXISTS (SELECT 1 FROM tokens WHERE serial = ? AND type = ? AND revoked = 0)', serial, type)
    : waiting(serial, login.insteadOf)

const setting = (serial: Serial, column: string, value: string | number | null): Part =>
  part(`UPDATE tokens SET ${column} = ?, revision = due.revision FROM due WHERE serial = ?`, value, serial)

function whenOf(serial: Serial, change: TokenChange): Part {
  switch (change.kind) {
    case 'deleted':
      return part('EXISTS (SELECT 1 FROM tokens WHERE serial = ?)', serial)
    case 'enrollment_cancelled':
      return waiting(serial, change.login)
    case 'active':
      // Enabling what is enabled changes nothing, and is told so.
      return part(
        'EXISTS (SELECT 1 FROM tokens WHERE serial = ? AND revoked = 0 AND active <> ?)',
        serial,
        flag(change.active),
      )
    case 'revoked':
    case 'pin':
    case 'description':
    case 'polling_allowed':
      return changeable(serial)
  }
}

function stepOf(serial: Serial, change: TokenChange): Part {
  switch (change.kind) {
    case 'active':
      return setting(serial, 'active', flag(change.active))
    case 'revoked':
      return part(
        'UPDATE tokens SET revoked = 1, active = 0, revision = due.revision FROM due WHERE serial = ?',
        serial,
      )
    case 'pin':
      return setting(serial, 'pin', change.pin ?? null)
    case 'description':
      return setting(serial, 'description', change.description)
    case 'polling_allowed':
      return setting(serial, 'polling_allowed', flag(change.allowed))
    case 'deleted':
    case 'enrollment_cancelled':
      return part('DELETE FROM tokens WHERE serial = ? AND EXISTS (SELECT 1 FROM due)', serial)
  }
}

/** A phone's own change, without a deed: the token's update takes the revision to come, if its condition holds, and
 *  the counter follows if it did. */
async function phoneChange(ask: Ask, question: string, serial: Serial, update: Part): Promise<Outcome<boolean>> {
  const outcome = await ask(question, (db) =>
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

type Changes = 'addToken' | 'renewToken' | 'registerPhone' | 'refreshRegistration' | 'changeToken' | 'copyCounters'

export const tokenChanges = (ask: Ask): Pick<Catalogue, Changes> => ({
  addToken: (token, deed) =>
    happens(ask, 'add token', deed, {
      when: addable(token),
      steps: [
        ...ownerSteps(token.owner),
        part(
          `INSERT INTO tokens (serial, type, revision, realm, login, description, state, active, firebase, registration_url,
             signing_key, pin, max_attempts, credential_hash, credential_expires, valid_from, valid_until, created_at,
             enrollment_transaction)
           SELECT ?, ?, due.revision, ?, ?, ?, 'clientwait', 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM due`,
          token.serial,
          token.type,
          token.owner === undefined ? null : realmKey(token.owner.realm),
          token.owner?.login ?? null,
          token.description,
          token.firebase,
          token.registrationUrl,
          token.signingKey,
          token.pin ?? null,
          token.maxAttempts,
          token.credentialHash,
          token.credentialExpires,
          token.validFrom ?? null,
          token.validUntil ?? null,
          deed.at,
          token.login?.id ?? null,
        ),
      ],
    }),

  /** The keys of the phone before stay until another registers. What is not given anew stays too. */
  renewToken: (token, deed) =>
    happens(ask, 'renew token', deed, {
      when: renewable(token),
      steps: [
        ...ownerSteps(token.owner),
        part(
          `UPDATE tokens SET revision = due.revision, state = 'clientwait', active = 0, registration_digest = NULL,
             realm = coalesce(?, realm), login = coalesce(?, login), description = coalesce(nullif(?, ''), description),
             firebase = ?, registration_url = ?, signing_key = ?, pin = coalesce(?, pin), max_attempts = ?,
             credential_hash = ?, credential_expires = ?,
             valid_from = coalesce(?, valid_from), valid_until = coalesce(?, valid_until), enrollment_transaction = ?
           FROM due WHERE serial = ?`,
          token.owner === undefined ? null : realmKey(token.owner.realm),
          token.owner?.login ?? null,
          token.description,
          token.firebase,
          token.registrationUrl,
          token.signingKey,
          token.pin ?? null,
          token.maxAttempts,
          token.credentialHash,
          token.credentialExpires,
          token.validFrom ?? null,
          token.validUntil ?? null,
          token.login?.id ?? null,
          token.serial,
        ),
      ],
    }),

  registerPhone: (registration) =>
    phoneChange(
      ask,
      'register phone',
      registration.serial,
      part(
        // Another phone, another clock: what the one before signed last says nothing about this one.
        `UPDATE tokens SET revision = deployment.revision + 1, state = 'enrolled', active = 1, phone_key = ?,
           registration_token = ?, registration_digest = ?, registered_at = ?, refreshed_at = NULL,
           credential_hash = NULL, credential_expires = NULL
         FROM deployment
         WHERE serial = ? AND state = 'clientwait' AND revoked = 0 AND credential_hash = ? AND credential_expires > ?`,
        registration.phoneKey,
        registration.registrationToken,
        registration.digest,
        registration.at,
        registration.serial,
        registration.credentialHash,
        registration.at,
      ),
    ),

  refreshRegistration: (serial, registrationToken, at) =>
    phoneChange(
      ask,
      'refresh registration',
      serial,
      part(
        `UPDATE tokens SET revision = deployment.revision + 1, registration_token = ?1, refreshed_at = ?2
         FROM deployment
         WHERE serial = ?3 AND state = 'enrolled' AND revoked = 0 AND (refreshed_at IS NULL OR refreshed_at < ?2)`,
        registrationToken,
        at,
        serial,
      ),
    ),

  changeToken: (serial, change, deed) =>
    happens(ask, `change token: ${change.kind}`, deed, {
      when: whenOf(serial, change),
      steps: [stepOf(serial, change)],
    }),

  /** The Phone's counters, copied: its own are the truth, so this is no change of the token. */
  async copyCounters(serial, counters) {
    const outcome = await ask('copy counters', (db) =>
      db
        .prepare('UPDATE tokens SET attempts = ?, successes = ?, last_use = coalesce(?, last_use) WHERE serial = ?')
        .bind(counters.attempts, counters.successes, counters.lastUse ?? null, serial)
        .run(),
    )
    return outcome.ok ? done(undefined) : outcome
  },
})
