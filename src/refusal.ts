import type { Instant, NamedToken, Owner, Role, Seconds, Serial, TransactionId } from './vocabulary.ts'
import type { PinState } from './vocabulary/tokens.ts'
import type { CatalogueVersion } from './vocabulary/catalogue.ts'
import type { NoReceipt } from './vocabulary/receipts.ts'

/** The login that a request has opened and waited for; the request itself names it. */
interface WaitedLogin {
  readonly token: NamedToken
  readonly transaction?: TransactionId
}

/** A refusal of a login that is answered as REJECT, not as an error. */
export type Rejection =
  | { readonly reason: 'pin_wrong' }
  | { readonly reason: 'owner_has_no_tokens' }
  | { readonly reason: 'no_suitable_token' }
  | { readonly reason: 'attempts_exceeded' }
  /** Too many wrong PINs came from where the user is: no PIN was compared. */
  | { readonly reason: 'pin_attempts_paused'; readonly retryAfter: Seconds }
  /** The user has reported a login from where this one comes. */
  | { readonly reason: 'source_blocked'; readonly retryAfter: Seconds }
  /** The user has reported logins by this PIN: a tap does not approve one. */
  | { readonly reason: 'pin_suspended' }
  /** The token was imported, and its PIN cannot be compared here: no PIN was. `state`: what has to happen first. */
  | { readonly reason: 'pin_pending'; readonly state: PinState }
  | { readonly reason: 'uses_exceeded' }
  | { readonly reason: 'outside_validity' }
  /** The quota of failed or successful logins of the owner is used up. */
  | {
      readonly reason: 'logins_limited'
      readonly outcome: 'failed' | 'successful'
      readonly most: number
      readonly window: Seconds
    }
  | { readonly reason: 'unused_too_long'; readonly since: Instant }
  /** `isCallers`: the login is the caller's, and finalized or withdrawn already. */
  | { readonly reason: 'transaction_unknown'; readonly isCallers?: true }
  | { readonly reason: 'not_accepted'; readonly tokens: readonly NamedToken[] }
  | ({ readonly reason: 'declined'; readonly status: 'declined' | 'cancelled' } & WaitedLogin)
  | ({ readonly reason: 'unanswered' } & WaitedLogin)
  | { readonly reason: 'enrollment_not_cancelled' }

const REJECTIONS: Readonly<Record<Rejection['reason'], true>> = {
  pin_wrong: true,
  owner_has_no_tokens: true,
  no_suitable_token: true,
  attempts_exceeded: true,
  pin_attempts_paused: true,
  source_blocked: true,
  pin_suspended: true,
  pin_pending: true,
  uses_exceeded: true,
  outside_validity: true,
  logins_limited: true,
  unused_too_long: true,
  transaction_unknown: true,
  not_accepted: true,
  declined: true,
  unanswered: true,
  enrollment_not_cancelled: true,
}

export const isRejection = (refusal: Refusal): refusal is Rejection => Object.hasOwn(REJECTIONS, refusal.reason)

