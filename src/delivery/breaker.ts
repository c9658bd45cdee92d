/** A circuit breaker for FCM, as functions without clock or timer.
 *
 *   closed ── 5 failures in a row ──► open 30 s ──► one send let through ── worked ──► closed
 *                                      ▲                    └── failed ──┐
 *                                      └─────────────────────────────────┘
 */
import { addSeconds, type Instant, type Seconds, seconds } from '../vocabulary.ts'

/** So many failures in a row open the breaker. */
const FAILURES = 5
const OPEN_TIME = seconds(30)
/** As long as a send takes at most. If the one that was let through does not come back by then, another one is. */
const TRIAL_TIME = seconds(10)

/** The state of one Firebase configuration. */
export interface Breaker {
  /** Failures in a row, up to now. */
  readonly failures: number
  /** While the breaker is open: nothing is sent before this time. */
  readonly openUntil?: Instant
}

export const CLOSED: Breaker = { failures: 0 }

/** Tells whether a message may be sent now. If so, `next` replaces the breaker: of many messages that find it half open, only one
 *  is sent. If not, another try may succeed after `retryAfter`, at least one second. */
export function admit(
  breaker: Breaker,
  now: Instant,
): { readonly admitted: true; readonly next: Breaker } | { readonly admitted: false; readonly retryAfter: Seconds } {
  if (breaker.openUntil === undefined) return { admitted: true, next: breaker }
  if (now < breaker.openUntil)
    return { admitted: false, retryAfter: seconds(Math.max(1, Math.ceil((breaker.openUntil - now) / 1000))) }
  return { admitted: true, next: { ...breaker, openUntil: addSeconds(now, TRIAL_TIME) } }
}

/** Returns the breaker after a send. `isWorking`: Google took the message, or refused it for what it is; both show that the way
 *  there works. */
export function afterSend(breaker: Breaker, isWorking: boolean, now: Instant): Breaker {
  if (isWorking) return CLOSED
  const failures = breaker.failures + 1
  return failures < FAILURES ? { failures } : { failures, openUntil: addSeconds(now, OPEN_TIME) }
}
