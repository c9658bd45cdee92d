/** The nouns of Nod, one name per concept: types and constants only. Nouns of one subject are in `vocabulary/`. See
 *  docs/glossary.md. */

declare const brand: unique symbol
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name }

/** Milliseconds since the epoch. */
export type Instant = Branded<number, 'Instant'>
/** A span of time, in seconds. */
export type Seconds = Branded<number, 'Seconds'>
/** A token's public name, unique in the deployment: `[0-9a-zA-Z_-]{1,40}`. */
export type Serial = Branded<string, 'Serial'>
/** One login attempt's name: 20 decimal digits, leading zeros kept, so always text. */
export type TransactionId = Branded<string, 'TransactionId'>
/** The value a phone signs, base32; it names its transaction to whoever holds the mask key. */
export type Nonce = Branded<string, 'Nonce'>
/** Rises with every change of the catalogue, never reused: the time of the change in epoch milliseconds, or the last revision
 *  plus one if that is higher. */
export type Revision = Branded<number, 'Revision'>
/** Rises each time the catalogue is put back to an earlier state. Revisions of two epochs cannot be compared. */
export type Epoch = Branded<number, 'Epoch'>

export const instant = (milliseconds: number): Instant => milliseconds as Instant
export const seconds = (count: number): Seconds => count as Seconds
export const revision = (count: number): Revision => count as Revision
export const epoch = (count: number): Epoch => count as Epoch
/** Returns the instant that is `span` later; for a negative span, earlier. */
export const addSeconds = (from: Instant, span: Seconds): Instant => instant(from + span * 1000)
/** Returns how long it is until `then`, in whole seconds; 0 if it is not later than `now`. */
export const secondsUntil = (then: Instant, now: Instant): Seconds =>
  seconds(Math.max(0, Math.ceil((then - now) / 1000)))

/** Bytes that Web Crypto accepts: never backed by shared memory. */
export type Bytes = Uint8Array<ArrayBuffer>

/** A source of random bytes. It is an argument, so that tests can choose the bytes. */
export type Random = (length: number) => Bytes

/** The user a token belongs to. Realms compare in lower case; logins as they are. */
export interface Owner {
  readonly login: string
  readonly realm: string
}

/** What is known of an owner besides, for texts shown on the phone and at the login. */
export interface Person extends Owner {
  readonly givenName: string
  readonly surname: string
  readonly email: string
}

/** The app a token is for, and so the dialect of the protocol it speaks: privacyIDEA's or eduMFA's. */
export const TOKEN_TYPES = ['push', 'edupush'] as const
export type TokenType = (typeof TOKEN_TYPES)[number]

/** The fields of a user that a list can be searched by. */
export const PERSON_FIELDS = ['login', 'givenName', 'surname', 'email'] as const
export type PersonField = (typeof PERSON_FIELDS)[number]

/** A token as services see it. */
export interface NamedToken {
  readonly serial: Serial
  readonly type: TokenType
}

/** How the phone confirms: by a tap, by the option shown at the login, or by a code to type at the login. */
export type Mode = 'standard' | 'presence' | 'code_to_phone'

/** The status of a login, of all its challenges together. */
export type LoginStatus = 'pending' | 'accepted' | 'declined' | 'cancelled' | 'expired' | 'finalized'

/** `clientwait`: the QR code was shown, and no phone has registered. `enrolled`: a phone holds the key. */
export type RolloutState = 'clientwait' | 'enrolled'

/** Why a user declined. An answer with another reason, or none, counts as `declined`. */
export type DeclineReason = 'unknown_trigger' | 'cancelled'

/** A location hint of Durable Objects. A transaction id holds its index in this list. */
export const REGIONS = ['wnam', 'enam', 'sam', 'weur', 'eeur', 'apac', 'oc', 'afr', 'me'] as const
export type Region = (typeof REGIONS)[number]

/** A Durable Object that holds a share of the open logins of a region. */
export interface Shard {
  readonly region: Region
  readonly number: number
}

/** The name of the shard's object: `weur/0`. */
export const shardName = ({ region, number }: Shard): string => `${region}/${number}`

/** A transaction id that Nod made, and the shard that it names. */
export interface TransactionAddress {
  readonly id: TransactionId
  readonly shard: Shard
}

