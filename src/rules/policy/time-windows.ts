/** The times a policy holds at: `Mon-Fri: 8:00-17:30, Sat: 9-12`. Source: docs/protocol.md, "Matching". */
import { DAYS, type WallTime } from './wall-clock.ts'

/** Days and minutes of the day, the last ones included. */
interface TimeWindow {
  readonly firstDay: number
  readonly lastDay: number
  readonly from: number
  readonly to: number
}

const WINDOW = /^([a-z]{3})(?:-([a-z]{3}))?:(\d{1,2})(?::(\d{2}))?-(\d{1,2})(?::(\d{2}))?$/

/** The windows, or what is no window. A range that wraps round is none: it would never hold. */
export function readTimeWindows(
  text: string,
): { readonly windows: readonly TimeWindow[] } | { readonly fault: string } {
  const windows: TimeWindow[] = []
  for (const part of text.split(',')) {
    const [, first = '', last = first, hour, minute, endHour, endMinute] =
      WINDOW.exec(part.replaceAll(/\s/g, '').toLowerCase()) ?? []
    const [firstDay, lastDay] = [first, last].map((name) => DAYS.findIndex((day) => day === name))
    const [from, to] = [minuteOf(hour, minute), minuteOf(endHour, endMinute)]
    if (firstDay === undefined || lastDay === undefined || firstDay < 0 || lastDay < 0) return unread(part)
    if (from === undefined || to === undefined) return unread(part)
    if (lastDay < firstDay || to < from) return { fault: `'${part.trim()}' ends before it begins` }
    windows.push({ firstDay, lastDay, from, to })
  }
  return { windows }
}

export const includesTime = (windows: readonly TimeWindow[], { day, minute }: WallTime): boolean =>
  windows.some(({ firstDay, lastDay, from, to }) => firstDay <= day && day <= lastDay && from <= minute && minute <= to)

const unread = (part: string): { readonly fault: string } => ({
  fault: `'${part.trim()}' is no time such as Mon-Fri: 8:00-17:30`,
})

function minuteOf(hour: string | undefined, minute = '00'): number | undefined {
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59) return undefined
  return Number(hour) * 60 + Number(minute)
}
