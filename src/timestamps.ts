/** Timestamps and durations as text. */
import { type Instant, instant, type Seconds, seconds } from './vocabulary.ts'

const DATE = String.raw`(?<year>\d{4})(?:-(?<month>\d\d)-(?<day>\d\d)|(?<month>\d\d)(?<day>\d\d))`
const HOUR = String.raw`(?:[01]\d|2[0-3])`
const SIXTY = String.raw`[0-5]\d`
const TIME = String.raw`(?<hour>${HOUR})(?::?(?<minute>${SIXTY})(?::?(?<second>${SIXTY})(?:[.,](?<fraction>\d{1,9}))?)?)?`
const ZONE = String.raw`(?:Z|(?<sign>[+-])(?<zoneHour>${HOUR})(?::?(?<zoneMinute>${SIXTY}))?)`
const TIMESTAMP = new RegExp(`^${DATE}(?:[T ]${TIME}${ZONE}?)?$`)

/** Reads an ISO 8601 timestamp in basic or extended form, to the millisecond; undefined for any other text.
 *  Without a zone it is UTC, and a date alone is its midnight. Epoch seconds and days that do not exist are not timestamps.
 *  The app writes `2026-11-24T06:28:20.123456Z`. Source: docs/protocol.md, "Phone poll"; golden 09-poll. */
export function parseTimestamp(text: string): Instant | undefined {
  const parts = TIMESTAMP.exec(text)?.groups
  if (parts === undefined) return undefined
  const part = (name: string, otherwise = '00'): string => parts[name] ?? otherwise
  const date = `${part('year')}-${part('month')}-${part('day')}`
  const midnight = new Date(date)
  // JavaScript takes February 30 for March 2.
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== date) return undefined
  const fraction = part('fraction', '').slice(0, 3).padEnd(3, '0')
  const time = `${part('hour')}:${part('minute')}:${part('second')}.${fraction}`
  return instant(Date.parse(`${date}T${time}${part('sign', '+')}${part('zoneHour')}:${part('zoneMinute')}`))
}

/** Writes an instant in UTC to the second, as privacyIDEA writes times into a token's info: `2026-11-24T06:28:20+00:00`. */
export const formatTimestamp = (at: Instant): string => `${new Date(at).toISOString().slice(0, 19)}+00:00`

/** Writes an instant in UTC without a zone and with six decimals, as privacyIDEA writes times into the audit:
 *  `2026-11-24T06:28:20.123000`. The last three decimals are always zero. */
export const formatTimestampMicros = (at: Instant): string => `${new Date(at).toISOString().slice(0, 23)}000`

/** Writes an instant as an HTTP date: `Tue, 24 Nov 2026 07:11:12 GMT`. */
export const httpDate = (at: Instant): string => new Date(at).toUTCString()

/** Whether two instants are at most `tolerance` seconds apart, in either direction. */
export const isWithin = (now: Instant, at: Instant, tolerance: Seconds): boolean =>
  Math.abs(now - at) <= tolerance * 1000

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 }

/** Reads a duration such as `7d` or `0 s`; undefined for any other text. A year is 365 days. `units` are the letters that are
 *  accepted; by default those of privacyIDEA's policies, which have no weeks. */
export function parseDuration(text: string, units = 'smhdy'): Seconds | undefined {
  const [, count, unit = ''] = /^\s*(\d{1,6})\s*([a-z])\s*$/.exec(text) ?? []
  const length = units.includes(unit) ? UNITS[unit] : undefined
  return count === undefined || length === undefined ? undefined : seconds(Number(count) * length)
}

const DAY_MS = 86_400_000

/** The beginning of the instant's day, UTC. */
export const startOfDay = (at: Instant): Instant => instant(Math.floor(at / DAY_MS) * DAY_MS)

/** The end of the instant's day, UTC: the beginning of the next. */
export const endOfDay = (at: Instant): Instant => instant(startOfDay(at) + DAY_MS)

/** The name of the instant's day, UTC: `2026-11-28`. */
export const dayName = (at: Instant): string => new Date(at).toISOString().slice(0, 10)

/** Writes an instant in UTC to the millisecond: `2026-11-24T06:28:20.123+00:00`. */
export const formatTimestampMillis = (at: Instant): string => `${new Date(at).toISOString().slice(0, 23)}+00:00`
