/** Reads one token. `token-list.ts` lists tokens, `token-enrollments.ts` and `token-changes.ts` write them. */
import type { Enrollment, TokenRecord, TokenTable } from '../ports/tokens.ts'
import { done } from '../refusal.ts'
import { present } from '../present.ts'
import {
  epoch,
  type Epoch,
  instant,
  type Instant,
  type Region,
  revision,
  type RolloutState,
  type Serial,
  type TokenType,
  type TransactionId,
} from '../vocabulary.ts'
import { type PinState, RINGS_PAUSED_UNTIL, type Token } from '../vocabulary/tokens.ts'
import { parseTimestamp } from '../timestamps.ts'
import { type DeploymentRow, VERSION_COLUMNS, versionRead } from './next-revision.ts'
import type { RunQuery } from './run-query.ts'

export const TOKEN_COLUMNS = `tokens.serial, tokens.type, tokens.revision, tokens.realm, tokens.login, tokens.description, tokens.state,
  tokens.active, tokens.revoked, tokens.firebase, tokens.registration_url, tokens.registration_token, tokens.quarantined_at, tokens.phone_key, tokens.home,
  tokens.signing_key, tokens.polling_allowed, tokens.pin_state, tokens.attempts, tokens.max_attempts,
  tokens.successes, tokens.failures, tokens.last_use, tokens.max_uses, tokens.max_successes, tokens.valid_from,
  tokens.valid_until, tokens.created_at, tokens.assigned_at, tokens.enrollment_transaction, tokens.object_number,
  (SELECT json_group_array(realm) FROM token_realms WHERE token_realms.serial = tokens.serial) AS realms,
  (SELECT json_group_object(key, value) FROM token_info WHERE token_info.serial = tokens.serial) AS info`

export interface TokenRow {
  readonly serial: Serial
  readonly type: TokenType
  readonly revision: number
  readonly realm: string | null
  readonly login: string | null
  readonly description: string
  readonly state: RolloutState
  readonly active: number
  readonly revoked: number
  readonly firebase: string
  readonly registration_url: string
  readonly registration_token: string | null
  readonly quarantined_at: number | null
  readonly phone_key: string | null
  readonly home: Region | null
  readonly signing_key: string | null
  readonly polling_allowed: number | null
  readonly pin_state: PinState | null
  readonly attempts: number
  readonly max_attempts: number
  readonly successes: number
  readonly failures: number
  readonly last_use: number | null
  readonly max_uses: number | null
  readonly max_successes: number | null
  readonly valid_from: number | null
  readonly valid_until: number | null
  readonly created_at: number
  readonly assigned_at: number | null
  /** JSON. */
  readonly realms: string
  readonly info: string
  readonly enrollment_transaction: TransactionId | null
  readonly object_number: number
}

const instantOf = (value: number | null): Instant | undefined => (value === null ? undefined : instant(value))

/** The notes of administrators, without what Nod itself keeps among them. */
function infoOf({ info }: Pick<TokenRow, 'info'>): Pick<Token, 'info' | 'ringsPausedUntil'> {
  const { [RINGS_PAUSED_UNTIL]: pausedUntil, ...notes } = JSON.parse(info) as Readonly<Record<string, string>>
  return { info: notes, ringsPausedUntil: pausedUntil === undefined ? undefined : parseTimestamp(pausedUntil) }
}

export const tokenOf = (row: TokenRow, of?: Epoch): Token => ({
  serial: row.serial,
  type: row.type,
  revision: revision(row.revision),
  ...present({ epoch: of }),
  owner: row.login === null || row.realm === null ? undefined : { login: row.login, realm: row.realm },
  description: row.description,
  state: row.state,
  active: row.active === 1,
  revoked: row.revoked === 1,
  firebase: row.firebase,
  registrationUrl: row.registration_url,
  registrationToken: row.registration_token ?? undefined,
  quarantinedAt: instantOf(row.quarantined_at),
  phoneKey: row.phone_key ?? undefined,
  ...present({ home: row.home ?? undefined }),
  signingKey: row.signing_key ?? undefined,
  ...present({ pinState: row.pin_state ?? undefined }),
  pollingAllowed: row.polling_allowed === null ? undefined : row.polling_allowed === 1,
  attempts: row.attempts,
  maxAttempts: row.max_attempts,
  successes: row.successes,
  failures: row.failures,
  lastUse: instantOf(row.last_use),
  maxUses: row.max_uses ?? undefined,
  maxSuccesses: row.max_successes ?? undefined,
  validFrom: instantOf(row.valid_from),
  validUntil: instantOf(row.valid_until),
  createdAt: instant(row.created_at),
  assignedAt: instantOf(row.assigned_at),
  realms: JSON.parse(row.realms) as readonly string[],
  ...infoOf(row),
  ...(row.object_number === 0 ? {} : { objectNumber: row.object_number }),
  enrolledIn: row.enrollment_transaction ?? undefined,
})