/** The role of an API caller. `validate`: trigger, check and poll, nothing else. `metrics`: read metrics, nothing else. */
export const ROLES = ['admin', 'helpdesk', 'validate', 'metrics'] as const
export type Role = (typeof ROLES)[number]

/** The roles of administrators. `validate` is that of a plugin's account. */
export const ADMINISTRATOR_ROLES = ['admin', 'helpdesk', 'validate'] as const
export type AdministratorRole = (typeof ADMINISTRATOR_ROLES)[number]

/** The caller of a request. An API token names an administrator, or a user who signed in by phone; a service key names a
 *  service. */
export type Caller =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'administrator'; readonly name: string; readonly role: AdministratorRole }
  /** An administrator who needs a phone, has none, and may only enroll it. */
  | { readonly kind: 'enrolling'; readonly name: string }
  | { readonly kind: 'service'; readonly name: string; readonly role: Role; readonly keyHash: string }
  | { readonly kind: 'user'; readonly owner: Owner }

/** The realm of administrators as owners of phones. No realm can have this name, so no request about users reaches them. */
export const ADMINISTRATOR_REALM = ':administrators'

/** The languages of the texts that no policy sets. */
export const LANGUAGES = ['en', 'de'] as const
export type Language = (typeof LANGUAGES)[number]

/** What a request says of the way it came. Callers can write anything here. */
export interface AddressClaims {
  /** The addresses in `X-Forwarded-For`, nearest first. */
  readonly forwarded: readonly string[]
  /** The parameter `client`: the address that the service names behind all of these. */
  readonly client?: string
  /** The caller is a RADIUS server: the client it names is the NAS, not the end user. */
  readonly isRadius?: boolean
}

/** Where a request came from, as far as it can be trusted. */
export interface Source {
  readonly address: string
  /** The address of whoever sent the request. Absent where nobody vouches for one: then `address` is a placeholder that all share. */
  readonly peer?: string
  /** Absent where the request claims nothing, or where it is decided what of that is believed. */
  readonly claims?: AddressClaims
  /** Whether `address` is the believed address of an end user; absent: it is not, or not decided yet. */
  readonly isEndUser?: boolean
  readonly userAgent: string
  /** When the request arrived; absent where nobody asks how long it took. */
  readonly receivedAt?: Instant
  readonly region: Region
  /** Returns a header of the request; the name is not case-sensitive. */
  readonly header?: (name: string) => string | undefined
  /** Scheme, host and port that the request was sent to, without a trailing slash. */
  readonly origin: string
}

/** The route of a sign-in to Nod itself, as the audit names it. A login that it opened finalizes nothing but a sign-in. */
export const SIGN_IN = 'POST /auth'

/** The Firebase configuration of a poll-only token: no delivery is made to it. */
export const POLL_ONLY = 'poll only'

/** The name of the only resolver. It knows the users that tokens, and `POST /user/`, have named. */
export const RESOLVER = 'nod'

/** A policy: actions of one scope, and the users, clients and times they apply to. An empty list restricts nothing. */
export interface Policy {
  readonly name: string
  readonly scope: string
  /** `true` for a switch that is on; a switch that is off is absent. */
  readonly action: Readonly<Record<string, string | true>>
  readonly realm: readonly string[]
  readonly resolver: readonly string[]
  readonly user: readonly string[]
  readonly client: readonly string[]
  readonly adminrealm: readonly string[]
  readonly adminuser: readonly string[]
  readonly pinode: readonly string[]
  readonly userAgents: readonly string[]
  readonly time: string
  readonly conditions: readonly unknown[]
  /** 1 or more. Of several values for one action, that of the lowest number wins. */
  readonly priority: number
  readonly active: boolean
  readonly description: string
  readonly checkAllResolvers: boolean
  readonly userCaseInsensitive: boolean
  /** What the author of the policy confirmed, having been warned of it. */
  readonly confirm?: readonly Confirmation[]
}

/** Callers without a key may enroll a phone during a login. */
export const ANONYMOUS_ENROLLMENT = 'anonymous_enrollment'
/** What can be confirmed when a policy is written. */
export const CONFIRMATIONS = [ANONYMOUS_ENROLLMENT] as const
export type Confirmation = (typeof CONFIRMATIONS)[number]
