/** What the counters of a phone allow: when failed attempts lock it, and when it is used up. No clock, no storage. */
import { addSeconds, type Instant, type Seconds, type TransactionId } from '../../vocabulary.ts'
import { attemptsOf, failuresOf, isFinalized, type PhoneState, resetAttempts } from './phone-state.ts'

/** How many failed attempts lock a token, and for how long. */
export interface AttemptLimit {
  readonly most: number
  /** How long the lock lasts; absent: until somebody resets the attempts. */
  readonly forgivenAfter?: Seconds | undefined
}

/** Whether too many attempts have failed and the lock is not over. */
export function isLocked(state: PhoneState, { most, forgivenAfter }: AttemptLimit, now: Instant): boolean {
  if (attemptsOf(state) < most) return false
  return forgivenAfter === undefined || state.failedAt === undefined || now < addSeconds(state.failedAt, forgivenAfter)
}

/** Resets the attempts if their lock is over; returns the same state otherwise. */
export const clearExpiredLock = (state: PhoneState, limit: AttemptLimit, now: Instant): PhoneState =>
  attemptsOf(state) >= limit.most && !isLocked(state, limit, now) ? resetAttempts(state, now) : state

/** How often a token may fail, be used, and be used with success; absent: without a limit. */
interface Bounds {
  readonly maxAttempts: number
  readonly maxUses?: number
  readonly maxSuccesses?: number
  readonly forgivenAfter?: Seconds | undefined
}

/** Whether the token has been used as often as it may. A failed attempt is a use. */
export const isUsedUp = (state: PhoneState, { maxUses, maxSuccesses }: Omit<Bounds, 'maxAttempts'>): boolean =>
  (maxUses !== undefined && failuresOf(state) + state.successes >= maxUses) ||
  (maxSuccesses !== undefined && state.successes >= maxSuccesses)

/** Returns the limit that this token has reached, if any. A login that it has finalized (`finalized`) was within its limits. */
export function limitReached(
  state: PhoneState,
  bounds: Bounds,
  now: Instant,
  finalized?: TransactionId,
): 'attempts_exceeded' | 'uses_exceeded' | undefined {
  const { maxAttempts: most, forgivenAfter } = bounds
  if (isLocked(state, { most, forgivenAfter }, now)) return 'attempts_exceeded'
  const isKnown = finalized !== undefined && isFinalized(state, finalized, now)
  return isUsedUp(state, bounds) && !isKnown ? 'uses_exceeded' : undefined
}
