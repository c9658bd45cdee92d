/** Who a login may be about. */
import type { Outcome } from '../refusal.ts'
import type { Person, Serial } from '../vocabulary.ts'
import type { CatalogueVersion } from '../vocabulary/catalogue.ts'
import type { Token } from '../vocabulary/tokens.ts'

/** One way to read the user name a caller sent: a login in a realm. */
export interface UserCandidate {
  readonly login: string
  /** Undefined: the default realm. */
  readonly realm: string | undefined
}

/** The records a login may be about, read in one round trip. */
export interface SubjectRecords {
  /** The version of the settings, policies, keys and administrators at that time. */
  readonly settings: CatalogueVersion
  /** Whether D1's primary answered. A replica may be arbitrarily late. */
  readonly isCurrent: boolean
  /** The tokens of the candidates, and the one with the serial that was asked for. */
  readonly tokens: readonly Token[]
  /** The candidates that exist, and the owner of the token with the serial that was asked for. */
  readonly people: readonly Person[]
}

/** Where the catalogue is read: from D1's primary, or from the nearest replica, which may be late. */
export type CatalogueCopy = 'primary' | 'nearest'

export interface SubjectLookup {
  /** Reads every candidate and the token of the serial in one round trip to D1; from the primary unless `from` says otherwise. */
  find(query: {
    readonly candidates: readonly UserCandidate[]
    readonly serial?: Serial
    readonly from?: CatalogueCopy
  }): Promise<Outcome<SubjectRecords>>
}
