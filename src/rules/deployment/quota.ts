/** So many events in a span of time at most, counted exactly. No clock, no storage. */
import { parseDuration } from '../../timestamps.ts'
import type { Instant, Seconds } from '../../vocabulary.ts'

/** So many, within so long. */
export interface Quota {
  readonly most: number
  readonly within: Seconds
}

/** Something that happened, once, however often it is told of. */
export interface QuotaEvent {
  readonly id: string
  readonly at: Instant
}

/** `5/1h`: five in an hour; undefined for anything else. */
export function parseQuota(text: string): Quota | undefined {
  const [, most, span = ''] = /^(\d{1,3})\/(\d{1,6}[smh])$/.exec(text.trim()) ?? []
  const within = parseDuration(span)
  return Number(most) > 0 && within !== undefined && within > 0 ? { most: Number(most), within } : undefined
}

/** The events after one more of this id, or undefined where there is no room for it. */
export function reserve(
  events: readonly QuotaEvent[],
  id: string,
  quota: Quota,
  now: Instant,
): readonly QuotaEvent[] | undefined {
  const counting = events.filter(({ at }) => now - at < quota.within * 1000)
  if (counting.some((event) => event.id === id)) return counting
  return counting.length < quota.most ? [...counting, { id, at: now }] : undefined
}

/** The events that any quota of no longer a span may still ask for. */
export const eventsWithin = (events: readonly QuotaEvent[], within: Seconds, now: Instant): readonly QuotaEvent[] =>
  events.filter(({ at }) => now - at < within * 1000).slice(-MOST)
/** As many as any quota lets happen. */
const MOST = 999
