/** Where the requests of one phone come from, and whether its object is near. No clock, no storage. */
import { addSeconds, type Instant, type Region, seconds } from '../../vocabulary.ts'

/** The part of a phone's state that is about regions. */
export interface SeenRegions {
  /** Absent before the first request, and in rows of the version before. */
  readonly seen?: {
    /** When a request was counted last. */
    readonly at: Instant
    /** How many were counted, by region. */
    readonly counts: readonly (readonly [Region, number])[]
  }
}

/** One request is counted in this time: a phone polls every three seconds, and somebody on a journey must not look at home there. */
const COUNT_INTERVAL = seconds(3600)
/** So many counted requests say where a phone is. */
const ENOUGH = 8
/** When a region has so many, all counts are halved: the last weeks count more than the years before. */
const MOST = 64

/** Counts a request of the phone from this region, at most one an hour. Returns the same state if it counts none. */
export function countRegion<State extends SeenRegions>(state: State, region: Region | undefined, now: Instant): State {
  const { seen } = state
  if (region === undefined || (seen !== undefined && now >= seen.at && now < addSeconds(seen.at, COUNT_INTERVAL)))
    return state
  const counts = new Map(seen?.counts)
  counts.set(region, (counts.get(region) ?? 0) + 1)
  const isFull = [...counts.values()].some((count) => count >= MOST)
  const kept = [...counts].map(([name, count]) => [name, isFull ? Math.floor(count / 2) : count] as const)
  return { ...state, seen: { at: now, counts: kept.filter(([, count]) => count > 0) } }
}

/** Returns the region that more than half of the counted requests came from; undefined if there is none, or too few were counted. */
export function mostSeen({ seen }: SeenRegions): Region | undefined {
  const counts = seen?.counts ?? []
  const total = counts.reduce((sum, [, count]) => sum + count, 0)
  return total < ENOUGH ? undefined : counts.find(([, count]) => 2 * count > total)?.[0]
}

const CONTINENTS: Readonly<Record<Region, string>> = {
  wnam: 'North America',
  enam: 'North America',
  sam: 'South America',
  weur: 'Europe',
  eeur: 'Europe',
  apac: 'Asia',
  me: 'Asia',
  oc: 'Oceania',
  afr: 'Africa',
}

/** Whether a phone whose requests come from one region is on another continent than its object. Unknown regions are not. */
export const isFar = (home: Region | undefined, seen: Region | undefined): boolean =>
  home !== undefined && seen !== undefined && CONTINENTS[home] !== CONTINENTS[seen]
