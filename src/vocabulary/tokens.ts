/** Nouns of tokens and of lists of them. */
import type {
  Epoch,
  Instant,
  Owner,
  Region,
  Revision,
  RolloutState,
  Serial,
  TokenType,
  TransactionId,
} from '../vocabulary.ts'
import type { AppReport, QuarantineCause } from './phones.ts'

/** Why no PIN of an imported token can be compared here. `upstream`: only the server it came from can check it; `unset`: nobody can, until
 *  somebody sets one. */
export type PinState = 'upstream' | 'unset'

/** A token as the catalogue stores it, without its secrets. */
export interface Token {
  readonly serial: Serial
  readonly type: TokenType
  readonly revision: Revision
  /** The epoch of the catalogue it was read from; absent where nobody asks. */
  readonly epoch?: Epoch
  readonly owner?: Owner
  readonly description: string
  readonly state: RolloutState
  readonly active: boolean
  readonly revoked: boolean
  readonly firebase: string
  readonly registrationUrl: string
  readonly registrationToken?: string
  /** When FCM said that its registration token reaches nobody. */
  readonly quarantinedAt?: Instant
  /** The key of the phone that registered last. Absent: no phone ever has, and the token has no phone object. */
  readonly phoneKey?: string
  /** The region where its phone object was made. Absent: unknown. */
  readonly home?: Region
  readonly signingKey?: string
  readonly pollingAllowed?: boolean
  /** Absent: its PIN is Nod's own, or it has none. A login goes by the sealed PIN, which says the same. */
  readonly pinState?: PinState
  readonly attempts: number
  readonly maxAttempts: number
  readonly successes: number
  /** All failed attempts there ever were. */
  readonly failures: number
  readonly lastUse?: Instant
  /** How often it may be used, in all and with success; absent: without limit. */
  readonly maxUses?: number
  readonly maxSuccesses?: number
  readonly validFrom?: Instant
  readonly validUntil?: Instant
  readonly createdAt: Instant
  /** When it was last assigned to an owner. */
  readonly assignedAt?: Instant
  /** The realms that list it, besides that of its owner. */
  readonly realms: readonly string[]
  /** Until when its phone is not rung; absent where nobody has paused it. May be over. */
  readonly ringsPausedUntil?: Instant
  /** Notes of administrators, by key. */
  readonly info: Readonly<Record<string, string>>
  /** Which object its phone has: 0, or absent, until it has moved (`phoneObjectName`). May be lower than it is by now. */
  readonly objectNumber?: number
  /** The login that showed its QR code; absent once its phone has registered and the token was changed since. */
  readonly enrolledIn?: TransactionId
}

/** The key of a token's info that tells until when its rings are paused. */
export const RINGS_PAUSED_UNTIL = 'rings_paused_until'

/** The fields of a token that an administrator can set; null removes a limit. */
export interface TokenSettings {
  readonly description?: string
  /** Failed attempts before it is locked. */
  readonly maxAttempts?: number
  /** How often it may be used, in all and with success. */
  readonly maxUses?: number | null
  readonly maxSuccesses?: number | null
  readonly validFrom?: Instant | null
  readonly validUntil?: Instant | null
}

/** The entries of a token's info, by their names on the wire. The configuration's name begins with the token's type. */
export const TOKEN_INFO = [
  'tokenkind',
  'push_firebase_configuration',
  'edupush_firebase_configuration',
  'creation_date',
  'assignment_date',
  'public_key_smartphone',
  'polling_allowed',
  'count_auth',
  'count_auth_success',
  'count_auth_max',
  'count_auth_success_max',
  'last_auth',
  'validity_period_start',
  'validity_period_end',
] as const
export type TokenInfo = (typeof TOKEN_INFO)[number]

/** The fields of a token that a list can be searched by. */
export type TokenField = 'serial' | 'description' | TokenInfo

/** What a list of tokens is asked for. In a pattern, `*` stands for any text. */
export interface TokenCriteria {
  /** One of these. */
  readonly serials?: readonly string[]
  readonly serial?: string
  readonly type?: string
  /** One of these patterns. */
  readonly types?: readonly string[]
  /** The realm of the owner is one of these. */
  readonly realms?: readonly string[]
  /** The owner by the id that services know, which is the login. */
  readonly userId?: string
  readonly resolver?: string
  readonly container?: string
  readonly description?: string
  readonly state?: string
  readonly assigned?: boolean
  readonly active?: boolean
  readonly info?: { readonly key: string; readonly pattern: string }
}

