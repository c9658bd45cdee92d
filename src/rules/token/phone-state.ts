/** What one token's object remembers between requests, and what it allows: attempts, rings, ring budget. No clock, no storage. */
import { present } from '../../present.ts'
import type { Instant, Seconds, TransactionId } from '../../vocabulary.ts'

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
  /** Digest of the request that rang, where a repeat of it may join. */
  readonly repeat?: string | undefined
}

/** What a Phone remembers of attempts, rings and uses. */
export interface PhoneState {
  /** Settled failed attempts since the last success. */
  readonly attempts: number
  /** When an attempt was last counted: as none is any more once they are too many, that is when the lock began. */
  readonly failedAt?: Instant
  /** Attempts counted before their PIN was compared; one that is not released stays a count. */
  readonly holds: readonly Marked[]
  /** Transactions whose hold was released: a `ring` that comes late for one of them holds nothing. */
  readonly released: readonly Marked[]
  readonly rings: readonly Ring[]
  /** When the bell was rung, within the budget's window. */
  readonly bells: readonly Instant[]
  readonly successes: number
  /** Failed attempts of all time that are settled: no success takes them back. Absent in what was kept before they were counted. */
  readonly failures?: number
  readonly lastUse?: Instant
  /** Transactions whose success is recorded: a repeated `finish` records nothing. */
  readonly finished: readonly Marked[]
}

const HELD_MS = 60_000
const REMEMBERED_MS = 600_000
export const RINGS_KEPT = 50
/** Finished logins remembered at most: they are written with every ring, and a shard that asks again does so soon. */
const FINISHES_KEPT = 20
/** A phone rings at most so often within the window without a finished login; polls go on all along. */
const BELLS = 10
const BELL_WINDOW_MS = 600_000
/** A repeat later than this is another login. */
const REPEATED_MS = 10_000

/** What the catalogue remembers of a phone; when its attempts failed is not among it. */
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

const recent = (list: readonly Marked[], now: Instant, milliseconds: number): readonly Marked[] =>
  list.filter(({ at }) => now - at < milliseconds)

const names = (list: readonly Marked[], transaction: TransactionId): boolean =>
  list.some((one) => one.transaction === transaction)

const without = <T extends { transaction: TransactionId }>(
  list: readonly T[],
  transaction: TransactionId,
): readonly T[] => list.filter((one) => one.transaction !== transaction)

/** Failed attempts so far, those not yet decided among them: what the lock looks at. */
export const attemptsOf = (state: PhoneState): number => state.attempts + state.holds.length

/** What locks a token, and for how long. */
export interface AttemptLimit {
  readonly most: number
  /** How long a lock lasts; absent: until somebody ends it. */
  readonly forgivenAfter?: Seconds | undefined
}

/** Whether there were too many attempts, and it is not so long ago that they are forgiven. */
export function isLocked(state: PhoneState, { most, forgivenAfter }: AttemptLimit, now: Instant): boolean {
  if (attemptsOf(state) < most) return false
  return forgivenAfter === undefined || state.failedAt === undefined || now - state.failedAt < forgivenAfter * 1000
}

/** The attempts begin anew where the lock they led to is over; the same state where there is none, or where it lasts. */
export const clearExpiredLock = (state: PhoneState, limit: AttemptLimit, now: Instant): PhoneState =>
  attemptsOf(state) >= limit.most && !isLocked(state, limit, now) ? resetAttempts(state) : state

/** Failed attempts of all time, those not yet decided among them. */
export const failuresOf = (state: PhoneState): number => (state.failures ?? 0) + state.holds.length

/** How often a token may fail, be used in all, and be used with success; absent: as often as one likes. */
interface Bounds {
  readonly maxAttempts: number
  readonly maxUses?: number
  readonly maxSuccesses?: number
  readonly forgivenAfter?: Seconds | undefined
}

/** Whether the token has been used as often as it may. What was tried and failed was used too. */
export const isUsedUp = (state: PhoneState, { maxUses, maxSuccesses }: Omit<Bounds, 'maxAttempts'>): boolean =>
  (maxUses !== undefined && failuresOf(state) + state.successes >= maxUses) ||
  (maxSuccesses !== undefined && state.successes >= maxSuccesses)

/** Why nobody gets past this token now, if so. A login that has finished and is told once more was within its bounds. */
export function limitReached(
  state: PhoneState,
  bounds: Bounds,
  now: Instant,
  told?: TransactionId,
): 'attempts_exceeded' | 'uses_exceeded' | undefined {
  const { maxAttempts: most, forgivenAfter } = bounds
  if (isLocked(state, { most, forgivenAfter }, now)) return 'attempts_exceeded'
  const isTold = told !== undefined && names(state.finished, told)
  return isUsedUp(state, bounds) && !isTold ? 'uses_exceeded' : undefined
}

