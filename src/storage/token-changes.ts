/** How administrators change a token: one batch each, which gives it a new revision. */
import type { TokenChange, TokenTable } from '../ports/tokens.ts'
import type { AuditEntry } from '../ports/audit.ts'
import type { Instant, Owner, Serial, TransactionId } from '../vocabulary.ts'
import type { TokenSettings } from '../vocabulary/tokens.ts'
import type { RunQuery } from './run-query.ts'
import type { SqlFragment, Value } from './change.ts'
import { flag, tryChange, fragment } from './change.ts'
import { realmKey } from './realms.ts'
import { withLimits } from './token-limits.ts'
import { ensureOwner } from './users.ts'

/** Notes that a token carries at most. */
const NOTES = 32

// A revoked token stays as it is until it is deleted.
const changeable = (serial: Serial): SqlFragment =>
  fragment('EXISTS (SELECT 1 FROM tokens WHERE serial = ? AND revoked = 0)', serial)

const and = (one: SqlFragment, sql: string, ...values: readonly Value[]): SqlFragment =>
  fragment(`${one.sql} AND ${sql}`, ...one.values, ...values)

/** Registering, showing the code again and calling it off all ask for this state: one of them finds it. A token that has gone to
 *  somebody else meanwhile is not the login's any more. */
export const awaitsPhone = (serial: Serial, login: TransactionId, owner: Owner | undefined): SqlFragment =>
  fragment(
    `EXISTS (SELECT 1 FROM tokens WHERE serial = ? AND revoked = 0 AND state = 'clientwait' AND enrollment_transaction = ?
       AND realm IS ? AND login IS ?)`,
    serial,
    login,
    owner === undefined ? null : realmKey(owner.realm),
    owner?.login ?? null,
  )

const noted = (serial: Serial, key: string): SqlFragment =>
  fragment('EXISTS (SELECT 1 FROM token_info WHERE serial = ? AND key = ?)', serial, key)

function whenOf(serial: Serial, change: TokenChange): SqlFragment {
  switch (change.kind) {
    case 'deleted':
      return fragment('EXISTS (SELECT 1 FROM tokens WHERE serial = ?)', serial)
    case 'enrollment_cancelled':
      return awaitsPhone(serial, change.login, change.owner)
    case 'active':
      // Enabling what is enabled changes nothing, and is told so.
      return fragment(
        'EXISTS (SELECT 1 FROM tokens WHERE serial = ? AND revoked = 0 AND active <> ?)',
        serial,
        flag(change.active),
      )
    case 'assigned':
      // Of two who assign it at once, the second finds it taken.
      return fragment(
        `EXISTS (SELECT 1 FROM tokens WHERE serial = ? AND revoked = 0 AND (login IS NULL OR (realm = ? AND login = ?)))`,
        serial,
        realmKey(change.owner.realm),
        change.owner.login,
      )
    case 'info': {
      const known = noted(serial, change.key)
      if (change.value === undefined) return and(changeable(serial), known.sql, ...known.values)
      const room = `(${known.sql} OR (SELECT count(*) FROM token_info WHERE serial = ?) < ${NOTES})`
      return and(changeable(serial), room, ...known.values, serial)
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

/** The token's columns, set under the revision to come. `voids`: what was opened before finishes no more, the login its phone
 *  registered in among them: should that registration be repeated, there is none to tell. */
function updating(
  serial: Serial,
  columns: Readonly<Record<string, Value>>,
  voids: 'voids' | 'keeps' = 'keeps',
): SqlFragment {
  const names = Object.keys(columns)
  const set = [
    ...names.map((name) => `${name} = ?`),
    ...(voids === 'voids'
      ? [
          'void_before = due.revision',
          "enrollment_transaction = CASE state WHEN 'clientwait' THEN enrollment_transaction END",
        ]
      : []),
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

function stepsOf(serial: Serial, change: TokenChange, at: Instant): readonly SqlFragment[] {
  switch (change.kind) {
    case 'active':
      return [updating(serial, { active: flag(change.active) }, change.active ? 'keeps' : 'voids')]
    case 'revoked':
      return [updating(serial, { revoked: 1, active: 0 }, 'voids')]
    case 'pin':
      return [updating(serial, { pin: change.pin ?? null }, 'voids')]
    case 'set':
      return [updating(serial, columnsOf(change.settings))]
    case 'polling_allowed':
      return [updating(serial, { polling_allowed: change.allowed === undefined ? null : flag(change.allowed) })]
    case 'assigned': {
      const { owner, pin } = change
      const now = { realm: realmKey(owner.realm), login: owner.login, attempts: 0, assigned_at: at }
      return [
        ...ensureOwner(owner),
        updating(serial, pin === undefined ? now : { ...now, pin: pin.sealed ?? null }, 'voids'),
      ]
    }
    case 'unassigned':
      return [
        fragment(
          `INSERT INTO token_realms (serial, realm) SELECT tokens.serial, tokens.realm FROM due CROSS JOIN tokens
           WHERE tokens.serial = ? AND tokens.realm IS NOT NULL ON CONFLICT DO NOTHING`,
          serial,
        ),
        updating(serial, { realm: null, login: null, pin: null, attempts: 0 }, 'voids'),
      ]
    case 'realms':
      return [removing('token_realms', serial), addToRealms(serial, change.realms), updating(serial, {})]
    case 'info':
      return [noteStep(serial, change.key, change.value), updating(serial, {})]
    case 'deleted':
    case 'enrollment_cancelled':
      return ['tokens', 'token_realms', 'token_info'].map((table) => removing(table, serial))
  }
}

const removing = (table: string, serial: Serial): SqlFragment =>
  fragment(`DELETE FROM ${table} WHERE serial = ? AND EXISTS (SELECT 1 FROM due)`, serial)

/** The realms there are among these list the token. */
export const addToRealms = (serial: Serial, names: readonly string[]): SqlFragment =>
  fragment(
    `INSERT INTO token_realms (serial, realm) SELECT ?, realms.name FROM due CROSS JOIN realms
     WHERE realms.name IN (SELECT value FROM json_each(?)) ON CONFLICT DO NOTHING`,
    serial,
    JSON.stringify(names.map(realmKey)),
  )

const noteStep = (serial: Serial, key: string, value: string | undefined): SqlFragment =>
  value === undefined
    ? fragment('DELETE FROM token_info WHERE serial = ? AND key = ? AND EXISTS (SELECT 1 FROM due)', serial, key)
    : fragment(
        `INSERT INTO token_info (serial, key, value) SELECT ?, ?, ? FROM due WHERE true
         ON CONFLICT (serial, key) DO UPDATE SET value = excluded.value`,
        serial,
        key,
        value,
      )

export const tokenChanges = (runQuery: RunQuery): Pick<TokenTable, 'change'> => ({
  change: (serial: Serial, change: TokenChange, entry: AuditEntry) =>
    tryChange(runQuery, `change token: ${change.kind}`, entry, {
      condition: withLimits(
        whenOf(serial, change),
        { serial, ...('limits' in change ? change : {}), owner: entry.owner },
        entry.at,
      ),
      statements: stepsOf(serial, change, entry.at),
    }),
})
