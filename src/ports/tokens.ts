/** The table of tokens: how a token is read, listed and changed. */
import type { Outcome } from '../refusal.ts'
import type { TokenLimit } from '../rules/token/enrollment-limits.ts'
import type { Epoch, Instant, Owner, Region, Revision, Serial, TokenType, TransactionId } from '../vocabulary.ts'
import type { App, AppReport, PhoneCounters, Quarantine } from '../vocabulary/phones.ts'
import type {
  SearchResult,
  Token,
  TokenDetails,
  TokenFilter,
  TokenOrder,
  TokenSearch,
  TokenSettings,
} from '../vocabulary/tokens.ts'
import type { AuditEntry } from './audit.ts'

export type { TokenLimit } from '../rules/token/enrollment-limits.ts'

/** A token's row, as its phone object loads it. */
export interface TokenRecord extends Token, Partial<App> {
  /** Sealed; absent when the token has no PIN. */
  readonly pin?: string
  /** Logins opened at an earlier revision of the token cannot be finalized: since then it lost its owner, PIN or phone, or was
   *  disabled. */
  readonly voidBefore?: Revision
  /** The revision at which its phone last came to log the owner in: by registering, or because the token was enabled or assigned.
   *  Absent where a version before wrote it. */
  readonly boundRevision?: Revision
  /** Logins opened in an earlier epoch cannot be finalized: the catalogue was put back, and this token with it. The phone object
   *  sets it. */
  readonly voidBeforeEpoch?: Epoch
}

/** What a registration is checked against. */
export interface Enrollment {
  readonly token: Token
  readonly credentialHash?: string
  readonly credentialExpires?: Instant
  /** Digest of the registration that succeeded: the same registration again gets the same reply. */
  readonly registrationDigest?: string
  readonly registeredAt?: Instant
  readonly publicKey?: string
}

export interface NewToken {
  readonly serial: Serial
  readonly type: TokenType
  readonly owner?: Owner
  /** Realms that list it beside its owner's; those that do not exist are left out. */
  readonly realms?: readonly string[]
  readonly description: string
  readonly firebase: string
  readonly registrationUrl: string
  readonly signingKey: string
  /** Sealed. */
  readonly pin?: string
  readonly maxAttempts: number
  readonly credentialHash: string
  readonly credentialExpires: Instant
  readonly validFrom?: Instant
  readonly validUntil?: Instant
  /** Limits checked in the statement that stores it; empty for an owner who has this token already. */
  readonly limits?: readonly TokenLimit[]
  /** Owner and state of the token it replaces, as they were when replacing it was authorized. */
  readonly replaces?: Pick<Token, 'owner' | 'state'>
  /** It is enrolled again only while no phone has registered with it. */
  readonly isUnused?: boolean
  /** The login it is enrolled in. `insteadOf`: an earlier login that shows its code, if no phone has registered there. */
  readonly login?: { readonly id: TransactionId; readonly insteadOf?: TransactionId }
}

/** One change of a token; each gives the token a new revision. A PIN is sealed; without one the PIN is removed. */
export type TokenChange =
  | { readonly kind: 'active'; readonly active: boolean; readonly limits?: readonly TokenLimit[] }
  | { readonly kind: 'revoked' }
  /** Without `pin` it is removed. `isNew`: it is known to be another than before. */
  | { readonly kind: 'pin'; readonly pin?: string; readonly isNew?: boolean }
  | { readonly kind: 'set'; readonly settings: TokenSettings }
  /** Only if nobody else owns it. Without `pin` the PIN stays; with an empty `pin` it is removed. */
  | {
      readonly kind: 'assigned'
      readonly owner: Owner
      readonly pin?: { readonly sealed?: string }
      readonly limits?: readonly TokenLimit[]
    }
  /** Removes owner and PIN; the owner's realm still lists it. */
  | { readonly kind: 'unassigned' }
  /** Lists it in these realms beside its owner's, and in no others; those that do not exist are left out. */
  | { readonly kind: 'realms'; readonly realms: readonly string[] }
  /** Without a value the entry is removed. */
  | { readonly kind: 'info'; readonly key: string; readonly value?: string }
  /** Without `allowed`, policy decides. */
  | { readonly kind: 'polling_allowed'; readonly allowed?: boolean }
  /** Without `until`, the pause ends. A token that changes its owner ends it too. */
  | { readonly kind: 'rings_paused'; readonly until?: Instant }
  | { readonly kind: 'deleted' }
  /** Undoes that its phone came to log this owner in: revokes or disables it, if it was not bound again since. */
  | {
      readonly kind: 'binding_undone'
      readonly owner: Owner
      readonly revision?: Revision
      readonly result: 'revoked' | 'disabled'
    }
  /** Deletes it if no phone has registered, its code belongs to this login, and this user still owns it. */
  | { readonly kind: 'enrollment_cancelled'; readonly login: TransactionId; readonly owner?: Owner }

