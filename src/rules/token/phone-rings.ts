/** The rings of one phone: which logins it is asked about, and the ring budget. No clock, no storage. */
import { addSeconds, type Instant, seconds, type TransactionId } from '../../vocabulary.ts'
import { type Marked, names, type PhoneState, type Ring, withOldHoldsCounted, without } from './phone-state.ts'

export const MAX_RINGS = 50
/** FCM rings a phone at most so often within the window, unless it finalizes a login. The phone can still poll. */
const MAX_BELLS = 10
const BELL_WINDOW = seconds(600)
/** A repeat that comes later is another login. */
const REPEAT_TIME = seconds(10)

/** A ring that is still to be added. */
export type NewRing = Omit<Ring, 'at'>

/** Counts a ring as a failed attempt; a success or a reset takes it back. The same ring that comes again and a repeat that joins a
 *  login are not counted. The PIN of this transaction has matched, so what was held for it is dropped. */
export function countRing(before: PhoneState, ring: NewRing, now: Instant): PhoneState {
  const { transaction } = ring
  if (names(before.rings, transaction) || loginToJoin(before, ring, now) !== undefined) return before
  const state = withOldHoldsCounted({ ...before, holds: without(before.holds, transaction) }, now)
  return { ...state, failedAt: now, holds: [...state.holds, { transaction, at: now, isRing: true }] }
}

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
