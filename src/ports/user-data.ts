/** What the tables hold of a user, to be exported and erased. */
import type { Outcome } from '../refusal.ts'
import type { Instant, Owner, Region, Serial } from '../vocabulary.ts'
import type { ImportSource } from '../vocabulary/imports.ts'
import type { AuditEntry } from './audit.ts'

/** The phone object of a token. */
export interface TokenPhone {
  readonly serial: Serial
  /** The region where it was made; absent: unknown. */
  readonly home?: Region
}

/** An imported token, as the server that it came from knows it. */
export interface ImportTrace {
  readonly serial: Serial
  readonly source: ImportSource
  readonly userId: string | undefined
  readonly resolver: string | undefined
  readonly importedAt: Instant
  readonly kept: Readonly<Record<string, string>>
}

export interface UserData {
  /** The serials of the user's tokens, at most a hundred. */
  serialsOf(owner: Owner): Promise<Outcome<readonly Serial[]>>
  /** The phones of the user's tokens, at most a hundred. A token that no phone has registered has none. */
  phonesOf(owner: Owner): Promise<Outcome<readonly TokenPhone[]>>
  /** Deletes the user and their bypass code, whether or not there are any. */
  erase(owner: Owner, entry: AuditEntry): Promise<Outcome<void>>
  /** What is kept of the server that the user's tokens came from, at most a hundred, also of tokens that were deleted since. */
  importsOf(owner: Owner): Promise<Outcome<readonly ImportTrace[]>>
  /** The next users, at most three hundred, whom a row of users, tokens or bypass codes names, by realm and login. */
  ownersAfter(owner?: Owner): Promise<Outcome<readonly Owner[]>>
}
