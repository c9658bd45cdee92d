/** The catalogue as a whole: which history D1 holds, and how far it has come. */
import type { Outcome } from '../refusal.ts'
import type { Epoch, Revision } from '../vocabulary.ts'

/** A state of the catalogue: how far a history has come. */
export interface CatalogueVersion {
  readonly epoch: Epoch
  readonly revision: Revision
}

export interface Catalogue {
  /** Reads the version from D1's primary: never from a replica, which may be behind. */
  version(): Promise<Outcome<CatalogueVersion>>
}
