/** Which webhook hears of which event, and how long an event that did not arrive waits. Source: docs/webhooks.md. */
import { addSeconds, type Instant, type Seconds, seconds } from '../../vocabulary.ts'
import type { SecurityEvent, SecurityEventType } from '../../vocabulary/security-events.ts'

interface EventFilter {
  readonly isActive: boolean
  readonly events?: readonly SecurityEventType[]
  readonly service?: string
}

/** Whether the event is pushed to the webhook. The webhook of a service key hears of logins that the key opened, and of nothing else. */
export const hears = (
  { isActive, events, service }: EventFilter,
  event: Pick<SecurityEvent, 'type' | 'service'>,
): boolean =>
  isActive &&
  (events === undefined || events.includes(event.type)) &&
  (service === undefined || service === event.service)

/** The waits after the first failures, in seconds; the last one is repeated. */
const WAITS = [10, 30, 120, 600, 1800, 3600]
/** A receiver that asks for a longer wait gets it, up to a day. */
const LONGEST = 86_400
/** How long after its report an event is given up. */
const GIVEN_UP_AFTER = seconds(72 * 3600)

/** How long to wait after this many failures in a row. `retryAfter`: what the receiver has asked for. */
export const waitAfter = (failures: number, retryAfter = seconds(0)): Seconds =>
  seconds(Math.min(LONGEST, Math.max(retryAfter, WAITS[Math.min(failures, WAITS.length) - 1] ?? 0)))

/** Whether an event that was reported at `keptAt` is given up. */
export const isExpired = (keptAt: Instant, now: Instant): boolean => now >= addSeconds(keptAt, GIVEN_UP_AFTER)
