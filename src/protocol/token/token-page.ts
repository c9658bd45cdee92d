/** `GET /token/<serial>`: one token with everything that is known of it. It has no key, no PIN and no registration token. */
import * as z from 'zod/mini'
import { done } from '../../refusal.ts'
import { REGIONS, type Instant, TOKEN_TYPES } from '../../vocabulary.ts'
import { UNREACHED_CAUSES, type UnreachedCause } from '../../vocabulary/phones.ts'
import { TOKEN_STATUSES, type TokenDetails, type TokenStatus } from '../../vocabulary/tokens.ts'
import { parserOf, required } from '../parameters.ts'
import { boolean, integer, listOf, mapOf, object, oneOf, orNull, string, time } from '../shape.ts'

/** Parses which token to show. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseTokenSerial = parserOf(z.object({ serial: required('Serial of the token', 255) }), ({ serial }) =>
  done(serial),
)

interface ShownToken extends TokenDetails {
  readonly status: TokenStatus
  readonly isExact: boolean
  readonly contactAt?: Instant
  readonly failedAt?: Instant
  readonly reportedAt?: Instant
  readonly suspendedAt?: Instant
  readonly unreached?: UnreachedCause | undefined
  readonly codeToPhone: string
}

/** Renders the token. */
export const tokenPageValue = (token: ShownToken) => ({
  serial: token.serial,
  type: token.type,
  user: token.owner?.login ?? '',
  realm: token.owner?.realm ?? '',
  realms: token.realms,
  description: token.description,
  status: token.status,
  active: token.active,
  revoked: token.revoked,
  rollout_state: token.state,
  has_pin: token.hasPin,
  created_at: token.createdAt,
  assigned_at: token.assignedAt ?? null,
  valid_from: token.validFrom ?? null,
  valid_until: token.validUntil ?? null,
  rings_paused_until: token.ringsPausedUntil ?? null,
  polling_allowed: token.pollingAllowed ?? null,
  info: token.info,
  counters: {
    is_exact: token.isExact,
    failcount: token.attempts,
    maxfail: token.maxAttempts,
    locked_since: token.attempts < token.maxAttempts ? null : (token.failedAt ?? null),
    failures: token.failures,
    successes: token.successes,
    max_uses: token.maxUses ?? null,
    max_successes: token.maxSuccesses ?? null,
    last_used_at: token.lastUse ?? null,
    fraud_reported_at: token.reportedAt ?? null,
    pin_suspended_at: token.suspendedAt ?? null,
  },
  phone: {
    app: token.app ?? null,
    system: token.system ?? null,
    capabilities: token.capabilities ?? null,
    code_to_phone: token.codeToPhone,
    registered_at: token.registeredAt ?? null,
    last_contact_at: token.contactAt ?? null,
    firebase_configuration: token.firebase,
    unreached: token.unreached ?? null,
    quarantine_cause: token.unreached === 'quarantined' ? (token.quarantineCause ?? null) : null,
    unreached_since: token.unreached === 'quarantined' ? (token.quarantinedAt ?? null) : null,
    home: token.home ?? null,
    seen: token.seen ?? null,
  },
})

const timeOrNull = (description: string) => orNull(time(description))
const region = (description: string) => oneOf(description, ...REGIONS, null)

export const tokenPageShape = object({
  serial: string('Serial'),
  type: oneOf('The app it is for', ...TOKEN_TYPES),
  user: string('Login name of the owner, or empty'),
  realm: string('Realm of the owner, or empty'),
  realms: listOf(string('Realm'), 'Realms that list it beside its owner’s'),
  description: string('Description'),
  status: oneOf(
    'What keeps it from letting its owner in, the first that applies; ready: nothing',
    ...TOKEN_STATUSES,
    'ready',
  ),
  active: boolean('False: disabled'),
  revoked: boolean('Revoked for good'),
  rollout_state: oneOf('clientwait: its QR code is out', 'clientwait', 'enrolled'),
  has_pin: boolean('Whether it has a PIN'),
  created_at: time('When it was first enrolled'),
  assigned_at: timeOrNull('When it was last assigned to an owner'),
  valid_from: timeOrNull('From when it may be used'),
  valid_until: timeOrNull('Until when it may be used'),
  rings_paused_until: timeOrNull('Until when its phone is not rung'),
  polling_allowed: orNull(boolean('Whether its phone may poll; null: policy decides')),
  info: mapOf(string('Text'), 'Notes of administrators'),
  counters: object({
    is_exact: boolean('False: the database’s copy, seconds old in what locks the token, up to a week in the rest'),
    failcount: integer('Wrong PINs in a row'),
    maxfail: integer('How many of them lock it'),
    locked_since: timeOrNull('Since when it is locked'),
    failures: integer('Failed attempts in all'),
    successes: integer('Successful logins in all'),
    max_uses: orNull(integer('How often it may be used')),
    max_successes: orNull(integer('How often it may be used with success')),
    last_used_at: timeOrNull('When it last let its owner in'),
    fraud_reported_at: timeOrNull('When its owner last reported a login'),
    pin_suspended_at: timeOrNull('Since when logins by PIN and a tap are suspended'),
  }),
  phone: object({
    app: orNull(string('What the app calls itself; nothing proves it')),
    system: orNull(string('What it runs on')),
    capabilities: orNull(listOf(string('Name of a feature'))),
    code_to_phone: oneOf('Whether its app can do code to phone', 'able', 'unable', 'unknown'),
    registered_at: timeOrNull('When it registered'),
    last_contact_at: timeOrNull('When it was last heard of, as far as is known'),
    firebase_configuration: string('Firebase configuration, or `poll only`'),
    unreached: oneOf('What keeps push from it; null: nothing', ...UNREACHED_CAUSES, null),
    quarantine_cause: oneOf('Of a quarantine', 'unregistered', 'registration_token_invalid', null),
    unreached_since: timeOrNull('Since when, if it is in quarantine'),
    home: region('Where its object is'),
    seen: region('Where most of its requests come from'),
  }),
})
