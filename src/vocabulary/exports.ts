/** Nouns of tokens that go back to the server that others came from. */
import type { Instant, Serial } from '../vocabulary.ts'
import type { ImportSource } from './imports.ts'
import type { Token } from './tokens.ts'

/** What was remembered of a token when it was imported. */
export interface ImportOrigin {
  readonly source: ImportSource
  readonly realm?: string
  readonly importedAt: Instant
  /** SHA-256 of what was imported, in hexadecimal. */
  readonly digest: string
  /** The owner, as the other server names them. */
  readonly userId?: string
  readonly resolver?: string
  /** What the other server says of the token, and Nod has no use for. */
  readonly kept: Readonly<Record<string, string>>
}

/** A token as it is now, beside what was imported of it. */
export interface ReturningToken {
  readonly serial: Serial
  /** Absent: it was deleted since it was imported. */
  readonly token?: Token
  /** Absent: it was enrolled here. */
  readonly origin?: ImportOrigin
  /** Whether it was changed or enrolled here since. */
  readonly isChanged: boolean
  /** Sealed. */
  readonly pin?: string
  /** Sealed; of a signing key that it shares with other tokens of Nod's own. */
  readonly privateKey?: string
}
