/** Days of the week and times of day, computed from instants. */
import type { Instant } from '../../vocabulary.ts'

const MINUTE = 60_000
const DAY = 1_440 * MINUTE
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

export interface WallTime {
  /** 0 is Monday. */
  readonly day: number
  /** Minutes since midnight. */
  readonly minute: number
}

/** What the clocks of a time zone show at an instant. */
export type WallClock = (now: Instant) => WallTime

/** The clock of a time zone, by its name in the IANA database; undefined for a name that is not there. */
export function wallClock(zone: string): WallClock | undefined {
  if (zone === 'UTC') return utcClock
  try {
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    return (now) => {
      const part = (type: string): string => format.formatToParts(now).find((one) => one.type === type)?.value ?? ''
      const day = DAYS.findIndex((name) => name === part('weekday').toLowerCase())
      return { day, minute: Number(part('hour')) * 60 + Number(part('minute')) }
    }
  } catch {
    return undefined
  }
}

/** 1970-01-01 was a Thursday. */
export const utcClock: WallClock = (now) => ({
  day: (Math.floor(now / DAY) + 3) % 7,
  minute: Math.floor((now % DAY) / MINUTE),
})

/** What the clocks of a time zone show at an instant, to the second or (`exact`) to the millisecond: `14:05:12`. In UTC, which nobody's
 *  clock has to show, and in a zone that does not exist, the name follows: `14:05:12 UTC`. */
export function timeOfDay(zone: string, at: Instant, exact = false): string {
  const milliseconds = exact ? `.${String(at % 1000).padStart(3, '0')}` : ''
  const shown = (timeZone: string): string =>
    new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'medium', hourCycle: 'h23' }).format(at) + milliseconds
  try {
    if (zone !== 'UTC') return shown(zone)
  } catch {
    // No such zone.
  }
  return `${shown('UTC')} UTC`
}
