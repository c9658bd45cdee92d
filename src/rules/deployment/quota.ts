/** At most so many events in a span of time, counted exactly. No clock, no storage. */
import { parseDuration } from '../../timestamps.ts'
import type { Instant, Seconds } from '../../vocabulary.ts'

/** At most `most` events within `within`. */
export interface Quota {
  readonly most: number
  readonly within: Seconds
}

/** An event, known by its id: reported twice, it counts once. */
export interface QuotaEvent {
  readonly id: string
  readonly at: Instant
}

/** Parses a quota: `5/1h` is five in an hour; undefined for anything else. */
export function parseQuota(text: string): Quota | undefined {
  const [, most, span = ''] = /^(\d{1,3})\/(\d{1,6}[smh])$/.exec(text.trim()) ?? []
  const within = parseDuration(span)
  return Number(most) > 0 && within !== undefined && within > 0 ? { most: Number(most), within } : undefined
}

/** Returns the events with one more of this id; undefined when there is no room for it. */
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

/** Returns the events that a quota of this span or a shorter one may still count. */
export const eventsWithin = (events: readonly QuotaEvent[], within: Seconds, now: Instant): readonly QuotaEvent[] =>
  events.filter(({ at }) => now - at < within * 1000).slice(-MAX_EVENTS)
/** No quota allows more. */
const MAX_EVENTS = 999
