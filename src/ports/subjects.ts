/** Who a login may be about. */
import type { Outcome } from '../refusal.ts'
import type { Person, Revision, Serial } from '../vocabulary.ts'
import type { Token } from '../vocabulary/tokens.ts'

/** One way to read the user name a caller sent: a login in a realm. */
export interface UserCandidate {
  readonly login: string
  /** Undefined: the default realm. */
  readonly realm: string | undefined
}

/** The records a login may be about, read in one round trip. */
export interface SubjectRecords {
  readonly settingsRevision: Revision
  /** The tokens of the candidates, and the one with the serial that was asked for. */
  readonly tokens: readonly Token[]
  /** The candidates that exist, and the owner of the token with the serial that was asked for. */
  readonly people: readonly Person[]
}

export interface SubjectLookup {
  /** Reads every candidate and the token of the serial in one round trip to D1. */
  find(query: {
    readonly candidates: readonly UserCandidate[]
    readonly serial?: Serial
  }): Promise<Outcome<SubjectRecords>>
}