interface PhoneRow extends TokenRow, DeploymentRow {
  readonly pin: string | null
  readonly void_before: number | null
  readonly bound_revision: number | null
  readonly app: string | null
  readonly system: string | null
}

const phoneRecordOf = (row: PhoneRow): TokenRecord => ({
  ...tokenOf(row, epoch(row.epoch)),
  pin: row.pin ?? undefined,
  voidBefore: row.void_before === null ? undefined : revision(row.void_before),
  ...present({ boundRevision: row.bound_revision === null ? undefined : revision(row.bound_revision) }),
  app: row.app ?? undefined,
  system: row.system ?? undefined,
})

interface EnrollmentRow extends TokenRow, DeploymentRow {
  readonly credential_hash: string | null
  readonly credential_expires: number | null
  readonly registration_digest: string | null
  readonly registered_at: number | null
  readonly public_key: string | null
}

const enrollmentOf = (row: EnrollmentRow): Enrollment => ({
  token: tokenOf(row, epoch(row.epoch)),
  credentialHash: row.credential_hash ?? undefined,
  credentialExpires: instantOf(row.credential_expires),
  registrationDigest: row.registration_digest ?? undefined,
  registeredAt: instantOf(row.registered_at),
  publicKey: row.public_key ?? undefined,
})

export const tokens = (runQuery: RunQuery): Pick<TokenTable, 'record' | 'existing' | 'signers' | 'enrollment'> => ({
  async record(serial) {
    const found = runQuery.watch.begin()
    const outcome = await runQuery('token record', (db) =>
      db
        .prepare(
          `SELECT ${TOKEN_COLUMNS}, tokens.pin, tokens.void_before, tokens.bound_revision, tokens.app, tokens.system, ${VERSION_COLUMNS}
           FROM tokens CROSS JOIN deployment WHERE serial = ?`,
        )
        .bind(serial)
        .first<PhoneRow>(),
    )
    if (!outcome.ok) return outcome
    if (outcome.value === null) return done(undefined)
    found(versionRead(outcome.value))
    return done(phoneRecordOf(outcome.value))
  },

  async existing(serials) {
    const outcome = await runQuery('existing tokens', (db) =>
      db
        .prepare('SELECT serial FROM tokens WHERE serial IN (SELECT value FROM json_each(?))')
        .bind(JSON.stringify(serials))
        .all<Pick<TokenRow, 'serial'>>(),
    )
    return outcome.ok ? done(new Set(outcome.value.results.map(({ serial }) => serial))) : outcome
  },

  async signers(serials) {
    const outcome = await runQuery('signers', (db) =>
      db
        .prepare(
          `SELECT serial, type, phone_key FROM tokens
           WHERE serial IN (SELECT value FROM json_each(?)) AND state = 'enrolled' AND phone_key IS NOT NULL`,
        )
        .bind(JSON.stringify(serials))
        .all<Pick<TokenRow, 'serial' | 'type'> & { readonly phone_key: string }>(),
    )
    if (!outcome.ok) return outcome
    const { results } = outcome.value
    return done(new Map(results.map(({ serial, type, phone_key: phoneKey }) => [serial, { type, phoneKey }])))
  },

  async enrollment(serial) {
    const found = runQuery.watch.begin()
    const outcome = await runQuery('enrollment', (db) =>
      db
        .prepare(
          `SELECT ${TOKEN_COLUMNS}, tokens.credential_hash, tokens.credential_expires, tokens.registration_digest,
             tokens.registered_at, signing_keys.public_key, ${VERSION_COLUMNS}
           FROM tokens CROSS JOIN deployment LEFT JOIN signing_keys ON signing_keys.id = tokens.signing_key
           WHERE tokens.serial = ?`,
        )
        .bind(serial)
        .first<EnrollmentRow>(),
    )
    if (!outcome.ok) return outcome
    if (outcome.value === null) return done(undefined)
    found(versionRead(outcome.value))
    return done(enrollmentOf(outcome.value))
  },
})
