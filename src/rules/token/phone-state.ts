/** The state of one phone: attempts, successes, rings. No clock, no storage. `phone-rings.ts` has the rings, `attempt-limits.ts` what the
 *  counters allow. */
import { present } from '../../present.ts'
import { addSeconds, type Instant, type Seconds, seconds, type TransactionId } from '../../vocabulary.ts'
import type { Restriction } from '../../vocabulary/push-firewall.ts'
import { type FraudReports, liftReports } from './fraud-reports.ts'
import type { SeenRegions } from './phone-home.ts'
import type { Notices } from './phone-notices.ts'
import { afterSuccess, type Guesses, countedPlace, withGuesses } from './pin-guesses.ts'
import { countsAfterSuccess, type RingCounts } from './ring-budget.ts'
import { knownServices, type KnownSources, type RingOrigin } from './ring-source.ts'

/** A transaction, and when something happened to it. */
export interface Marked {
  readonly transaction: TransactionId
  readonly at: Instant
}

/** An attempt that counts as failed for as long as it is held. */
interface Hold extends Marked {
  /** It counts a ring (`increase_failcounter_on_challenge`), not a wrong PIN. */
  readonly isRing?: true
  /** The place that the PIN came from: it counts there (`pin-guesses.ts`) and not as an attempt. */
  readonly place?: string
}

export interface Ring extends RingOrigin {
  readonly transaction: TransactionId
  readonly at: Instant
  /** Until when the phone may answer. */
  readonly until: Instant
  readonly pinVerified: boolean
  /** Digest of the request, if a repeat of it may join. */
  readonly repeat?: string | undefined
  /** A digest of what the phone shows for it, if prompts that look the same are to be told apart. */
  readonly look?: string | undefined
  /** Why the phone is not rung for it, though it may be answered. */
  readonly restricted?: Restriction | undefined
  /** The restriction is recorded only (`push_firewall=shadow`): the phone was rung. */
  readonly isShadow?: boolean | undefined
}

/** Attempts, rings and successes of one phone. */
export interface PhoneState extends Guesses, RingCounts, KnownSources, FraudReports, Notices, SeenRegions {
  /** Failed attempts since the last success, without holds. */
  readonly attempts: number
  /** When an attempt was last counted. A locked phone counts none, so this is when the lock began. */
  readonly failedAt?: Instant
  /** Attempts counted before their PIN was compared, and rings where policy counts them. A hold that is not released becomes a
   *  failed attempt. */
  readonly holds: readonly Hold[]
  /** Transactions whose hold was released: a ring that comes late for one of them holds nothing. */
  readonly released: readonly Marked[]
  readonly rings: readonly Ring[]
  /** Empty: only the version before reads it, and cannot do without. */
  readonly bells: readonly Instant[]
  readonly successes: number
  /** Failed attempts of all time, without holds; no success takes them back. Absent in rows of the version before. */
  readonly failures?: number
  readonly lastUse?: Instant
  /** Transactions whose success is recorded: finalizing one of them again records nothing. */
  readonly finished: readonly Marked[]
}

/** A hold that is not released within this becomes a failed attempt. */
const HOLD_TIME = seconds(60)
/** Finalized logins are remembered for so long. */
const SUCCESS_TIME = seconds(600)
/** So many finalized logins are remembered: they are written with every ring, and a shard repeats its call soon or never. */
const MAX_SUCCESSES = 20
/** The state of a phone that is known from the catalogue only, which does not store when attempts failed. */
export const newPhoneState = (attempts: number, successes: number, now: Instant, failures = 0): PhoneState => ({
  attempts,
  ...(attempts > 0 ? { failedAt: now } : {}),
  holds: [],
  released: [],
  rings: [],
  bells: [],
  successes,
  failures,
  finished: [],
})

const recent = <T extends Marked>(list: readonly T[], now: Instant, span: Seconds): readonly T[] =>
  list.filter(({ at }) => now < addSeconds(at, span))

export const names = (list: readonly Marked[], transaction: TransactionId): boolean =>
  list.some((one) => one.transaction === transaction)

export const without = <T extends { transaction: TransactionId }>(
  list: readonly T[],
  transaction: TransactionId,
): readonly T[] => list.filter((one) => one.transaction !== transaction)

/** Failed attempts including holds: what the lock looks at. */
export const attemptsOf = (state: PhoneState): number =>
  state.attempts + state.holds.filter(({ place }) => place === undefined).length

/** Failed attempts of all time, including holds. A ring is none: it locks a token but does not use it up. */
export const failuresOf = (state: PhoneState): number => (state.failures ?? 0) + state.holds.filter(isFailure).length

const isFailure = ({ isRing }: Hold): boolean => isRing !== true

/** Returns the counters, as the catalogue and the lists show them. */
export function countersOf(state: PhoneState) {
  const { successes, lastUse, failedAt } = state
  return { attempts: attemptsOf(state), failures: failuresOf(state), successes, ...present({ lastUse, failedAt }) }
}