/** Criteria that a token has to meet, all of them. Realms and logins are those of the owner. */
export interface TokenFilter {
  readonly serials?: readonly string[]
  /** The beginning of the serial. */
  readonly beginning?: string
  /** Only together with `realms`. */
  readonly login?: string
  readonly realms?: readonly string[]
  readonly types?: readonly TokenType[]
  readonly assigned?: boolean
  readonly active?: boolean
  readonly state?: RolloutState
  /** In a pattern, `*` stands for any text. */
  readonly texts?: readonly ({ readonly pattern: string } & (
    | { readonly text: TokenField; readonly note?: undefined }
    /** A note of an administrator, by its key. */
    | { readonly note: string; readonly text?: undefined }
  ))[]
}

export interface TokenOrder {
  readonly field: 'serial' | 'type' | 'description' | 'state' | 'active' | 'revoked' | 'attempts' | 'maxAttempts'
  readonly ascending: boolean
}

/** Changes that give a user a token, take one away, or decide whether it may take part in a login. They give all tokens of the user a
 *  new revision. */
export const CHANGES_OWNER_TOKENS: ReadonlySet<string> = new Set([
  'active',
  'binding_undone',
  'assigned',
  'unassigned',
  'deleted',
  'set',
  'realms',
  'info',
  'polling_allowed',
])

/** What keeps a token from letting its owner in, the first of these that applies. `unreachable`: FCM cannot deliver to its phone,
 *  which still finds its logins by polling. Expiry of the validity period is no status: nothing is written when it comes. */
export const TOKEN_STATUSES = ['revoked', 'waiting', 'disabled', 'locked', 'unreachable'] as const
export type TokenStatus = (typeof TOKEN_STATUSES)[number] | 'ready'

/** The texts a token is found by, and the orders a search has: owner's login, serial, description. */
export const SEARCH_FIELDS = ['user', 'serial', 'description'] as const
export type SearchField = (typeof SEARCH_FIELDS)[number]

/** Texts with the same beginning, in lower case as far as A to Z go: from `from` up to and without `below`. */
export interface TextRange {
  readonly from: string
  readonly below: string
  /** What else the text has to be: at `at` (from 1) one of the characters of the first of these, then of the second, and so on. */
  readonly tail?: { readonly at: number; readonly letters: readonly string[] }
}

/** A stretch of one index, whose tokens are listed in its order. */
export interface SearchRange extends Partial<TextRange> {
  /** Names the range in a position. */
  readonly id: string
  /** Without `from`: tokens without an owner. */
  readonly field: SearchField
  readonly realm?: string
  /** Fields searched before this one: whoever is found by these is not found again. */
  readonly except: readonly SearchField[]
}

/** The token after which a search goes on. */
export interface SearchPosition {
  readonly range: string
  readonly key: string
  readonly serial: string
}

export interface TokenSearch {
  /** What is looked through, in this order. */
  readonly ranges: readonly SearchRange[]
  /** The ranges of the text that was asked for, in every field alike. */
  readonly texts: readonly TextRange[]
  readonly status?: TokenStatus
  readonly type?: TokenType
  readonly after?: SearchPosition
  readonly limit: number
}

/** A token as a search finds it, with D1's copy of its counters. */
export interface FoundToken extends Token {
  readonly status: TokenStatus
  readonly foundBy: SearchField
  readonly app?: string
  readonly system?: string
  readonly quarantineCause?: string
}

/** A token with what is known of its phone. */
export interface TokenDetails extends Token, AppReport {
  readonly hasPin: boolean
  readonly quarantineCause?: QuarantineCause
  /** The region that most requests of its phone come from. */
  readonly seen?: Region
  /** When its phone registered. */
  readonly registeredAt?: Instant
  /** When the phone last replaced its registration token. */
  readonly refreshedAt?: Instant
}

export interface SearchResult {
  readonly tokens: readonly FoundToken[]
  /** Where the next page begins; absent after the last. */
  readonly next?: SearchPosition
  /** How many there are, on the first page; `isExact` false: at least so many. */
  readonly count?: { readonly number: number; readonly isExact: boolean }
}
