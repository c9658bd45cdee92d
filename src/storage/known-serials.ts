import type { TokenTable } from '../ports/tokens.ts'
import { done } from '../refusal.ts'
import { addSeconds, instant, type Instant, seconds, type Serial } from '../vocabulary.ts'
import { LruCache } from './lru-cache.ts'
import { type SingleFlight, singleFlight } from './single-flight.ts'

/** Serials an isolate remembers: as many phones as are likely to poll it. */
const REMEMBERED = 10_000
/** How long D1 is not asked again after a failure: every phone that polls would wait for nothing. */
const PAUSE = seconds(2)

/** Answers a function that tells whether a token has this serial. A serial that exists is looked up once, and no serial twice at
 *  the same time. While D1 does not answer, every serial is taken to exist. */
export function knownSerials(
  tokens: Pick<TokenTable, 'record'>,
  now: () => Instant,
): (serial: Serial) => Promise<boolean> {
  const existing = new LruCache<Serial, true>(REMEMBERED)
  const lookups = new LruCache<Serial, SingleFlight<boolean>>(REMEMBERED)
  let failedAt = instant(0)

  /** A clock that was set back ends the pause. */
  const isPaused = (): boolean => now() >= failedAt && now() < addSeconds(failedAt, PAUSE)

  async function lookUp(serial: Serial) {
    const found = await tokens.record(serial)
    return found.ok ? done(found.value !== undefined) : found
  }

  return async (serial) => {
    if (existing.get(serial) === true || isPaused()) return true
    const lookup = lookups.get(serial) ?? singleFlight(() => lookUp(serial))
    lookups.set(serial, lookup)
    const exists = await lookup.join()
    if (!exists.ok) failedAt = now()
    else if (exists.value) existing.set(serial, true)
    return !exists.ok || exists.value
  }
}
