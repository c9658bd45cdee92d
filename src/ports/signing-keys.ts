/** The table of the server's signing keys, which sign the prompts of tokens. */
import type { Outcome } from '../refusal.ts'
import type { Epoch, Instant, Revision } from '../vocabulary.ts'
import type { CatalogueVersion } from '../vocabulary/catalogue.ts'
import type { AuditEntry } from './audit.ts'

/** A new signing key, to be stored. */
export interface NewSigningKey {
  readonly id: string
  readonly bits: number
  /** PKCS#8, sealed. */
  readonly privateKey: string
  /** PKCS#1, base64. */
  readonly publicKey: string
}

/** The revision of a token, and the epoch in which it was read. */
export interface TokenVersion {
  readonly epoch?: Epoch | undefined
  readonly revision: Revision
}

export interface ListedSigningKey {
  readonly id: string
  readonly bits: number
  readonly createdAt: Instant
  /** PKCS#1, base64. */
  readonly publicKey: string
  /** How many tokens have their prompts signed with it. */
  readonly tokens: number
}

export interface SigningKeyTable {
  /** Lists the newest thousand keys, without those of imported tokens. Reads every token; answers within ten seconds. */
  list(): Promise<Outcome<readonly ListedSigningKey[]>>
  /** Returns the public half of a key, PKCS#1 in base64, and the version of the catalogue it was read from; undefined if there is no such
   *  key. */
  publicKey(
    id: string,
  ): Promise<Outcome<{ readonly publicKey: string; readonly version: CatalogueVersion } | undefined>>
  /** Stores a key, which new tokens get from now on. False if its id is taken: another rotation came first. */
  add(key: NewSigningKey, entry: AuditEntry): Promise<Outcome<boolean>>
  /** Deletes a key that no token has, for good: no token gets it any more. `in_use`: a token has it. Answers within ten seconds. */
  delete(id: string, entry: AuditEntry): Promise<Outcome<'deleted' | 'in_use' | 'unknown'>>
}
