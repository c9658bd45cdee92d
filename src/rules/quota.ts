/** So many events in a span of time at most, counted exactly. No clock, no storage. */
import type { Instant, Seconds } from '../vocabulary.ts'
import { seconds } from '../vocabulary.ts'

/** So many, within so long. */
export interface Quota {
  readonly most: number
  readonly within: Seconds
}

/** Something that happened, once, however often it is told of. */
export interface Event {
  readonly id: string
  readonly at: Instant
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, y: 31_536_000 }

/** `30h`, `7d`, `1y`; undefined for anything else. */
export function parseSpan(text: string): Seconds | undefined {
  const [, number, unit = ''] = /^(\d{1,6})([smhdy])$/.exec(text.trim()) ?? []
  const length = UNITS[unit]
  return number === undefined || length === undefined || Number(number) < 1
    ? undefined
    : seconds(Number(number) * length)
}

/** `5/1h`: five in an hour; undefined for anything else. */
export function parseQuota(text: string): Quota | undefined {
  const [, most, span = ''] = /^(\d{1,3})\/(\d{1,6}[smh])$/.exec(text.trim()) ?? []
  const within = parseSpan(span)
  return most === undefined || within === undefined || Number(most) < 1 ? undefined : { most: Number(most), within }
}

/** The events after one more of this id, or undefined where there is no room for it. */
export function taken(events: readonly Event[], id: string, quota: Quota, now: Instant): readonly Event[] | undefined {
  const counting = events.filter(({ at }) => now - at < quota.within * 1000)
  if (counting.some((event) => event.id === id)) return counting
  return counting.length < quota.most ? [...counting, { id, at: now }] : undefined
}
