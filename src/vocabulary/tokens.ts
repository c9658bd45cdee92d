/** Nouns of tokens, and of a list of them. */
import type { Instant, Owner, Revision, RolloutState, Serial, TokenType, TransactionId } from '../vocabulary.ts'

/** A token as the catalogue knows it, secrets left out. */
export interface Token {
  readonly serial: Serial
  readonly type: TokenType
  readonly revision: Revision
  readonly owner?: Owner
  readonly description: string
  readonly state: RolloutState
  readonly active: boolean
  readonly revoked: boolean
  readonly firebase: string
  readonly registrationUrl: string
  readonly registrationToken?: string
  /** Since when its registration token is known to reach nobody. */
  readonly quarantinedAt?: Instant
  readonly phoneKey?: string
  readonly signingKey?: string
  readonly pollingAllowed?: boolean
  readonly attempts: number
  readonly maxAttempts: number
  readonly successes: number
  /** Failed attempts of all time. */
  readonly failures: number
  readonly lastUse?: Instant
  /** How often it may be used, in all and with success; absent: as often as one likes. */
  readonly maxUses?: number
  readonly maxSuccesses?: number
  readonly validFrom?: Instant
  readonly validUntil?: Instant
  readonly createdAt: Instant
  /** When it last got an owner. */
  readonly assignedAt?: Instant
  /** Those it is listed in beside its owner's. */
  readonly realms: readonly string[]
  /** What administrators have noted of it. */
  readonly info: Readonly<Record<string, string>>
  /** The login in which its QR code was shown; none once its phone has registered and what the login rests on was taken away. */
  readonly enrolledIn?: TransactionId
}

/** What of a token may simply be set; null takes a bound away. */
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

/** What a token's info tells, by its names on the wire; the configuration's begins with the token's type. */
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

/** The texts of a token that a list can be searched for. */
export type TokenField = 'serial' | 'description' | TokenInfo

/** Which tokens a list is asked for. `*` in a pattern stands for anything. */
export interface TokenCriteria {
  /** One of these. */
  readonly serials?: readonly string[]
  readonly serial?: string
  readonly type?: string
  /** Any of these patterns. */
  readonly types?: readonly string[]
  /** Owners are of one of these. */
  readonly realms?: readonly string[]
  /** The owner, as the service knows the user. */
  readonly userId?: string
  readonly resolver?: string
  readonly container?: string
  readonly description?: string
  readonly state?: string
  readonly assigned?: boolean
  readonly active?: boolean
  readonly info?: { readonly key: string; readonly pattern: string }
}

/** Tokens of which all of this holds. Realms and logins are those of owners. */
export interface TokenFilter {
  readonly serials?: readonly string[]
  /** What the serial begins with. */
  readonly beginning?: string
  /** Only together with the realms it is looked for in. */
  readonly login?: string
  readonly realms?: readonly string[]
  readonly types?: readonly TokenType[]
  readonly assigned?: boolean
  readonly active?: boolean
  readonly state?: RolloutState
  /** `*` stands for anything. */
  readonly texts?: readonly ({ readonly pattern: string } & (
    | { readonly text: TokenField; readonly note?: undefined }
    /** By its key, what an administrator has noted of the token. */
    | { readonly note: string; readonly text?: undefined }
  ))[]
}

export interface TokenOrder {
  readonly by: 'serial' | 'type' | 'description' | 'state' | 'active' | 'revoked' | 'attempts' | 'maxAttempts'
  readonly ascending: boolean
}
