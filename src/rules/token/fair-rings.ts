/** The order in which the open rings of a phone are shown, when it can show only some of them. No clock, no storage.
 *  Source: docs/protocol.md, "Phone poll"; decision 0045. */
import type { Instant } from '../../vocabulary.ts'
import type { PhoneState, Ring } from './phone-state.ts'
import { isKnownSource, type KnownSources, sourceOf } from './ring-source.ts'

type RingPriority = Pick<Ring, 'at' | 'pinVerified' | 'place' | 'service'>

/** Returns the rings in the order in which they are shown: one of each source before a second of any. Within such a round come
 *  - first those from places where the owner has logged in before, where no stranger is;
 *  - then those with a verified PIN, and those of services without a place that the owner has used before;
 *  - then all others.
 *  In the last two groups, services without a place take turns with new places: an attacker has as many new places as they like, but no
 *  more services than the deployment has. Otherwise the newest comes first; of one source, the newest with a verified PIN. `rings`: in the
 *  order they came. */
export function fairOrder<T extends RingPriority>(
  rings: readonly T[],
  known: KnownSources,
  now: Instant,
): readonly T[] {
  const isKnown = (ring: T): boolean => isKnownSource(known, ring, now)
  return roundsOf(rings).flatMap((round) => {
    const [fromKnownPlaces, elsewhere] = partition(round, (ring) => ring.place !== undefined && isKnown(ring))
    const [trusted, others] = partition(elsewhere, (ring) => ring.pinVerified || isKnown(ring))
    const knownFirst = trusted.toSorted((a, b) => Number(isKnown(b)) - Number(isKnown(a)))
    return [...fromKnownPlaces, ...inTurns(knownFirst), ...inTurns(others)]
  })
}

/** Returns the rings that the phone may still answer, in the fair order. */
export const openRings = (state: Pick<PhoneState, 'rings'> & KnownSources, now: Instant): readonly Ring[] =>
  fairOrder(
    state.rings.filter(({ until }) => now < until),
    state,
    now,
  )

/** Splits the rings into rounds: the first has the first ring of every source, the second has the second ring of every source that has
 *  two, and so on. Within a round the newest comes first. */
function roundsOf<T extends RingPriority>(rings: readonly T[]): readonly (readonly T[])[] {
  // Of two rings of the same millisecond, the one that came later is the newer.
  const newestFirst = rings.toReversed().toSorted((a, b) => b.at - a.at)
  const verifiedFirst = newestFirst.toSorted((a, b) => Number(b.pinVerified) - Number(a.pinVerified))
  const bySource = [...Map.groupBy(verifiedFirst, sourceOf).values()]
  const most = Math.max(0, ...bySource.map(({ length }) => length))
  return Array.from({ length: most }, (_, round) => {
    const chosen = new Set(bySource.flatMap((list) => list[round] ?? []))
    return newestFirst.filter((ring) => chosen.has(ring))
  })
}

function inTurns<T extends RingPriority>(rings: readonly T[]): readonly T[] {
  const [placed, unplaced] = partition(rings, ({ place }) => place !== undefined)
  const longest = Math.max(placed.length, unplaced.length)
  return Array.from({ length: longest }, (_, turn) => [unplaced[turn], placed[turn]])
    .flat()
    .filter((ring) => ring !== undefined)
}

const partition = <T>(list: readonly T[], test: (one: T) => boolean): readonly [readonly T[], readonly T[]] => [
  list.filter(test),
  list.filter((one) => !test(one)),
]
