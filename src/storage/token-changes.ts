/** Changes tokens as administrators ask. Each change is one batch and gives the token a new revision. */
import type { TokenChange, TokenTable } from '../ports/tokens.ts'
import type { AuditEntry } from '../ports/audit.ts'
import type { Instant, Owner, Serial, TransactionId } from '../vocabulary.ts'
import { CHANGES_OWNER_TOKENS, RINGS_PAUSED_UNTIL, type TokenSettings } from '../vocabulary/tokens.ts'
import { formatTimestamp } from '../timestamps.ts'
import type { RunQuery } from './run-query.ts'
import { flag, fragment, type SqlFragment, tryChange, type Value } from './change.ts'
import { realmKey } from './realms.ts'
import { withLimits } from './token-limits.ts'
import { ensureOwner } from './users.ts'

/** Info entries of administrators that a token may have. */
const INFO_ENTRIES = 32

// A revoked token stays as it is until it is deleted.
const changeable = (serial: Serial): SqlFragment =>
  fragment('EXISTS (SELECT 1 FROM tokens WHERE serial = ? AND revoked = 0)', serial)

const and = (one: SqlFragment, sql: string, ...values: readonly Value[]): SqlFragment =>
  fragment(`${one.sql} AND ${sql}`, ...one.values, ...values)

/** True while no phone has registered in this login and the token is still this owner's. Registering, showing the code again and
 *  cancelling all require it, so only one of them succeeds. */
export const awaitsPhone = (serial: Serial, login: TransactionId, owner: Owner | undefined): SqlFragment =>
  fragment(
    `EXISTS (SELECT 1 FROM tokens WHERE serial = ? AND revoked = 0 AND state = 'clientwait' AND enrollment_transaction = ?
       AND realm IS ? AND login IS ?)`,
    serial,
    login,
    owner === undefined ? null : realmKey(owner.realm),
    owner?.login ?? null,
  )

/** True while no phone has registered. */
const UNUSED = 'EXISTS (SELECT 1 FROM tokens WHERE serial = ? AND phone_key IS NULL)'

const hasInfoEntry = (serial: Serial, key: string): SqlFragment =>
  fragment('EXISTS (SELECT 1 FROM token_info WHERE serial = ? AND key = ?)', serial, key)

function conditionOf(serial: Serial, change: TokenChange): SqlFragment {
  switch (change.kind) {
    case 'deleted':
      return fragment('EXISTS (SELECT 1 FROM tokens WHERE serial = ?)', serial)
    case 'enrollment_cancelled':
      return awaitsPhone(serial, change.login, change.owner)
    case 'active':
      // Enabling an enabled token is no change. Disabling one that waits for its phone is: nothing registers by its QR code any more.
      return fragment(
        `EXISTS (SELECT 1 FROM tokens WHERE serial = ? AND revoked = 0
           AND (active <> ?${change.active ? '' : ' OR credential_hash IS NOT NULL'}))`,
        serial,
        flag(change.active),
      )
    case 'assigned':
      // Of two concurrent assignments to different users, the second finds it taken.
      return fragment(
        `EXISTS (SELECT 1 FROM tokens WHERE serial = ? AND revoked = 0 AND (login IS NULL OR (realm = ? AND login = ?)))`,
        serial,
        realmKey(change.owner.realm),
        change.owner.login,
      )
    case 'binding_undone':
      return fragment(
        `EXISTS (SELECT 1 FROM tokens WHERE serial = ? AND revoked = 0 AND state = 'enrolled' AND (active = 1 OR ?)
           AND bound_revision IS ? AND realm = ? AND login = ?)`,
        serial,
        // A new phone that was disabled meanwhile could be enabled again.
        flag(change.result === 'revoked'),
        change.revision ?? null,
        realmKey(change.owner.realm),
        change.owner.login,
      )
    case 'info': {
      const known = hasInfoEntry(serial, change.key)
      if (change.value === undefined) return and(changeable(serial), known.sql, ...known.values)
      const room = `(${known.sql} OR (SELECT count(*) FROM token_info WHERE serial = ? AND key <> ?) < ${INFO_ENTRIES})`
      return and(changeable(serial), room, ...known.values, serial, RINGS_PAUSED_UNTIL)
    }
    case 'rings_paused': {
      if (change.until !== undefined) return changeable(serial)
      const paused = hasInfoEntry(serial, RINGS_PAUSED_UNTIL)
      return and(changeable(serial), paused.sql, ...paused.values)
    }
    case 'revoked':
    case 'pin':
    case 'set':
    case 'unassigned':
    case 'realms':
    case 'polling_allowed':
      return changeable(serial)
  }
}

