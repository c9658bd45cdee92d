/** How often one phone is rung without success: each source that its owner has used before has a budget of its own, and all others share
 *  one. So a thousand unknown sources together ring the phone as often as one, and do not use up the owner's budget. No clock, no
 *  storage.
 *  Source: docs/protocol.md, "Ring budget"; decision 0044. */
import { addSeconds, type Instant, type Seconds, seconds } from '../../vocabulary.ts'
import type { PushFirewall } from '../../vocabulary/push-firewall.ts'
import { isKnownSource, type KnownSources, type RingOrigin, sourceOf } from './ring-source.ts'

/** The rings of one source since its last success. */
interface RingCount {
  readonly source: string
  /** When it rang within the last hour; never empty. */
  readonly rings: readonly Instant[]
  /** How often silence has begun. */
  readonly silences?: number
  readonly silentUntil?: Instant
}

/** Rings by source; absent is empty. */
export interface RingCounts {
  readonly ringCounts?: readonly RingCount[]
}

type Budget = Pick<PushFirewall, 'limit' | 'window'>

const LONGEST_SILENCE = seconds(3600)
/** A source that stays below the limit in every window uses up its budget at this many times the limit within an hour. */
const HOURLY_FACTOR = 2
/** A source that rings no more is forgotten after a day. */
const COUNT_TIME = seconds(86_400)
/** How many known sources have a count of their own. */
const MAX_COUNTS = 16
const UNKNOWN_SOURCES = '*'

/** Whether the source of this ring has used up its budget. */
export const isOverBudget = (state: RingCounts & KnownSources, origin: RingOrigin, now: Instant): boolean =>
  now < (countOf(state, origin, now).silentUntil ?? 0)

/** Returns the counts with one more ring of this source. The ring that uses up its budget begins a silence: the first is as long as
 *  the window, each further one twice as long, up to an hour. Between silences there is one ring, until the source has a success or
 *  has not rung for a day. */
export function spendRing(
  state: RingCounts & KnownSources,
  origin: RingOrigin,
  budget: Budget,
  now: Instant,
): readonly RingCount[] {
  const count = countOf(state, origin, now)
  const others = recentCounts(state, now).filter(({ source }) => source !== count.source)
  return [...others, withRing(count, budget, now)]
}

function withRing(count: RingCount, { limit, window }: Budget, now: Instant): RingCount {
  const { silences = 0 } = count
  const rings = [...recent(count.rings, LONGEST_SILENCE, now), now].slice(-HOURLY_FACTOR * limit)
  const isUsedUp = silences > 0 || recent(rings, window, now).length >= limit || rings.length >= HOURLY_FACTOR * limit
  if (!isUsedUp) return { source: count.source, rings }
  const silence = seconds(Math.min(window * 2 ** silences, LONGEST_SILENCE))
  return { source: count.source, rings, silences: silences + 1, silentUntil: addSeconds(now, silence) }
}

/** Returns the counts after a success of a login that rang at `rungAt`: its source starts anew. If it is unknown, only this ring
 *  is taken from the count that all unknown sources share. `state`: as it was before the success. */
export function countsAfterSuccess(
  state: RingCounts & KnownSources,
  origin: RingOrigin,
  rungAt: Instant,
  now: Instant,
): readonly RingCount[] {
  const counted = countOf(state, origin, now)
  return recentCounts(state, now).flatMap((count) => {
    if (count.source !== counted.source) return [count]
    if (count.source !== UNKNOWN_SOURCES) return []
    const rings = count.rings.filter((at) => at !== rungAt)
    if (rings.length > 0) return [{ ...count, rings }]
    // Somebody else began the silences: they do not end because the one ring between two of them was the owner's.
    return count.silences === undefined ? [] : [count]
  })
}

function countOf(state: RingCounts & KnownSources, origin: RingOrigin, now: Instant): RingCount {
  const counts = recentCounts(state, now)
  const own = sourceOf(origin)
  const hasOwn =
    isKnownSource(state, origin, now) && (counts.some(({ source }) => source === own) || counts.length < MAX_COUNTS)
  const source = hasOwn ? own : UNKNOWN_SOURCES
  return counts.find((one) => one.source === source) ?? { source, rings: [] }
}

const recentCounts = ({ ringCounts = [] }: RingCounts, now: Instant): readonly RingCount[] =>
  ringCounts.filter(({ rings }) => now < addSeconds(rings.at(-1) ?? now, COUNT_TIME))

const recent = (rings: readonly Instant[], span: Seconds, now: Instant): readonly Instant[] =>
  rings.filter((at) => now < addSeconds(at, span))
