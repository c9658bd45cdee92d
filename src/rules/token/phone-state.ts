/** The state of one phone, and what it allows: attempts, rings, ring budget. No clock, no storage. */
import { present } from '../../present.ts'
import type { Instant, Seconds, TransactionId } from '../../vocabulary.ts'
import { addSeconds, seconds } from '../../vocabulary.ts'

/** A transaction, and when something happened to it. */
interface Marked {
  readonly transaction: TransactionId
  readonly at: Instant
}

/** An attempt that counts as failed for as long as it is held. */
interface Hold extends Marked {
  /** It counts a ring (`increase_failcounter_on_challenge`), not a wrong PIN. */
  readonly isRing?: true
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

/** A ring that is still to be added. */
export type NewRing = Omit<Ring, 'at'>

/** Attempts, rings and successes of one phone. */
export interface PhoneState {
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

const recent = <T extends Marked>(list: readonly T[], now: Instant, span: Seconds): readonly T[] =>
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

/** Failed attempts of all time, including holds. A ring is none: it locks a token but does not use it up. */
export const failuresOf = (state: PhoneState): number => (state.failures ?? 0) + state.holds.filter(isFailure).length

const isFailure = ({ isRing }: Hold): boolean => isRing !== true

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
  const turned = state.holds.filter((hold) => !holds.includes(hold))
  return {
    ...state,
    attempts: state.attempts + turned.length,
    failures: (state.failures ?? 0) + turned.filter(isFailure).length,
    holds,
  }
}

/** Holds an attempt of this transaction, unless its hold was released before it came. */
export function holdAttempt(before: PhoneState, transaction: TransactionId, now: Instant): PhoneState {
  const state = withOldHoldsCounted(before, now)
  const known = names(recent(state.released, now, HOLD_TIME), transaction) || names(state.holds, transaction)
  return known ? state : { ...state, failedAt: now, holds: [...state.holds, { transaction, at: now }] }
}

/** Counts a ring as a failed attempt; a success or a reset takes it back. The same ring that comes again and a repeat that joins a
 *  login are not counted. The PIN of this transaction has matched, so what was held for it is dropped. */
export function countRing(before: PhoneState, ring: NewRing, now: Instant): PhoneState {
  const { transaction } = ring
  if (names(before.rings, transaction) || loginToJoin(before, ring, now) !== undefined) return before
  const state = withOldHoldsCounted({ ...before, holds: without(before.holds, transaction) }, now)
  return { ...state, failedAt: now, holds: [...state.holds, { transaction, at: now, isRing: true }] }
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
  ring: NewRing,
  now: Instant,
): { readonly state: PhoneState; readonly delivers: boolean; readonly joined?: TransactionId } {
  const joined = loginToJoin(state, ring, now)
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
      holds: state.holds.filter((hold) => hold.isRing === true || hold.transaction !== ring.transaction),
      rings: [...makeRoom(open), { ...ring, at: now }],
      bells: delivers && again === undefined ? [...bells, now] : bells,
    },
  }
}

const loginToJoin = (state: PhoneState, ring: NewRing, now: Instant): TransactionId | undefined =>
  state.rings.find((one) => isRepeat(ring, one, now))?.transaction

/** Whether the same request comes again within ten seconds, while the first may still be answered. */
const isRepeat = (ring: NewRing, before: Ring, now: Instant): boolean =>
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

/** Moves ring and hold to another transaction id. A ring or hold that is there already stands for both. */
export function moveRing(state: PhoneState, from: TransactionId, to: TransactionId): PhoneState {
  const move = <T extends Marked>(list: readonly T[]): readonly T[] =>
    names(list, to)
      ? without(list, from)
      : list.map((one) => (one.transaction === from ? { ...one, transaction: to } : one))
  return { ...state, rings: move(state.rings), holds: move(state.holds) }
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
