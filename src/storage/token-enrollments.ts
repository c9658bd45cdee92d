/** How tokens come about, by enrollment. Each change is one batch that gives the token a new revision of the deployment. */
import type { NewToken, TokenTable } from '../ports/tokens.ts'
import type { RunQuery } from './run-query.ts'
import type { SqlFragment } from './change.ts'
import { tryChange, fragment } from './change.ts'
import { realmKey } from './realms.ts'
import { addToRealms, awaitsPhone } from './token-changes.ts'
import { withLimits } from './token-limits.ts'
import { ensureOwner } from './users.ts'

/** Two logins at once must not give an owner two tokens. */
function addable({ serial, owner, login }: NewToken): SqlFragment {
  const free = 'NOT EXISTS (SELECT 1 FROM tokens WHERE serial = ?)'
  if (login === undefined || owner === undefined) return fragment(free, serial)
  return fragment(
    `${free} AND NOT EXISTS (SELECT 1 FROM tokens WHERE realm = ? AND login = ?)`,
    serial,
    realmKey(owner.realm),
    owner.login,
  )
}

/** Who may enroll it anew was asked of its owner then. Of two who do so at once with a token whose phone holds it, the second
 *  finds it waiting; where it waited already, the code that is made last counts, as of one made after the other. */
function renewable({ serial, type, owner: newOwner, login, replaces }: NewToken): SqlFragment {
  if (login?.insteadOf !== undefined) return awaitsPhone(serial, login.insteadOf, newOwner)
  const there = fragment('serial = ? AND type = ? AND revoked = 0', serial, type)
  if (replaces === undefined) return fragment(`EXISTS (SELECT 1 FROM tokens WHERE ${there.sql})`, ...there.values)
  const { owner, state } = replaces
  return fragment(
    `EXISTS (SELECT 1 FROM tokens WHERE ${there.sql} AND realm IS ? AND login IS ? AND state IN (?, 'enrolled'))`,
    ...there.values,
    owner === undefined ? null : realmKey(owner.realm),
    owner?.login ?? null,
    state,
  )
}

export const tokenEnrollments = (runQuery: RunQuery): Pick<TokenTable, 'add' | 'renew'> => ({
  add: (token, entry) =>
    tryChange(runQuery, 'add token', entry, {
      condition: withLimits(addable(token), token, entry.at),
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

  /** The keys of the phone before stay until another registers. What is not given anew stays too, but for a PIN of
   *  another owner's. */
  renew: (token, entry) =>
    tryChange(runQuery, 'renew token', entry, {
      condition: withLimits(renewable(token), token, entry.at),
      statements: [
        ...ensureOwner(token.owner),
        fragment(
          `UPDATE tokens SET revision = due.revision, void_before = due.revision, state = 'clientwait', active = 0,
             registration_digest = NULL, realm = coalesce(?, realm), login = coalesce(?, login),
             assigned_at = coalesce(?, assigned_at), description = coalesce(nullif(?, ''), description),
             firebase = ?, registration_url = ?, signing_key = ?, max_attempts = ?,
             pin = coalesce(?, CASE WHEN login IS NULL OR (realm = coalesce(?, realm) AND login = coalesce(?, login)) THEN pin END),
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