/** Sets columns of the token. `voids`: logins opened before can no longer be finalized. That includes the login in which its
 *  phone registered, so a repeated registration must not report to it. `binds`: its phone logs the owner in from now on. */
function updateToken(
  serial: Serial,
  columns: Readonly<Record<string, Value>>,
  voids: 'voids' | 'keeps' = 'keeps',
  binds: 'binds' | 'unbound' = 'unbound',
): SqlFragment {
  const names = Object.keys(columns).flatMap((name) => (name === 'pin' ? ['pin', 'pin_state'] : name))
  const set = [
    ...names.map((name) => `${name} = ?`),
    ...(voids === 'voids'
      ? [
          'void_before = due.revision',
          "enrollment_transaction = CASE state WHEN 'clientwait' THEN enrollment_transaction END",
        ]
      : []),
    ...(binds === 'binds' ? ['bound_revision = due.revision'] : []),
    'revision = due.revision',
  ]
  const values = names.map((name) => columns[name] ?? null)
  return fragment(`UPDATE tokens SET ${set.join(', ')} FROM due WHERE serial = ?`, ...values, serial)
}

const COLUMNS: Readonly<Record<keyof TokenSettings, string>> = {
  description: 'description',
  maxAttempts: 'max_attempts',
  maxUses: 'max_uses',
  maxSuccesses: 'max_successes',
  validFrom: 'valid_from',
  validUntil: 'valid_until',
}

const columnsOf = (settings: TokenSettings): Readonly<Record<string, Value>> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]): [string, Value] => [COLUMNS[name as keyof TokenSettings], value]),
  )

/** Gives the other tokens of the token's owner, or of `owner`, the change's revision: a list of the owner's tokens that was read before
 *  is recognized by each of them. */
const reviseOthers = (serial: Serial, owner?: Owner): SqlFragment =>
  owner === undefined
    ? fragment(
        `UPDATE tokens SET revision = due.revision FROM due WHERE serial <> ?
           AND realm = (SELECT realm FROM tokens WHERE serial = ?) AND login = (SELECT login FROM tokens WHERE serial = ?)`,
        serial,
        serial,
        serial,
      )
    : fragment(
        'UPDATE tokens SET revision = due.revision FROM due WHERE serial <> ? AND realm = ? AND login = ?',
        serial,
        realmKey(owner.realm),
        owner.login,
      )