/** Every reason for which Nod refuses. `http/respond.ts` is the only place that gives a reason its form on the wire. */
export type Refusal =
  | Rejection
  // the request
  | { readonly reason: 'parameter_missing'; readonly name: string }
  | { readonly reason: 'parameters_missing' }
  | { readonly reason: 'parameter_invalid'; readonly name: string; readonly why: string }
  | { readonly reason: 'parameter_not_integer'; readonly name: string }
  /** The endpoint reads no parameter of this name. `nearest`: one that it reads and that is spelled alike. */
  | { readonly reason: 'parameter_unknown'; readonly name: string; readonly nearest?: string | undefined }
  /** A realm does not exist. `user`: who would be in it, if it is the realm of a user. `isSplit`: the realm is a part of that
   *  name. `nearest`: a realm that exists and is spelled alike. */
  | {
      readonly reason: 'realm_unknown'
      readonly realm: string
      readonly user?: string
      readonly isSplit?: true
      readonly nearest?: string | undefined
    }
  | { readonly reason: 'body_unreadable' }
  | { readonly reason: 'body_too_large' }
  | { readonly reason: 'owner_or_serial_missing' }
  | { readonly reason: 'genkey_missing' }
  | { readonly reason: 'serial_malformed' }
  | { readonly reason: 'path_unknown' }
  | { readonly reason: 'method_not_allowed'; readonly allowed: readonly string[] }
  | { readonly reason: 'token_type_unknown'; readonly type: string; readonly serial?: Serial }
  | { readonly reason: 'endpoint_type_unknown'; readonly type: string }
  // the caller
  | { readonly reason: 'credentials_wrong' }
  | { readonly reason: 'sign_in_paused'; readonly retryAfter: Seconds }
  | { readonly reason: 'sign_in_disabled' }
  | { readonly reason: 'username_missing' }
  | { readonly reason: 'authorization_missing' }
  | { readonly reason: 'authorization_undecodable'; readonly why: string }
  | { readonly reason: 'authorization_expired' }
  /** Answered as an unknown key is; the audit tells. */
  | { readonly reason: 'service_key_expired' }
  | { readonly reason: 'sign_in_realm_unknown'; readonly realm: string }
  /** `needed`: every role that would do. */
  | { readonly reason: 'role_insufficient'; readonly needed: readonly (Role | 'user')[] }
  /** `withApiToken`: an administrator's or user's API token came instead. `expired`: a key that has expired. */
  | { readonly reason: 'service_key_required'; readonly withApiToken?: true; readonly expired?: true }
  /** Policies of this scope grant rights, and none grants this one. */
  | { readonly reason: 'right_missing'; readonly scope: 'admin' | 'user'; readonly right: string }
  /** The network that the request came from has sent too many that were refused, or that cost as much. */
  | { readonly reason: 'too_many_requests'; readonly retryAfter: Seconds }
  // the catalogue
  | { readonly reason: 'user_unknown'; readonly user: string }
  | { readonly reason: 'user_not_in_realm' }
  | { readonly reason: 'token_unknown'; readonly serial?: string }
  | { readonly reason: 'serial_of_another_owner' }
  | { readonly reason: 'token_revoked' }
  | { readonly reason: 'token_assigned'; readonly owner: Owner }
  | { readonly reason: 'period_unparsable'; readonly bound: 'start' | 'end' }
  | { readonly reason: 'entry_unknown'; readonly entry: string; readonly name: string }
  | { readonly reason: 'receipt_unavailable'; readonly why: NoReceipt }
  /** `request`: privacyIDEA has other words, and for a renaming another code, for each. */
  | { readonly reason: 'policy_unknown'; readonly name: string; readonly request: 'switch' | 'delete' | 'rename' }
  | { readonly reason: 'policy_name_taken'; readonly name: string }
  | { readonly reason: 'name_taken'; readonly name: string }
  | { readonly reason: 'kept_as_secret'; readonly secret: string }
  | { readonly reason: 'realm_in_use'; readonly realm: string }
  | { readonly reason: 'no_directory' }
  /** `isCurrent`: new tokens get it; else tokens have it. */
  | { readonly reason: 'signing_key_in_use'; readonly key: string; readonly isCurrent: boolean }
  // enrollment
  | {
      readonly reason: 'too_many_tokens'
      readonly per: 'owner' | 'realm'
      readonly type?: string
      readonly activeOnly: boolean
    }
  | { readonly reason: 'description_missing'; readonly type: string }
  | { readonly reason: 'pin_invalid'; readonly why: string }
  | { readonly reason: 'enrollment_policy_missing'; readonly action: string }
  /** The QR code would name the host that the caller named. */
  | { readonly reason: 'public_url_missing' }
  /** `secret`: the one that would hold the Firebase configuration, and is not set. */
  | { readonly reason: 'firebase_unknown'; readonly secret: string }
  | { readonly reason: 'token_in_clientwait' }
  | {
      readonly reason: 'token_type_differs'
      readonly serial: string
      readonly type: string
      readonly requested: string
    }
  | { readonly reason: 'not_in_clientwait' }
  | { readonly reason: 'credential_invalid' }
  | { readonly reason: 'phone_key_invalid'; readonly why: string }
  // policies
  | { readonly reason: 'policy_conflict'; readonly values: readonly string[] }
  /** `field`: the parameter at fault; of `action`, also which one. */
  | {
      readonly reason: 'policy_invalid'
      readonly why: string
      readonly field?: string | undefined
      readonly action?: string | undefined
    }
  /** `by`: who has changed it since; undefined where that is not kept. */
  | {
      readonly reason: 'policy_changed'
      readonly name: string
      readonly by?: string | undefined
      readonly isGone: boolean
    }
  /** A policy's condition needs what is not known here, and the policy makes that an error. */
  | { readonly reason: 'condition_unknown'; readonly policy: string; readonly about: string }
  /** `faults` names each policy of the file and what Nod would not follow. */
  | { readonly reason: 'import_invalid'; readonly faults: readonly string[] }
  /** `shortcoming`: what makes the login weaker than the profile that the policy `profile` requires. */
  | { readonly reason: 'profile_contradicted'; readonly profile: string; readonly shortcoming: string }
  /** A caller without a key would enroll a phone by these two policies, and nobody has confirmed that it may. */
  | { readonly reason: 'anonymous_enrollment_unconfirmed'; readonly passing: string; readonly enrolling: string }
  // phones
  | { readonly reason: 'polling_denied' }
  | { readonly reason: 'signature_invalid' }
  | { readonly reason: 'timestamp_unparsable'; readonly text: string }
  | { readonly reason: 'timestamp_out_of_range'; readonly text: string }
  | { readonly reason: 'answer_unacceptable' }
  // policies that forbid the login
  | { readonly reason: 'not_authorized' }
  | { readonly reason: 'token_not_allowed'; readonly why: string }
  // delivery and storage
  | { readonly reason: 'delivery_failed' }
  /** `cause`: the catalogue takes no more, or lacks a table or column that this version needs; otherwise it does not answer.
   *  `movedTo`: the number of the object that the phone has now. `connect/` repeats the call there; a version before that did not
   *  know of moves tells its caller to come again. */
  | {
      readonly reason: 'storage_unavailable'
      readonly retryAfter: Seconds
      readonly cause?: 'full' | 'outdated'
      readonly movedTo?: number
    }
  | { readonly reason: 'rotation_refused'; readonly why: string }
  /** The configured master keys do not fit the database. `why` is for the operator. */
  | { readonly reason: 'master_key_mismatch'; readonly why: string }
  /** The configured jurisdiction is not the one that the deployment's objects are in. `why` is for the operator. */
  | { readonly reason: 'jurisdiction_mismatch'; readonly why: string }
  /** The bucket of the audit's archive does not answer, or refuses. */
  | { readonly reason: 'archive_unavailable'; readonly why: string }
  /** `most`: how many a list can search. */
  | { readonly reason: 'too_many_to_search'; readonly items: 'tokens' | 'users'; readonly most: number }
  | { readonly reason: 'too_many_waiting'; readonly retryAfter: Seconds }
  /** The server that users move here from does not answer, or not in time. */
  | { readonly reason: 'upstream_unavailable'; readonly retryAfter: Seconds }
  /** Who checks the PIN or password does not answer, or not in time: nothing is known of it, and nothing counted. */
  | { readonly reason: 'pin_check_unavailable'; readonly retryAfter: Seconds }
  /** `shards`: those that could not be asked for lines that the catalogue does not have yet. */
  | { readonly reason: 'audit_incomplete'; readonly shards: readonly string[] }
  // internal: never leave an operation, or http/
  /** `known`: the state of the catalogue that the phone has seen. */
  | { readonly reason: 'stale'; readonly known?: CatalogueVersion }
  | { readonly reason: 'shard_full' }
  | { readonly reason: 'id_taken' }
  /** The upstream serves this user: http/ passes the request on. */
  | { readonly reason: 'served_upstream' }

/** The result of an operation: a value, or a refusal. It passes through object calls unchanged, which a thrown class does
 *  not. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal }

export const done = <T>(value: T): Outcome<T> => ({ ok: true, value })
export const refuse = (refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } => ({ ok: false, refusal })
