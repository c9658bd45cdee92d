/** The rings of one phone: which logins it is asked about. No clock, no storage. */
import { addSeconds, type Instant, seconds, type TransactionId } from '../../vocabulary.ts'
import type { PushFirewall } from '../../vocabulary/push-firewall.ts'
import { fairOrder } from './fair-rings.ts'
import { type Marked, names, type PhoneState, type Ring, withOldHoldsCounted, without } from './phone-state.ts'
import { spendRing } from './ring-budget.ts'
import { type KnownSources, sourceOf } from './ring-source.ts'

const MAX_RINGS = 50
/** How many logins of one source may be open at a phone: as many as a phone poll shows. */
const MAX_OF_SOURCE = 5
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

interface AddedRing {
  readonly state: PhoneState
  /** Whether a delivery is made for it. */
  readonly delivers: boolean
  readonly joined?: TransactionId
  /** Logins of the same source that are asked about no more, the oldest first. */
  readonly superseded?: readonly TransactionId[]
}

/** Adds a ring to those the phone is asked about, and spends a ring of its source's budget unless it is restricted. A repeat joins the
 *  transaction of the first request and adds no ring. `firewall`: absent where it is off. */
export function addRing(state: PhoneState, ring: NewRing, now: Instant, firewall?: PushFirewall): AddedRing {
  const { transaction, restricted, isShadow } = ring
  const joined = loginToJoin(state, ring, now)
  if (joined !== undefined)
    return { delivers: false, joined, state: { ...state, holds: without(state.holds, transaction) } }
  const isNew = !names(state.rings, transaction)
  const open = without(state.rings, transaction).filter(({ until }) => now < until)
  const superseded = firewall?.mode === 'on' ? beyondSource(open, ring) : []
  const kept = open.filter((one) => !superseded.includes(one))
  const isSpent = firewall !== undefined && isNew && restricted === undefined
  return {
    delivers: restricted === undefined || isShadow === true,
    superseded: superseded.map((one) => one.transaction),
    state: {
      ...state,
      holds: state.holds.filter((hold) => hold.isRing === true || hold.transaction !== transaction),
      rings: [...makeRoom(kept, state, now), { ...ring, at: now }],
      ...(isSpent ? { ringCounts: spendRing(state, ring, firewall, now) } : {}),
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

/** The rings that make room for one more of the same source: somebody who may trigger must not push out a user's own login, so
 *  those without a verified PIN go first. */
function beyondSource(rings: readonly Ring[], ring: NewRing): readonly Ring[] {
  const same = rings.filter((one) => sourceOf(one) === sourceOf(ring))
  return same.toSorted(byVerifiedPin).slice(0, Math.max(0, same.length + 1 - MAX_OF_SOURCE))
}

const byVerifiedPin = (a: Ring, b: Ring): number => Number(a.pinVerified) - Number(b.pinVerified)

/** Makes room for one more ring, of all sources: the last in the fair order goes. */
function makeRoom(rings: readonly Ring[], known: KnownSources, now: Instant): readonly Ring[] {
  if (rings.length < MAX_RINGS) return rings
  const goes = fairOrder(rings, known, now).at(-1)
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
