import { formatTimestampMicros, formatTimestamp } from '../../timestamps.ts'
import { type Instant, RESOLVER } from '../../vocabulary.ts'
import { RINGS_PAUSED_UNTIL, type Token } from '../../vocabulary/tokens.ts'
import { fnv1a } from '../encoding/fnv1a.ts'
import { mapOf, integer, listOf, object, oneOf, string, boolean } from '../shape.ts'

/** The time of the last use, which unlike a token's other times has a blank and microseconds. */
const stampOfUse = (at: Instant): string => `${formatTimestampMicros(at).replace('T', ' ')}+0000`
/** Times that administrators set, to the minute. Source: golden 16-token-admin, 17-lockout. */
const stampOfMinute = (at: Instant): string => `${formatTimestamp(at).slice(0, 16)}+0000`
const timed = (name: string, at: Instant | undefined, as = formatTimestamp): Readonly<Record<string, string>> =>
  at === undefined ? {} : { [name]: as(at) }
const counted = (name: string, times: number | undefined): Readonly<Record<string, string>> =>
  times === undefined || times === 0 ? {} : { [name]: String(times) }

/** Keys of `info` that `POST /token/set` sets. */
const SETTABLE: ReadonlySet<string> = new Set([
  'count_auth_max',
  'count_auth_success_max',
  'validity_period_start',
  'validity_period_end',
])

/** A token as lists show it; no secret is in it, and no registration token. `failedAt`: of one that is locked, since when it
 *  is; `reportedAt`, `suspendedAt`: of one with fraud reports. `info` holds text only: java-client reads nothing else there. Source: docs/protocol.md, "Token list" and "Hardenings". */
export function tokenItem(
  token: Token & Partial<Readonly<Record<'failedAt' | 'reportedAt' | 'suspendedAt', Instant>>>,
): Readonly<Record<string, unknown>> & { readonly info: Readonly<Record<string, string>> } {
  const { owner, phoneKey, pollingAllowed, attempts, maxAttempts, failedAt } = token
  const realm = owner?.realm ?? ''
  const written: Readonly<Record<string, string>> = {
    tokenkind: 'software',
    [`${token.type}_firebase_configuration`]: token.firebase,
    ...timed('creation_date', token.createdAt),
    ...timed('assignment_date', token.assignedAt),
    ...(phoneKey === undefined ? {} : { public_key_smartphone: phoneKey }),
    ...counted('count_auth', token.failures + token.successes),
    ...counted('count_auth_success', token.successes),
    ...counted('count_auth_max', token.maxUses),
    ...counted('count_auth_success_max', token.maxSuccesses),
    ...timed('failcounter_exceeded', attempts < maxAttempts ? undefined : failedAt, stampOfMinute),
    ...timed('fraud_reported', token.reportedAt),
    ...timed('pin_suspended', token.suspendedAt),
    ...(token.pinState === undefined ? {} : { pin_state: token.pinState }),
    ...timed('last_auth', token.lastUse, stampOfUse),
    ...timed(RINGS_PAUSED_UNTIL, token.ringsPausedUntil),
    ...timed('validity_period_start', token.validFrom, stampOfMinute),
    ...timed('validity_period_end', token.validUntil, stampOfMinute),
  }
  // What `POST /token/info` and `DELETE /token/info` refuse, as they do in privacyIDEA.
  const names = Object.keys(written)
  return {
    // Clients expect a number beside the serial; nothing is found by it.
    id: fnv1a(token.serial) >>> 1,
    serial: token.serial,
    tokentype: token.type,
    description: token.description,
    active: token.active,
    revoked: token.revoked,
    locked: token.revoked,
    rollout_state: token.state,
    failcount: attempts,
    maxfail: maxAttempts,
    count: 0,
    count_window: 10,
    sync_window: 1000,
    otplen: 6,
    resolver: owner === undefined ? '' : RESOLVER,
    user_id: owner?.login ?? '',
    username: owner?.login ?? '',
    user_realm: realm,
    ...(owner === undefined ? {} : { user_editable: true }),
    realms: [...new Set([...(realm === '' ? [] : [realm]), ...token.realms])],
    tokengroup: [],
    readonly_info_keys: names,
    undeletable_info_keys: names,
    settable_info_keys: names.filter((name) => SETTABLE.has(name)),
    container_serial: '',
    info: {
      ...token.info,
      ...(pollingAllowed === undefined ? {} : { polling_allowed: pollingAllowed ? 'True' : 'False' }),
      ...written,
    },
  }
}

export const tokenShape = object(
  {
    id: integer('A number for clients that want one; nothing is found by it'),
    serial: string('Serial'),
    tokentype: oneOf('The app it is for', 'push', 'edupush'),
    description: string('As given at enrollment'),
    active: boolean('False: disabled'),
    revoked: boolean('Revoked for good'),
    locked: boolean('The same as revoked'),
    rollout_state: oneOf('clientwait: its QR code is out', 'clientwait', 'enrolled'),
    failcount: integer('Wrong PINs in a row'),
    maxfail: integer('How many of them lock it'),
    count: integer('0'),
    count_window: integer('10'),
    sync_window: integer('1000'),
    otplen: integer('6'),
    resolver: string('nod, or empty without an owner'),
    user_id: string('Login name of the owner, or empty'),
    username: string('The same'),
    user_realm: string('Realm of the owner, or empty'),
    realms: listOf(string('Realm')),
    tokengroup: listOf(string('None')),
    readonly_info_keys: listOf(string('Key'), 'Keys of info that administrators do not write'),
    undeletable_info_keys: listOf(string('Key'), 'Keys of info that administrators do not delete'),
    settable_info_keys: listOf(string('Key'), 'Keys of info that POST /token/set changes'),
    container_serial: string('Empty'),
    info: mapOf(string('Text, whatever it stands for'), 'What else there is to say'),
  },
  {
    user_editable: boolean('Only with an owner'),
    origin: oneOf('Where the token is; only while users move here from another server', 'nod', 'upstream'),
  },
)
