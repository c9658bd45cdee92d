import type { Instant, Seconds } from './vocabulary.ts'
import { instant, seconds } from './vocabulary.ts'

const DATE = String.raw`(?<year>\d{4})(?:-(?<month>\d\d)-(?<day>\d\d)|(?<month>\d\d)(?<day>\d\d))`
const TIME = String.raw`(?<hour>\d\d)(?::?(?<minute>\d\d)(?::?(?<second>\d\d)(?:[.,](?<fraction>\d{1,9}))?)?)?`
const ZONE = String.raw`(?<zone>Z|(?<sign>[+-])(?<zoneHour>\d\d)(?::?(?<zoneMinute>\d\d))?)`
const TIMESTAMP = new RegExp(`^${DATE}(?:[T ]${TIME}${ZONE}?)?$`)

/** The instant an ISO 8601 text names, in its basic or extended form, to the millisecond; undefined for any other text.
 *  Without a zone it is UTC; a date alone is its midnight. Epoch seconds and days that do not exist are no timestamps.
 *  The app writes `2026-11-24T06:28:20.123456Z`. Source: docs/protocol.md, "Phone poll", golden 09-poll. */
export function parseTimestamp(text: string): Instant | undefined {
  const parts = TIMESTAMP.exec(text)?.groups
  if (parts === undefined) return undefined
  const number = (name: string) => Number(parts[name] ?? '0')
  const [year, month, day] = [number('year'), number('month'), number('day')]
  const [hour, minute, second] = [number('hour'), number('minute'), number('second')]
  const [zoneHour, zoneMinute] = [number('zoneHour'), number('zoneMinute')]
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59 || zoneHour > 23 || zoneMinute > 59) return undefined
  const ahead = (zoneHour * 60 + zoneMinute) * (parts['sign'] === '-' ? -1 : 1)
  const minutes = (daysSinceEpoch(year, month, day) * 24 + hour) * 60 + minute - ahead
  const milliseconds = Number((parts['fraction'] ?? '').slice(0, 3).padEnd(3, '0'))
  return instant((minutes * 60 + second) * 1000 + milliseconds)
}

const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: 'UTC', dateStyle: 'short', timeStyle: 'medium' })

/** An instant in UTC to the second, as privacyIDEA writes times into a token's info: `2026-11-24T06:28:20+00:00`. */
export const formatTimestamp = (at: Instant): string => `${clock.format(at).replace(' ', 'T')}+00:00`

/** An instant in UTC, but without a zone, and with six digits of which three are known, as privacyIDEA writes times into the
 *  audit: `2026-11-24T06:28:20.123000`. */
export const formatTimestampMicros = (at: Instant): string =>
  `${clock.format(at).replace(' ', 'T')}.${String(at % 1000).padStart(3, '0')}000`

/** Whether two instants are no further apart than the window, in either direction. */
export const isWithin = (now: Instant, at: Instant, window: Seconds): boolean => Math.abs(now - at) <= window * 1000

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 }

/** The span of time that a text such as `7d` or `0 s` names in one of these units; undefined for any other text. A year is
 *  365 days. Unless said otherwise the units are those of privacyIDEA's policies, which know no weeks. */
export function parseDuration(text: string, units = 'smhdy'): Seconds | undefined {
  const [, count, unit = ''] = /^\s*(\d{1,6})\s*([a-z])\s*$/.exec(text) ?? []
  const length = units.includes(unit) ? UNITS[unit] : undefined
  return count === undefined || length === undefined ? undefined : seconds(Number(count) * length)
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const daysIn = (year: number, month: number): number => (DAYS[month - 1] ?? 0) + (month === 2 && isLeap(year) ? 1 : 0)

/** Days from 1970-01-01, by the Gregorian calendar also before it was used. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const before = year - 1
  const leaps = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400)
  let days = before * 365 + leaps - 719_162
  for (let earlier = 1; earlier < month; earlier++) days += daysIn(year, earlier)
  return days + day - 1
}
