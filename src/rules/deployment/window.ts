/** How often something may happen to one name, and how long the name waits after more. No clock, no storage. */
import type { Instant, Seconds } from '../../vocabulary.ts'
import { instant, addSeconds, seconds } from '../../vocabulary.ts'

/** When a name has to wait, and how long. */
export interface WindowRule {
  /** So many events within so long, then a wait. */
  readonly limit: number
  readonly within: Seconds
  /** The first wait; each one after it is twice as long as the one before, up to the longest. */
  readonly wait: Seconds
  readonly longest: Seconds
  /** After so long without a wait the next is a first one again. */
  readonly calm: Seconds
}

/** What is remembered of a name. */
export interface WindowState {
  /** Events since the last wait began, those within the window. */
  readonly times: readonly Instant[]
  /** Waits so far. */
  readonly waits: number
  /** When the last of them is, or was, over. */
  readonly until: Instant
}

export const NO_EVENTS: WindowState = { times: [], waits: 0, until: instant(0) }

/** How long the name still has to wait, in whole seconds; 0: not at all. */
export const remainingWait = ({ until }: WindowState, now: Instant): Seconds =>
  seconds(Math.max(0, Math.ceil((until - now) / 1000)))

/** One more event. Whoever counts it has looked whether the name has to wait: that alone does not make a wait longer. */
export function countEvent({ times, waits, until }: WindowState, rule: WindowRule, now: Instant): WindowState {
  const within = [...times.filter((at) => now - at < rule.within * 1000), now]
  const before = now - until < rule.calm * 1000 ? waits : 0
  if (within.length < rule.limit) return { times: within, waits: before, until }
  const wait = Math.min(rule.wait * 2 ** before, rule.longest)
  return { times: [], waits: before + 1, until: addSeconds(now, seconds(wait)) }
}

/** From when on this says no more than `NOTHING`. */
export function expiryOf({ times, waits, until }: WindowState, rule: WindowRule): Instant {
  const calm = waits > 0 ? addSeconds(until, rule.calm) : instant(0)
  return instant(Math.max(calm, ...times.map((at) => addSeconds(at, rule.within))))
}
