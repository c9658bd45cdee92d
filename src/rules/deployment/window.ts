/** How often an event may happen to one name, and how long the name waits after too many. No clock, no storage. */
import { addSeconds, instant, type Instant, type Seconds, seconds, secondsUntil } from '../../vocabulary.ts'

/** When a name has to wait, and how long. */
export interface WindowRule {
  /** So many events within `window` begin a wait. */
  readonly limit: number
  readonly window: Seconds
  readonly firstWait: Seconds
  /** Each further wait is twice as long as the one before, up to this. */
  readonly longestWait: Seconds
  /** After so long without a wait the next one is a first one again. */
  readonly resetAfter: Seconds
}

/** What is known of a name's events. */
export interface WindowState {
  /** Events since the last wait began, as far as they are within the window. */
  readonly times: readonly Instant[]
  /** Waits so far. */
  readonly waits: number
  /** When the last of them ends or ended. */
  readonly until: Instant
}

export const NO_EVENTS: WindowState = { times: [], waits: 0, until: instant(0) }

/** How long the name still has to wait, in whole seconds; 0: it need not wait. */
export const remainingWait = ({ until }: WindowState, now: Instant): Seconds => secondsUntil(until, now)

/** Returns the state after one more event. The caller has checked `remainingWait`: an event during a wait is not counted, so it
 *  makes no wait longer. */
export function countEvent({ times, waits, until }: WindowState, rule: WindowRule, now: Instant): WindowState {
  const recent = [...times.filter((at) => now < addSeconds(at, rule.window)), now]
  const waitsBefore = now < addSeconds(until, rule.resetAfter) ? waits : 0
  if (recent.length < rule.limit) return { times: recent, waits: waitsBefore, until }
  const wait = Math.min(rule.firstWait * 2 ** waitsBefore, rule.longestWait)
  return { times: [], waits: waitsBefore + 1, until: addSeconds(now, seconds(wait)) }
}

/** Returns the state with one event less: that one turned out not to count. */
export function uncountEvent(state: WindowState, rule: WindowRule, now: Instant): WindowState {
  const { times, waits, until } = state
  if (times.length > 0) return { ...state, times: times.slice(0, -1) }
  // It began the wait, which took the place of the events before.
  if (waits > 0 && now < until)
    return { times: Array.from({ length: rule.limit - 1 }, () => now), waits: waits - 1, until: instant(0) }
  return state
}

/** When the state says no more than `NO_EVENTS`. */
export function expiryOf({ times, waits, until }: WindowState, rule: WindowRule): Instant {
  const calm = waits > 0 ? addSeconds(until, rule.resetAfter) : instant(0)
  return instant(Math.max(calm, ...times.map((at) => addSeconds(at, rule.window))))
}
