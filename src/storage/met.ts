import type { Catalogue } from '../ports/catalogue.ts'
import type { Serial } from '../vocabulary.ts'
import { Recent } from './recent.ts'

/** Phones that poll within seconds of each other, as many as an isolate is likely to serve. */
const MOST = 10_000

/** Whether a serial may be a token's: not where the catalogue knows none, which is asked once of each that there is. While it
 *  does not answer, any may be. */
export function meeting(catalogue: Pick<Catalogue, 'phoneRecord'>): (serial: Serial) => Promise<boolean> {
  const met = new Recent<Serial, true>(MOST)
  return async (serial) => {
    if (met.get(serial) === true) return true
    const found = await catalogue.phoneRecord(serial)
    if (!found.ok) return true
    if (found.value !== undefined) met.set(serial, true)
    return found.value !== undefined
  }
}
