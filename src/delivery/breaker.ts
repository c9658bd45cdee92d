/** When to stop asking Google for a while, as functions: no clock, no timer.
 *
 *   closed ── 5 failures in a row ──► open 30 s ──► one send let through ── worked ──► closed
 *                                      ▲                    └── failed ──┐
 *                                      └─────────────────────────────────┘
 */
import type { Instant, Seconds } from '../vocabulary.ts'
import { addSeconds, seconds } from '../vocabulary.ts'

const FAILURES = 5
const OPEN = seconds(30)
/** The longest a send takes. One that was let through and never came back is given up after that. */
const TRIAL = seconds(10)

/** How one Firebase configuration has fared. */
export interface Breaker {
  /** In a row, up to now. */
  readonly failures: number
  /** Nothing is sent before this. */
  readonly openUntil?: Instant
}

export const CLOSED: Breaker = { failures: 0 }

/** Whether a message may be sent now. If so, `next` takes the place of the breaker given, so that of many messages
 *  that find it half open only one goes. If not, worth another try after `retryAfter`, at least a second. */
export function admit(
  breaker: Breaker,
  now: Instant,
): { readonly admitted: true; readonly next: Breaker } | { readonly admitted: false; readonly retryAfter: Seconds } {
  if (breaker.openUntil === undefined) return { admitted: true, next: breaker }
  if (now < breaker.openUntil)
    return { admitted: false, retryAfter: seconds(Math.max(1, Math.ceil((breaker.openUntil - now) / 1000))) }
  return { admitted: true, next: { ...breaker, openUntil: addSeconds(now, TRIAL) } }
}

/** The breaker after a send. `working`: Google took the message, or refused this one for what it is: both show that
 *  the way there is good. */
export function afterSend(breaker: Breaker, working: boolean, now: Instant): Breaker {
  if (working) return CLOSED
  const failures = breaker.failures + 1
  return failures < FAILURES ? { failures } : { failures, openUntil: addSeconds(now, OPEN) }
}
