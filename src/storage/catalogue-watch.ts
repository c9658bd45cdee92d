import { addSeconds, instant, type Instant, revision, seconds } from '../vocabulary.ts'
import { type CatalogueVersion, FIRST_EPOCH, isEarlier, laterOf } from '../vocabulary/catalogue.ts'

/** After a suspicion was looked into, the next one waits so long: a replica of D1 that is behind causes many. */
const QUIET = seconds(10)

/** Remembers the latest state of the catalogue that this isolate has seen. */
export interface CatalogueWatch {
  /** Call before a read; call what it returns with the version that the read found. */
  begin(): (found: CatalogueVersion) => void
}

/** Calls `suspect` when a read finds an earlier state than was known before it began. That is a suspicion only: the read may have
 *  been answered by a replica. */
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
