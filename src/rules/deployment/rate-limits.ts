/** How much one source may ask for. No clock, no storage. */
import { addSeconds, type Instant, seconds, type Seconds } from '../../vocabulary.ts'

/** For how long an isolate refuses a network once the platform says that it has exceeded a limit. Then one request is counted again. */
export const REFUSED_FOR = seconds(30)

/** How often within a minute one network may ask about one thing that Nod hands out: a transaction, a nonce, an enrollment credential.
 *  Keycloak's login page asks every 300 ms, a third as often. */
const REPEATS = 600
const WINDOW = seconds(60)

/** How many requests of a network about something that may not exist are in progress in an isolate at a time, and how long one that was
 *  broken off counts. While D1 answers, one takes some hundredths of a second; while it does not, two seconds and an object. */
const MOST_IN_PROGRESS = 50
const IN_PROGRESS_FOR = seconds(10)

/** Adds a request that begins now to those that are in progress, by when they began; undefined if there are too many. */
export function addInProgress(before: readonly Instant[], now: Instant): readonly Instant[] | undefined {
  const current = before.filter((begun) => now >= begun && now < addSeconds(begun, IN_PROGRESS_FOR))
  return current.length < MOST_IN_PROGRESS ? [...current, now] : undefined
}

/** Requests since a minute began. */
export interface CountedWindow {
  readonly since: Instant
  readonly count: number
}

/** Counts one request; `wait`: how long the next ones are refused, if this one is. */
export function countInWindow(
  before: CountedWindow | undefined,
  now: Instant,
): { readonly window: CountedWindow; readonly wait: Seconds } {
  // A clock that was set back begins anew.
  const isCurrent = before !== undefined && now >= before.since && now < addSeconds(before.since, WINDOW)
  const window = isCurrent ? { ...before, count: before.count + 1 } : { since: now, count: 1 }
  const left = Math.ceil((addSeconds(window.since, WINDOW) - now) / 1000)
  return { window, wait: seconds(window.count > REPEATS ? left : 0) }
}
