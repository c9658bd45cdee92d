/** Tokens as the catalogue has them, and how they change. */
import type { TokenLimit } from '../rules/token/enrollment-limits.ts'
import type { Instant, Owner, Revision, Serial, TokenType, TransactionId } from '../vocabulary.ts'
import type { App } from '../vocabulary/phones.ts'
import type { Token, TokenSettings } from '../vocabulary/tokens.ts'

/** What a Phone keeps of its token. */
export interface TokenRecord extends Token, Partial<App> {
  /** Sealed; absent when the token has no PIN. */
  readonly pin?: string
  /** Logins opened at an earlier revision of the token finish no more: owner, PIN, phone or being enabled was taken away. */
  readonly voidBefore?: Revision
}

/** Enrollment in progress, or just finished: what registering is checked against. */
export interface Enrollment {
  readonly token: Token
  readonly credentialHash?: string
  readonly credentialExpires?: Instant
  /** Digest of the registration that succeeded: the same one again gets the same reply. */
  readonly registrationDigest?: string
  readonly registeredAt?: Instant
  readonly publicKey?: string
}

export interface NewToken {
  readonly serial: Serial
  readonly type: TokenType
  readonly owner?: Owner
  /** Realms it is listed in beside its owner's; those that do not exist are left out. */
  readonly realms?: readonly string[]
  readonly description: string
  readonly firebase: string
  readonly registrationUrl: string
  readonly signingKey: string
  readonly pin?: string
  readonly maxAttempts: number
  readonly credentialHash: string
  readonly credentialExpires: Instant
  readonly validFrom?: Instant
  readonly validUntil?: Instant
  /** What it must not exceed; none for an owner who has this token already. */
  readonly limits?: readonly TokenLimit[]
  /** What the token it takes the place of was when that was found to be allowed. */
  readonly replaces?: Pick<Token, 'owner' | 'state'>
  /** The login it is enrolled in, maybe instead of an earlier one that no phone has registered in. */
  readonly login?: { readonly id: TransactionId; readonly insteadOf?: TransactionId }
}

/** One change of a token; every one of them gives it a new revision. A PIN is sealed; an absent one takes the PIN away. */
export type TokenChange =
  | { readonly kind: 'active'; readonly active: boolean; readonly limits?: readonly TokenLimit[] }
  | { readonly kind: 'revoked' }
  | { readonly kind: 'pin'; readonly pin?: string }
  | { readonly kind: 'set'; readonly settings: TokenSettings }
  /** If nobody else owns it; its PIN changes only with `pin`. */
  | {
      readonly kind: 'assigned'
      readonly owner: Owner
      readonly pin?: { readonly sealed?: string }
      readonly limits?: readonly TokenLimit[]
    }
  /** Nobody's, without a PIN; it stays in the realm of whoever owned it. */
  | { readonly kind: 'unassigned' }
  /** These realms beside its owner's, and no others; those that do not exist are left out. */
  | { readonly kind: 'realms'; readonly realms: readonly string[] }
  /** Without a value the note is taken away. */
  | { readonly kind: 'info'; readonly key: string; readonly value?: string }
  /** Absent: as policy says. */
  | { readonly kind: 'polling_allowed'; readonly allowed?: boolean }
  | { readonly kind: 'deleted' }
  /** Deleted, if no phone has registered, its code is that of this login, and it is still its user's. */
  | { readonly kind: 'enrollment_cancelled'; readonly login: TransactionId; readonly owner?: Owner }
