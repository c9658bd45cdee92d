/** Days and times of day, reckoned from instants: a pure room has no clock of its own. */
import type { Instant } from '../../vocabulary.ts'

const MINUTE = 60_000
const DAY = 1_440 * MINUTE
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/** A moment as a clock on the wall shows it. */
export interface WallTime {
  /** 0 is Monday. */
  readonly day: number
  readonly minute: number
}

/** How a place reads its clock. */
export type WallClock = (now: Instant) => WallTime

/** The wall of a time zone, by its name in the IANA database. Refuses: undefined for one nobody knows. */
export function wallClock(zone: string): WallClock | undefined {
  if (zone === 'UTC') return utcClock
  try {
    const clock = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    return (now) => {
      const part = (type: string): string => clock.formatToParts(now).find((one) => one.type === type)?.value ?? ''
      const day = DAYS.findIndex((name) => name === part('weekday').toLowerCase())
      return { day, minute: Number(part('hour')) * 60 + Number(part('minute')) }
    }
  } catch {
    return undefined
  }
}

/** The epoch began on a Thursday. */
export const utcClock: WallClock = (now) => ({
  day: (Math.floor(now / DAY) + 3) % 7,
  minute: Math.floor((now % DAY) / MINUTE),
})