function statementsOf(serial: Serial, change: TokenChange, at: Instant): readonly SqlFragment[] {
  switch (change.kind) {
    case 'active':
      return [
        change.active
          ? updateToken(serial, { active: 1 }, 'keeps', 'binds')
          : updateToken(serial, { active: 0, credential_hash: null, credential_expires: null }, 'voids'),
      ]
    case 'binding_undone':
      return [updateToken(serial, { active: 0, revoked: flag(change.result === 'revoked') }, 'voids')]
    case 'revoked':
      return [updateToken(serial, { revoked: 1, active: 0 }, 'voids')]
    case 'pin':
      return [updateToken(serial, { pin: change.pin ?? null }, 'voids')]
    case 'set':
      return [updateToken(serial, columnsOf(change.settings))]
    case 'polling_allowed':
      return [updateToken(serial, { polling_allowed: change.allowed === undefined ? null : flag(change.allowed) })]
    case 'assigned': {
      const { owner, pin } = change
      const columns = { realm: realmKey(owner.realm), login: owner.login, attempts: 0, assigned_at: at }
      return [
        ...ensureOwner(owner),
        endPause(serial),
        // Before the owner is set: one who has the token already is no new owner, and a notice about it can still undo it.
        fragment(
          'UPDATE tokens SET bound_revision = due.revision FROM due WHERE serial = ? AND (realm IS NOT ? OR login IS NOT ?)',
          serial,
          columns.realm,
          columns.login,
        ),
        updateToken(serial, pin === undefined ? columns : { ...columns, pin: pin.sealed ?? null }, 'voids'),
      ]
    }
    case 'unassigned':
      return [
        fragment(
          `INSERT INTO token_realms (serial, realm) SELECT tokens.serial, tokens.realm FROM due CROSS JOIN tokens
           WHERE tokens.serial = ? AND tokens.realm IS NOT NULL ON CONFLICT DO NOTHING`,
          serial,
        ),
        endPause(serial),
        updateToken(serial, { realm: null, login: null, pin: null, attempts: 0 }, 'voids'),
      ]
    case 'realms':
      return [deleteFrom('token_realms', serial), addToRealms(serial, change.realms), updateToken(serial, {})]
    case 'info':
      return [setInfoEntry(serial, change.key, change.value), updateToken(serial, {})]
    case 'rings_paused': {
      const until = change.until === undefined ? undefined : formatTimestamp(change.until)
      return [setInfoEntry(serial, RINGS_PAUSED_UNTIL, until), updateToken(serial, {})]
    }
    case 'deleted':
    case 'enrollment_cancelled':
      return ['tokens', 'token_realms', 'token_info'].map((table) => deleteFrom(table, serial))
  }
}

const deleteFrom = (table: string, serial: Serial): SqlFragment =>
  fragment(`DELETE FROM ${table} WHERE serial = ? AND EXISTS (SELECT 1 FROM due)`, serial)

/** Lists the token in those of these realms that exist. */
export const addToRealms = (serial: Serial, names: readonly string[]): SqlFragment =>
  fragment(
    `INSERT INTO token_realms (serial, realm) SELECT ?, realms.name FROM due CROSS JOIN realms
     WHERE realms.name IN (SELECT value FROM json_each(?)) ON CONFLICT DO NOTHING`,
    serial,
    JSON.stringify(names.map(realmKey)),
  )

const setInfoEntry = (serial: Serial, key: string, value: string | undefined): SqlFragment =>
  value === undefined
    ? fragment('DELETE FROM token_info WHERE serial = ? AND key = ? AND EXISTS (SELECT 1 FROM due)', serial, key)
    : fragment(
        `INSERT INTO token_info (serial, key, value) SELECT ?, ?, ? FROM due WHERE true
         ON CONFLICT (serial, key) DO UPDATE SET value = excluded.value`,
        serial,
        key,
        value,
      )

const endPause = (serial: Serial): SqlFragment => setInfoEntry(serial, RINGS_PAUSED_UNTIL, undefined)

export const tokenChanges = (runQuery: RunQuery): Pick<TokenTable, 'change'> => ({
  change: (serial: Serial, change: TokenChange, entry: AuditEntry, isUnused = false) =>
    tryChange(runQuery, `change token: ${change.kind}`, entry, {
      condition: withLimits(
        isUnused ? and(conditionOf(serial, change), UNUSED, serial) : conditionOf(serial, change),
        { serial, ...('limits' in change ? change : {}), owner: entry.owner },
        entry.at,
      ),
      statements: [
        // Before the token loses its owner.
        ...(CHANGES_OWNER_TOKENS.has(change.kind)
          ? [reviseOthers(serial, change.kind === 'assigned' ? change.owner : undefined)]
          : []),
        ...statementsOf(serial, change, entry.at),
      ],
    }),
})