/** `limit` tokens after the first `offset` in this order. */
export interface TokenQuery {
  readonly filter: TokenFilter
  readonly order: TokenOrder
  readonly offset: number
  readonly limit: number
}

export interface Registration extends AppReport {
  readonly serial: Serial
  readonly credentialHash: string
  readonly digest: string
  readonly phoneKey: string
  readonly registrationToken: string
  readonly at: Instant
  /** Where the phone is, and its object is made. */
  readonly region?: Region
}

export interface RegistrationRefresh extends AppReport {
  readonly registrationToken: string
  readonly at: Instant
  /** The phone key that signed the request; absent from an object of an earlier version. */
  readonly phoneKey?: string
}

/** What verifies the signatures of a token's phone. */
export interface PhoneSigner {
  readonly type: TokenType
  /** SPKI, base64. */
  readonly phoneKey: string
}

export interface TokenTable {
  record(serial: Serial): Promise<Outcome<TokenRecord | undefined>>
  /** Answers which of these serials a token has. */
  existing(serials: readonly Serial[]): Promise<Outcome<ReadonlySet<Serial>>>
  /** Answers those of these serials whose phone has registered, with its key. */
  signers(serials: readonly Serial[]): Promise<Outcome<ReadonlyMap<Serial, PhoneSigner>>>
  /** The token with what is known of its phone. */
  details(serial: Serial): Promise<Outcome<TokenDetails | undefined>>
  enrollment(serial: Serial): Promise<Outcome<Enrollment | undefined>>
  /** Answers a page and how many tokens the filter matches. By serial and of what is counted (realm, kind, beginning of the
   *  serial), the last page costs no more than the first; anything else is a search.
   *  Refuses: `too_many_to_search`; `parameter_invalid` for a pattern longer than D1 takes. */
  list(query: TokenQuery): Promise<Outcome<{ readonly tokens: readonly Token[]; readonly count: number }>>
  /** Answers tokens in the order of the ranges. Reads a thousand tokens of a range at most: a page may have fewer tokens than its limit,
   *  even none, and go on. Refuses: `parameter_invalid` for a position in no range. */
  search(search: TokenSearch): Promise<Outcome<SearchResult>>
  /** False when the serial exists, a limit is reached, or the token is enrolled in a login and its owner already has one. */
  add(token: NewToken, entry: AuditEntry): Promise<Outcome<boolean>>
  /** Puts the token back to `clientwait` with a new credential; owner and PIN, where given, replace the earlier ones.
   *  False when it is gone, revoked, of another type, changed since it was read, or a limit is reached; for a token enrolled
   *  in a login, when it no longer waits in the earlier login. */
  renew(token: NewToken, entry: AuditEntry): Promise<Outcome<boolean>>
  /** The first limit that one more token of this owner would exceed, this token not counted. */
  exceededLimit(
    serial: Serial,
    owner: Owner,
    limits: readonly TokenLimit[],
    at: Instant,
  ): Promise<Outcome<TokenLimit | undefined>>
  /** False when there was nothing to change, or the token is revoked or gone; for an info entry, also when the token has too
   *  many. `isUnused`: also false when a phone has registered. */
  change(serial: Serial, change: TokenChange, entry: AuditEntry, isUnused?: boolean): Promise<Outcome<boolean>>
  /** False when the token is not in `clientwait` with this credential. */
  registerPhone(registration: Registration): Promise<Outcome<boolean>>
  /** False when the timestamp is not newer than that of the last refresh, or another phone has registered since. */
  refreshRegistration(serial: Serial, refresh: RegistrationRefresh): Promise<Outcome<boolean>>
  /** Changes nothing when the phone has sent a registration token since. */
  quarantine(serial: Serial, quarantine: Quarantine): Promise<Outcome<void>>
  /** Stores which object the token's phone has, and in which region it was made, unless the phone has a later one. */
  storeObjectNumber(serial: Serial, number: number, home: Region): Promise<Outcome<void>>
  /** Stores the PIN of a token whose PIN could not be compared here, if that is still so: `pending` is what is stored. Changes no revision.
   *  False otherwise. */
  keepPin(serial: Serial, pending: string, sealed: string): Promise<Outcome<boolean>>
  /** Copies the counters of the phone object, which are the exact ones. `seen`: the region that most of the phone's requests came from. */
  copyCounters(
    serial: Serial,
    counters: PhoneCounters & Partial<App> & { readonly seen?: Region },
  ): Promise<Outcome<void>>
}
