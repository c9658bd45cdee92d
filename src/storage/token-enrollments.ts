/** Enrolls tokens, new ones and existing ones again. */
import type { NewToken, TokenTable } from '../ports/tokens.ts'
import type { RunQuery } from './run-query.ts'
import { fragment, type SqlFragment, tryChange } from './change.ts'
import { realmKey } from './realms.ts'
import { addToRealms, awaitsPhone } from './token-changes.ts'
import { withLimits } from './token-limits.ts'
import { ensureOwner } from './users.ts'

/** Whether the token may be added. Two concurrent logins must not give an owner two tokens. */
function mayAdd({ serial, owner, login }: NewToken): SqlFragment {
  const free = 'NOT EXISTS (SELECT 1 FROM tokens WHERE serial = ?)'
  if (login === undefined || owner === undefined) return fragment(free, serial)
  return fragment(
    `${free} AND NOT EXISTS (SELECT 1 FROM tokens WHERE realm = ? AND login = ?)`,
    serial,
    realmKey(owner.realm),
    owner.login,
  )
}

/** Whether the token may be enrolled again: owner and state are still those that were authorized. Concurrent re-enrollment of an
 *  enrolled token: the first wins. If the token was waiting already, the last wins. */
function mayRenew({ serial, type, owner: newOwner, login, replaces, isUnused = false }: NewToken): SqlFragment {
  if (login?.insteadOf !== undefined) return awaitsPhone(serial, login.insteadOf, newOwner)
  const unused = isUnused ? ' AND phone_key IS NULL' : ''
  const exists = fragment(`serial = ? AND type = ? AND revoked = 0${unused}`, serial, type)
  if (replaces === undefined) return fragment(`EXISTS (SELECT 1 FROM tokens WHERE ${exists.sql})`, ...exists.values)
  const { owner, state } = replaces
  return fragment(
    `EXISTS (SELECT 1 FROM tokens WHERE ${exists.sql} AND realm IS ? AND login IS ? AND state IN (?, 'enrolled'))`,
    ...exists.values,
    owner === undefined ? null : realmKey(owner.realm),
    owner?.login ?? null,
    state,
  )
}

/** The condition, and that the signing key was not deleted since the request read which one is current. */
const withKey = ({ sql, values }: SqlFragment, { signingKey }: NewToken): SqlFragment =>
  fragment(`${sql} AND NOT EXISTS (SELECT 1 FROM deleted_signing_keys WHERE id = ?)`, ...values, signingKey)

export const tokenEnrollments = (runQuery: RunQuery): Pick<TokenTable, 'add' | 'renew'> => ({
  add: (token, entry) =>
    tryChange(runQuery, 'add token', entry, {
      condition: withLimits(withKey(mayAdd(token), token), token, entry.at),
      statements: [
        ...ensureOwner(token.owner),
        fragment(
          `INSERT INTO tokens (serial, type, revision, realm, login, description, state, active, firebase, registration_url,
             signing_key, pin, max_attempts, credential_hash, credential_expires, valid_from, valid_until, created_at,
             assigned_at, enrollment_transaction)
           SELECT ?, ?, due.revision, ?, ?, ?, 'clientwait', 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM due`,
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
          entry.at,
          token.owner === undefined ? null : entry.at,
          token.login?.id ?? null,
        ),
        addToRealms(token.serial, token.realms ?? []),
      ],
    }),

  /** The earlier phone's key stays until another phone registers. Fields without a new value stay too, except that a PIN does not
   *  pass from one owner to another. */
  renew: (token, entry) =>
    tryChange(runQuery, 'renew token', entry, {
      condition: withLimits(withKey(mayRenew(token), token), token, entry.at),
      statements: [
        ...ensureOwner(token.owner),
        fragment(
          `UPDATE tokens SET revision = due.revision, void_before = due.revision, state = 'clientwait', active = 0,
             registration_digest = NULL, realm = coalesce(?, realm), login = coalesce(?, login),
             assigned_at = coalesce(?, assigned_at), description = coalesce(nullif(?, ''), description),
             firebase = ?, registration_url = ?, signing_key = ?, max_attempts = ?,
             pin = coalesce(?, CASE WHEN login IS NULL OR (realm = coalesce(?, realm) AND login = coalesce(?, login)) THEN pin END),
             pin_state = CASE WHEN ? IS NULL AND (login IS NULL OR (realm = coalesce(?, realm) AND login = coalesce(?, login))) THEN pin_state END,
             credential_hash = ?, credential_expires = ?,
             valid_from = coalesce(?, valid_from), valid_until = coalesce(?, valid_until), enrollment_transaction = ?
           FROM due WHERE serial = ?`,
          token.owner === undefined ? null : realmKey(token.owner.realm),
          token.owner?.login ?? null,
          token.owner === undefined ? null : entry.at,
          token.description,
          token.firebase,
          token.registrationUrl,
          token.signingKey,
          token.maxAttempts,
          token.pin ?? null,
          token.owner === undefined ? null : realmKey(token.owner.realm),
          token.owner?.login ?? null,
          token.pin ?? null,
          token.owner === undefined ? null : realmKey(token.owner.realm),
          token.owner?.login ?? null,
          token.credentialHash,
          token.credentialExpires,
          token.validFrom ?? null,
          token.validUntil ?? null,
          token.login?.id ?? null,
          token.serial,
        ),
        addToRealms(token.serial, token.realms ?? []),
      ],
    }),
})