/** The catalogue's copy of a phone's counters. */
export type CounterCopy = Pick<ReturnType<typeof countersOf>, 'attempts' | 'failures' | 'successes'>

/** Returns the state with the counters of the catalogue's copy where they are higher, if the copy is the newer one. A copy is made of
 *  the phone's own counters, of which successes and failures never fall: so it is newer only if the phone's storage was put back to an
 *  earlier state, or lost. That gives back no guess. */
export function adoptCopy(state: PhoneState, copy: CounterCopy, now: Instant): PhoneState {
  if (copy.successes <= state.successes && copy.failures <= failuresOf(state)) return state
  const attempts = Math.max(state.attempts, copy.attempts - (attemptsOf(state) - state.attempts))
  return {
    ...state,
    attempts,
    ...(attempts > state.attempts ? { failedAt: now } : {}),
    failures: Math.max(state.failures ?? 0, copy.failures - state.holds.filter(isFailure).length),
    successes: Math.max(state.successes, copy.successes),
  }
}

/** Turns holds older than a minute into failed attempts. */
export function withOldHoldsCounted(state: PhoneState, now: Instant): PhoneState {
  const holds = recent(state.holds, now, HOLD_TIME)
  const turned = state.holds.filter((hold) => !holds.includes(hold))
  return {
    ...state,
    ...withGuesses(state, turned, now),
    attempts: state.attempts + turned.filter(({ place }) => place === undefined).length,
    failures: (state.failures ?? 0) + turned.filter(isFailure).length,
    holds,
  }
}

/** Holds an attempt of this transaction, unless its hold was released before it came. `place`: where the PIN came from. */
export function holdAttempt(before: PhoneState, transaction: TransactionId, now: Instant, place?: string): PhoneState {
  const state = withOldHoldsCounted(before, now)
  const known = names(recent(state.released, now, HOLD_TIME), transaction) || names(state.holds, transaction)
  if (known) return state
  if (place === undefined) return { ...state, failedAt: now, holds: [...state.holds, { transaction, at: now }] }
  return { ...state, holds: [...state.holds, { transaction, at: now, place: countedPlace(state, place, now) }] }
}

/** Releases the hold of this transaction; within a minute it is not held again. */
export function releaseHold(before: PhoneState, transaction: TransactionId, now: Instant): PhoneState {
  const state = withOldHoldsCounted(before, now)
  return {
    ...state,
    holds: without(state.holds, transaction),
    released: [...without(recent(state.released, now, HOLD_TIME), transaction), { transaction, at: now }],
  }
}

/** Counts a failed attempt that nothing takes back: a wrong number or a wrong code. */
export const countFailure = (state: PhoneState, now: Instant): PhoneState => ({
  ...state,
  attempts: state.attempts + 1,
  failedAt: now,
  failures: (state.failures ?? 0) + 1,
})

/** Whether the success of this login is recorded. A later login may have the same id: an `Idempotency-Key` may be used again. */
export const isFinalized = ({ finished }: PhoneState, transaction: TransactionId, now: Instant): boolean =>
  names(recent(finished, now, SUCCESS_TIME), transaction)

/** Records the success of a login, once per transaction; resets attempts and its source's ring budget, and knows where it came from. */
export function recordSuccess(state: PhoneState, transaction: TransactionId, now: Instant): PhoneState {
  if (isFinalized(state, transaction, now)) return state
  const ring = state.rings.find((one) => one.transaction === transaction)
  const reset = resetAttempts(state, now)
  return {
    ...reset,
    ...afterSuccess(reset, ring?.place, now),
    ...(ring === undefined
      ? {}
      : { services: knownServices(state, ring, now), ringCounts: countsAfterSuccess(state, ring, ring.at, now) }),
    bells: [],
    rings: without(state.rings, transaction),
    successes: state.successes + 1,
    lastUse: now,
    finished: [...recent(state.finished, now, SUCCESS_TIME), { transaction, at: now }].slice(-MAX_SUCCESSES),
  }
}

/** Resets the failed attempts, but not those of all time. Places that guessed go on waiting. */
export function resetAttempts(state: PhoneState, now: Instant): PhoneState {
  const { failedAt: _, ...rest } = state
  return {
    ...rest,
    ...withGuesses(state, state.holds, now),
    attempts: 0,
    guessed: 0,
    failures: failuresOf(state),
    holds: [],
  }
}

/** Resets the failed attempts and what places have guessed. */
export const resetAllAttempts = (state: PhoneState, now: Instant): PhoneState => ({
  ...resetAttempts(state, now),
  guesses: [],
})

/** Resets everything that was learned of the owner, who is another one now. */
export const resetForOwner = (state: PhoneState, now: Instant): PhoneState => ({
  ...resetAllAttempts(liftReports(state), now),
  places: [],
  notices: [],
  services: [],
  ringCounts: [],
})

/** Locks the token as `most` failed attempts do. */
export const lockAttempts = (state: PhoneState, most: number, now: Instant): PhoneState => ({
  ...state,
  attempts: Math.max(state.attempts, most),
  failedAt: now,
})
