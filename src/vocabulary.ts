/** The nouns of Nod, one name per concept. Types and constants only: what they do is said where they are used. What only one
 *  subject needs stands beside, in `vocabulary/`: tokens, phones, the audit. */

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
/** Rises with every change of the catalogue, never reused. */
export type Revision = Branded<number, 'Revision'>

export const instant = (milliseconds: number): Instant => milliseconds as Instant
export const seconds = (count: number): Seconds => count as Seconds
export const revision = (count: number): Revision => count as Revision
/** So long after an instant; before it, for a negative span. */
export const addSeconds = (from: Instant, span: Seconds): Instant => instant(from + span * 1000)

/** Bytes that Web Crypto takes: never backed by shared memory. */
export type Bytes = Uint8Array<ArrayBuffer>

/** A source of random bytes, handed in so that tests can hand in another. */
export type Random = (length: number) => Bytes

/** The user a token belongs to. Realms compare in lower case; logins as they are. */
export interface Owner {
  readonly login: string
  readonly realm: string
}

/** What the directory of users knows about an owner, for texts shown on the phone. */
export interface Person extends Owner {
  readonly givenName: string
  readonly surname: string
  readonly email: string
}

/** Which app a token is for, and so which dialect of the protocol it speaks: privacyIDEA's, or eduMFA's. */
export const TOKEN_TYPES = ['push', 'edupush'] as const
export type TokenType = (typeof TOKEN_TYPES)[number]

/** The texts of a user that a list can be searched for. */
export const PERSON_FIELDS = ['login', 'givenName', 'surname', 'email'] as const
export type PersonField = (typeof PERSON_FIELDS)[number]

/** A token as a service is told of it. */
export interface NamedToken {
  readonly serial: Serial
  readonly type: TokenType
}

/** How the phone has to confirm: a tap, the option shown at the login, or a code it hands out. */
export type Mode = 'standard' | 'presence' | 'code_to_phone'

/** How a login stands, all its challenges taken together. */
export type LoginStatus = 'pending' | 'accepted' | 'declined' | 'cancelled' | 'expired' | 'finalized'

/** `clientwait`: the QR code is out, no phone has registered yet. `enrolled`: a phone holds the key. */
export type RolloutState = 'clientwait' | 'enrolled'

/** Why a user said no. Another or no reason counts as `declined`. */
export type DeclineReason = 'unknown_trigger' | 'cancelled'

/** A place on the map as Durable Objects know it; the position in this list is what a transaction id holds. */
export const REGIONS = ['wnam', 'enam', 'sam', 'weur', 'eeur', 'apac', 'oc', 'afr', 'me'] as const
export type Region = (typeof REGIONS)[number]

/** One object that holds a share of a region's open logins. */
export interface Shard {
  readonly region: Region
  readonly number: number
}

/** A transaction id that Nod made, and the shard that it names. */
export interface TransactionAddress {
  readonly id: TransactionId
  readonly shard: Shard
}

/** What an API caller may do. `validate`: trigger, check and poll, nothing else. */
export const ROLES = ['admin', 'helpdesk', 'validate'] as const
export type Role = (typeof ROLES)[number]

/** What an administrator may do: services alone have the third. */
export const ADMINISTRATOR_ROLES = ['admin', 'helpdesk'] as const
export type AdministratorRole = (typeof ADMINISTRATOR_ROLES)[number]

/** Who is calling. A JWT names an administrator, or a user who has signed in by phone; a service key names a service. */
export type Caller =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'administrator'; readonly name: string; readonly role: AdministratorRole }
  | { readonly kind: 'service'; readonly name: string; readonly role: Role; readonly keyHash: string }
  | { readonly kind: 'user'; readonly owner: Owner }

/** The languages of the texts that no policy sets. */
export const LANGUAGES = ['en', 'de'] as const
export type Language = (typeof LANGUAGES)[number]

/** Where a request came from, as far as it can be trusted. */
export interface Source {
  readonly address: string
  /** Through which addresses the request says it came, the nearest first: a caller may write what it likes. */
  readonly claims?: readonly string[]
  readonly userAgent: string
  readonly region: Region
  /** A header of the request, by its name in any case. */
  readonly header?: (name: string) => string | undefined
  /** Scheme, host and port the request was addressed to, without a trailing slash. */
  readonly origin: string
}

/** The route of a sign-in to Nod itself, as the audit names it. A login that it opened finalizes nothing but a sign-in. */
export const SIGN_IN = 'POST /auth'

/** Tokens that no delivery is made to carry this in place of a Firebase configuration's name. */
export const POLL_ONLY = 'poll only'

/** The only resolver there is: it knows whom tokens and administrators have named. */
export const RESOLVER = 'nod'

/** What an administrator decided: actions of one scope, and for whom, from where and when they hold. Empty lists restrict nothing. */
export interface Policy {
  readonly name: string
  readonly scope: string
  /** `true` for a switch that is on; absent is off. */
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
  /** 1 or more; among single values the lowest number wins. */
  readonly priority: number
  readonly active: boolean
  readonly description: string
  readonly checkAllResolvers: boolean
  readonly userCaseInsensitive: boolean
}
