import type { TokenTable } from '../ports/tokens.ts'
import { done } from '../refusal.ts'
import type { Instant, Serial } from '../vocabulary.ts'
import { instant, addSeconds, seconds } from '../vocabulary.ts'
import { LruCache } from './lru-cache.ts'
import type { SingleFlight } from './single-flight.ts'
import { singleFlight } from './single-flight.ts'

/** Phones that poll within seconds of each other, as many as an isolate is likely to serve. */
const MOST = 10_000
/** How long the catalogue is not asked again after it has not answered: whoever asks would wait for nothing. */
const SPARED = seconds(2)

/** Whether a serial may be a token's: not where the catalogue knows none, which is asked once of each that there is, and of
 *  any once at a time. While it does not answer, any may be. */
export function knownSerials(
  tokens: Pick<TokenTable, 'record'>,
  now: () => Instant,
): (serial: Serial) => Promise<boolean> {
  const met = new LruCache<Serial, true>(MOST)
  const looks = new LruCache<Serial, SingleFlight<boolean>>(MOST)
  let missedAt = instant(0)

  /** A clock that was set back spares nothing. */
  const isSpared = (): boolean => now() >= missedAt && now() < addSeconds(missedAt, SPARED)

  async function look(serial: Serial) {
    const found = await tokens.record(serial)
    return found.ok ? done(found.value !== undefined) : found
  }

  return async (serial) => {
    if (met.get(serial) === true || isSpared()) return true
    const looking = looks.get(serial) ?? singleFlight(() => look(serial))
    looks.set(serial, looking)
    const isThere = await looking.join()
    if (!isThere.ok) missedAt = now()
    else if (isThere.value) met.set(serial, true)
    return !isThere.ok || isThere.value
  }
}
