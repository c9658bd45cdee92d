/** The catalogue as a whole: which history D1 holds, and how far it has come. */
import type { Outcome } from '../refusal.ts'
import type { Epoch, Instant } from '../vocabulary.ts'
import type { CatalogueVersion } from '../vocabulary/catalogue.ts'
import type { ReportedChange } from './journal-object.ts'

export interface Catalogue {
  /** Reads the version from D1's primary: never from a replica, which may be behind. */
  version(): Promise<Outcome<CatalogueVersion>>
  /** Begins the epoch `epoch`, above all that is known: D1 was put back to an earlier state. Every isolate then reads the deployment's
   *  settings anew; all API tokens, with the keys that signed them, and all bypass codes are void, since those of the earlier state may
   *  have been void or used. Answers the new version; undefined if D1 is no longer at the version `found`. */
  beginEpoch(request: {
    readonly found: CatalogueVersion
    readonly known: CatalogueVersion
    /** The state that D1 was put back to; it may have gone on from there. */
    readonly from: CatalogueVersion
    readonly at: Instant
    readonly epoch: Epoch
  }): Promise<Outcome<CatalogueVersion | undefined>>
  /** Answers those of these changes that the catalogue does not have: an administrator's without its audit entry, a phone's whose
   *  token is gone or older. */
  missing(changes: readonly ReportedChange[]): Promise<Outcome<readonly ReportedChange[]>>
}
