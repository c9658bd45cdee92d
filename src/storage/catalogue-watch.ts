import { addSeconds, instant, type Instant, revision, seconds } from '../vocabulary.ts'
import { type CatalogueVersion, FIRST_EPOCH, isEarlier, laterOf } from '../vocabulary/catalogue.ts'

/** After one check the next waits this long, because a replica of D1 that is behind causes many suspicions. */
const QUIET = seconds(10)

/** Remembers the latest state of the catalogue that this isolate has seen. */
export interface CatalogueWatch {
  /** Begins a read of the catalogue. Call the returned function with the version that the read has found. */
  begin(): (found: CatalogueVersion) => void
}

/** Returns a watch that calls `suspect` when a read finds an earlier state than this isolate knew before the read began. Either D1
 *  was put back, or a replica that is behind has answered. */
export function catalogueWatch(
  suspect: (known: CatalogueVersion) => Promise<unknown>,
  now: () => Instant,
): CatalogueWatch {
  let known: CatalogueVersion = { epoch: FIRST_EPOCH, revision: revision(0) }
  let quietUntil = instant(0)
  return {
    begin() {
      const before = known
      return (found) => {
        known = laterOf(known, found)
        if (!isEarlier(found, before) || now() < quietUntil) return
        quietUntil = addSeconds(now(), QUIET)
        // It is looked into again with the next such read.
        suspect(before).catch(() => undefined)
      }
    },
  }
}