/** What is counted of a phone, as the catalogue and lists are told it. */
export function countersOf(state: PhoneState) {
  const { successes, lastUse, failedAt } = state
  return { attempts: attemptsOf(state), failures: failuresOf(state), successes, ...present({ lastUse, failedAt }) }
}

/** Holds older than a minute have become counts: nothing takes them back. */
function settled(state: PhoneState, now: Instant): PhoneState {
  const holds = recent(state.holds, now, HELD_MS)
  const turned = state.holds.length - holds.length
  return { ...state, attempts: state.attempts + turned, failures: (state.failures ?? 0) + turned, holds }
}

/** The attempt is counted under its transaction, unless that was released before it came. */
export function holdAttempt(before: PhoneState, transaction: TransactionId, now: Instant): PhoneState {
  const state = settled(before, now)
  const known = names(recent(state.released, now, HELD_MS), transaction) || names(state.holds, transaction)
  return known ? state : { ...state, failedAt: now, holds: [...state.holds, { transaction, at: now }] }
}

/** The attempt of this transaction counts no more, and will not if it comes again within a minute. */
export function releaseHold(before: PhoneState, transaction: TransactionId, now: Instant): PhoneState {
  const state = settled(before, now)
  return {
    ...state,
    holds: without(state.holds, transaction),
    released: [...without(recent(state.released, now, HELD_MS), transaction), { transaction, at: now }],
  }
}

/** A failed attempt that nothing takes back: a wrong number, a wrong code. */
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
  const bells = state.bells.filter((at) => now - at < BELL_WINDOW_MS)
  const delivers = again !== undefined || bells.length < BELLS
  const open = without(state.rings, ring.transaction).filter(({ until }) => now < until)
  return {
    delivers,
    state: {
      ...state,
      holds: without(state.holds, ring.transaction),
      rings: [...room(open), { ...ring, at: now }],
      bells: delivers && again === undefined ? [...bells, now] : bells,
    },
  }
}

/** Whether it is the same request once more, a moment after that which rang; the phone may be asked about that still. */
const isRepeat = (ring: Omit<Ring, 'at'>, before: Ring, now: Instant): boolean =>
  ring.repeat !== undefined &&
  ring.repeat === before.repeat &&
  ring.transaction !== before.transaction &&
  now - before.at < REPEATED_MS &&
  now < before.until

/** Space for one more ring. A ring that no PIN stands behind goes first: who may trigger must not push a user's own login out. */
function room(rings: readonly Ring[]): readonly Ring[] {
  if (rings.length < RINGS_KEPT) return rings
  const goes = rings.find(({ pinVerified }) => !pinVerified) ?? rings[0]
  return rings.filter((one) => one !== goes)
}

/** The ring goes on under another transaction id, and so does an attempt that is held; nothing else changes. */
export function moveRing(state: PhoneState, from: TransactionId, to: TransactionId): PhoneState {
  const rename = <T extends { readonly transaction: TransactionId }>(one: T): T =>
    one.transaction === from ? { ...one, transaction: to } : one
  return { ...state, rings: state.rings.map(rename), holds: state.holds.map(rename) }
}

/** The newest open rings, those behind a verified PIN first. */
export const newestRings = (state: PhoneState, count: number, now: Instant): readonly TransactionId[] =>
  state.rings
    .filter(({ until }) => now < until)
    // Rings of the same millisecond are in the order they came: of two, the later one is the newer.
    .toReversed()
    .toSorted((a, b) => Number(b.pinVerified) - Number(a.pinVerified) || b.at - a.at)
    .slice(0, count)
    .map(({ transaction }) => transaction)

/** A finished login: counted once per transaction; attempts and the ring budget begin anew. */
export function recordSuccess(state: PhoneState, transaction: TransactionId, now: Instant): PhoneState {
  if (names(state.finished, transaction)) return state
  return {
    ...resetAttempts(state),
    bells: [],
    rings: without(state.rings, transaction),
    successes: state.successes + 1,
    lastUse: now,
    finished: [...recent(state.finished, now, REMEMBERED_MS), { transaction, at: now }].slice(-FINISHES_KEPT),
  }
}

/** The failed attempts begin anew; of all time there are no fewer. */
export function resetAttempts(state: PhoneState): PhoneState {
  const { failedAt: _, ...rest } = state
  return { ...rest, attempts: 0, failures: failuresOf(state), holds: [] }
}
