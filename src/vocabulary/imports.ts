/** Nouns of tokens that come from another server. */
import type { Instant, Owner, RolloutState, Serial, TokenType } from '../vocabulary.ts'
import type { PinState } from './tokens.ts'

/** The servers that tokens are imported from. */
export const IMPORT_SOURCES = ['privacyidea', 'edumfa'] as const
export type ImportSource = (typeof IMPORT_SOURCES)[number]

/** What becomes of a token that is imported.
 *  - `new`: Nod has none of this serial.
 *  - `unchanged`: it is here already, as it is there.
 *  - `changed`: it was changed there since, and not here: it is imported again.
 *  - `kept`: it was changed here since: it stays as it is here.
 *  - `deleted`: it was deleted here since: it stays deleted.
 *  - `taken`: the serial is that of a token of Nod's own. */
export const IMPORT_STATES = ['new', 'unchanged', 'changed', 'kept', 'deleted', 'taken'] as const
export type ImportState = (typeof IMPORT_STATES)[number]

/** What of a token decides its `ImportState`. */
export interface ImportMark {
  readonly serial: Serial
  /** SHA-256 of what is imported, in hexadecimal. */
  readonly digest: string
}

const IMPORTED_KEY = 'imported:'

/** The key of an imported token, under which its signing key is stored. Keys of Nod's own are called otherwise. */
export const importedKeyId = (serial: Serial): string => `${IMPORTED_KEY}${serial}`

export const isImportedKey = (id: string): boolean => id.startsWith(IMPORTED_KEY)

/** A token as it is stored when it is imported, and its owner's names. */
export interface ImportedToken extends ImportMark {
  readonly type: TokenType
  readonly owner?: Owner & { readonly givenName: string; readonly surname: string; readonly email: string }
  /** The owner, as the other server names them. */
  readonly userId?: string
  readonly resolver?: string
  readonly description: string
  readonly state: RolloutState
  readonly active: boolean
  readonly revoked: boolean
  readonly firebase: string
  readonly registrationUrl: string
  readonly registrationToken?: string
  /** SubjectPublicKeyInfo, base64; of an enrolled token. */
  readonly phoneKey?: string
  readonly signingKey: string
  /** Its own signing key, which an enrolled token has. `privateKey` is sealed. */
  readonly key?: { readonly bits: number; readonly privateKey: string; readonly publicKey: string }
  /** Sealed. */
  readonly pin?: string
  readonly pinState?: PinState
  readonly pollingAllowed?: boolean
  readonly attempts: number
  readonly maxAttempts: number
  readonly failures: number
  readonly successes: number
  readonly maxUses?: number
  readonly maxSuccesses?: number
  readonly lastUse?: Instant
  readonly validFrom?: Instant
  readonly validUntil?: Instant
  readonly createdAt: Instant
  readonly credentialHash?: string
  readonly credentialExpires?: Instant
  readonly realms: readonly string[]
  readonly info: Readonly<Record<string, string>>
  /** What the other server says of the token, and Nod has no use for. */
  readonly kept: Readonly<Record<string, string>>
}

/** How many tokens were imported, by what became of them. */
export interface ImportCounts {
  readonly source: ImportSource
  readonly imported: number
  /** Those that are still here. */
  readonly present: number
  /** Those that were changed here since. */
  readonly changed: number
  readonly pinsUpstream: number
  readonly pinsUnset: number
}
