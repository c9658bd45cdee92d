/** How much one source may ask for. No clock, no storage. */
import { addSeconds, type Instant, seconds, type Seconds } from '../../vocabulary.ts'

/** For how long an isolate refuses a network once the platform says that it has exceeded a limit. Then one request is counted again. */
export const REFUSED_FOR = seconds(30)

/** How often within a minute one network may ask about one thing that Nod hands out: a transaction, a nonce, an enrollment credential.
 *  Keycloak's login page asks every 300 ms, a third as often. */
const REPEATS = 600
const WINDOW = seconds(60)

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
