/** The state of one phone, and what it allows: attempts, rings, ring budget. No clock, no storage. */
import { present } from '../../present.ts'
import type { Instant, Seconds, TransactionId } from '../../vocabulary.ts'
import { addSeconds, seconds } from '../../vocabulary.ts'

/** A transaction, and when something happened to it. */
interface Marked {
  readonly transaction: TransactionId
  readonly at: Instant
}

interface Ring {
  readonly transaction: TransactionId
  readonly at: Instant
  /** Until when the phone may answer. */
  readonly until: Instant
  readonly pinVerified: boolean
  /** Digest of the request, if a repeat of it may join. */
  readonly repeat?: string | undefined
}

/** Attempts, rings and successes of one phone. */
export interface PhoneState {
  /** Failed attempts since the last success, without holds. */
  readonly attempts: number
  /** When an attempt was last counted. A locked phone counts none, so this is when the lock began. */
  readonly failedAt?: Instant
  /** Attempts counted before their PIN was compared. A hold that is not released becomes a failed attempt. */
  readonly holds: readonly Marked[]
  /** Transactions whose hold was released: a ring that comes late for one of them holds nothing. */
  readonly released: readonly Marked[]
  readonly rings: readonly Ring[]
  /** When the phone was rung by a delivery, within the budget's window. */
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
export const MAX_RINGS = 50
/** So many finalized logins are remembered: they are written with every ring, and a shard repeats its call soon or never. */
const MAX_SUCCESSES = 20
/** FCM rings a phone at most so often within the window, unless it finalizes a login. The phone can still poll. */
const MAX_BELLS = 10
const BELL_WINDOW = seconds(600)
/** A repeat that comes later is another login. */
const REPEAT_TIME = seconds(10)

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

const recent = (list: readonly Marked[], now: Instant, span: Seconds): readonly Marked[] =>
  list.filter(({ at }) => now < addSeconds(at, span))

const names = (list: readonly Marked[], transaction: TransactionId): boolean =>
  list.some((one) => one.transaction === transaction)

const without = <T extends { transaction: TransactionId }>(
  list: readonly T[],
  transaction: TransactionId,
): readonly T[] => list.filter((one) => one.transaction !== transaction)

/** Failed attempts including holds: what the lock looks at. */
export const attemptsOf = (state: PhoneState): number => state.attempts + state.holds.length

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
  attemptsOf(state) >= limit.most && !isLocked(state, limit, now) ? resetAttempts(state) : state

/** Failed attempts of all time, including holds. */
export const failuresOf = (state: PhoneState): number => (state.failures ?? 0) + state.holds.length

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
  const isFinalized = finalized !== undefined && names(state.finished, finalized)
  return isUsedUp(state, bounds) && !isFinalized ? 'uses_exceeded' : undefined
}

/** Returns the counters, as the catalogue and the lists show them. */
export function countersOf(state: PhoneState) {
  const { successes, lastUse, failedAt } = state
  return { attempts: attemptsOf(state), failures: failuresOf(state), successes, ...present({ lastUse, failedAt }) }
}

/** Turns holds older than a minute into failed attempts. */
function withOldHoldsCounted(state: PhoneState, now: Instant): PhoneState {
  const holds = recent(state.holds, now, HOLD_TIME)
  const turned = state.holds.length - holds.length
  return { ...state, attempts: state.attempts + turned, failures: (state.failures ?? 0) + turned, holds }
}

/** Holds an attempt of this transaction, unless its hold was released before it came. */
export function holdAttempt(before: PhoneState, transaction: TransactionId, now: Instant): PhoneState {
  const state = withOldHoldsCounted(before, now)
  const known = names(recent(state.released, now, HOLD_TIME), transaction) || names(state.holds, transaction)
  return known ? state : { ...state, failedAt: now, holds: [...state.holds, { transaction, at: now }] }
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

/** Adds a ring to those the phone is asked about. `delivers`: whether the ring budget allows a delivery for it. A repeat joins the
 *  transaction of the first request and adds no ring. */
export function addRing(
  state: PhoneState,
  ring: Omit<Ring, 'at'>,
  now: Instant,
): { readonly state: PhoneState; readonly delivers: boolean; readonly joined?: TransactionId } {
  const joined = state.rings.find((one) => isRepeat(ring, one, now))?.transaction
  if (joined !== undefined)
    return { delivers: false, joined, state: { ...state, holds: without(state.holds, ring.transaction) } }
  const again = state.rings.find(({ transaction }) => transaction === ring.transaction)
  const bells = state.bells.filter((at) => now < addSeconds(at, BELL_WINDOW))
  const delivers = again !== undefined || bells.length < MAX_BELLS
  const open = without(state.rings, ring.transaction).filter(({ until }) => now < until)
  return {
    delivers,
    state: {
      ...state,
      holds: without(state.holds, ring.transaction),
      rings: [...makeRoom(open), { ...ring, at: now }],
      bells: delivers && again === undefined ? [...bells, now] : bells,
    },
  }
}

/** Whether the same request comes again within ten seconds, while the first may still be answered. */
const isRepeat = (ring: Omit<Ring, 'at'>, before: Ring, now: Instant): boolean =>
  ring.repeat !== undefined &&
  ring.repeat === before.repeat &&
  ring.transaction !== before.transaction &&
  now < addSeconds(before.at, REPEAT_TIME) &&
  now < before.until

/** Makes room for one more ring. Drops a ring without a verified PIN first: somebody who may trigger must not push out a user's own
 *  login. */
function makeRoom(rings: readonly Ring[]): readonly Ring[] {
  if (rings.length < MAX_RINGS) return rings
  const goes = rings.find(({ pinVerified }) => !pinVerified) ?? rings[0]
  return rings.filter((one) => one !== goes)
}

/** Moves ring and hold to another transaction id. */
export function moveRing(state: PhoneState, from: TransactionId, to: TransactionId): PhoneState {
  const rename = <T extends { readonly transaction: TransactionId }>(one: T): T =>
    one.transaction === from ? { ...one, transaction: to } : one
  return { ...state, rings: state.rings.map(rename), holds: state.holds.map(rename) }
}

/** Returns the newest open rings, those with a verified PIN first. */
export const newestRings = (state: PhoneState, count: number, now: Instant): readonly TransactionId[] =>
  state.rings
    .filter(({ until }) => now < until)
    // Rings of the same millisecond are in the order they came: of two, the later one is the newer.
    .toReversed()
    .toSorted((a, b) => Number(b.pinVerified) - Number(a.pinVerified) || b.at - a.at)
    .slice(0, count)
    .map(({ transaction }) => transaction)

/** Records the success of a login, once per transaction; resets attempts and ring budget. */
export function recordSuccess(state: PhoneState, transaction: TransactionId, now: Instant): PhoneState {
  if (names(state.finished, transaction)) return state
  return {
    ...resetAttempts(state),
    bells: [],
    rings: without(state.rings, transaction),
    successes: state.successes + 1,
    lastUse: now,
    finished: [...recent(state.finished, now, SUCCESS_TIME), { transaction, at: now }].slice(-MAX_SUCCESSES),
  }
}

/** Resets the failed attempts, but not those of all time. */
export function resetAttempts(state: PhoneState): PhoneState {
  const { failedAt: _, ...rest } = state
  return { ...rest, attempts: 0, failures: failuresOf(state), holds: [] }
}
