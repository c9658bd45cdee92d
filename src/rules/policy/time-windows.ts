/** The times at which a policy applies: `Mon-Fri: 8:00-17:30, Sat: 9-12`. Source: docs/protocol.md, "Matching". */
import { DAYS, type WallTime } from './wall-clock.ts'

/** Days of the week, and minutes since midnight. Both ends are included. */
interface TimeWindow {
  readonly firstDay: number
  readonly lastDay: number
  readonly firstMinute: number
  readonly lastMinute: number
}

const WINDOW = /^([a-z]{3})(?:-([a-z]{3}))?:(\d{1,2})(?::(\d{2}))?-(\d{1,2})(?::(\d{2}))?$/

/** Reads the windows of a policy, or says which part is wrong. A range that ends before it begins is refused: it would never
 *  apply. */
export function readTimeWindows(
  text: string,
): { readonly windows: readonly TimeWindow[] } | { readonly fault: string } {
  const windows: TimeWindow[] = []
  for (const part of text.split(',')) {
    const [, first = '', last = first, hour, minute, endHour, endMinute] =
      WINDOW.exec(part.replaceAll(/\s/g, '').toLowerCase()) ?? []
    const [firstDay, lastDay] = [first, last].map((name) => DAYS.findIndex((day) => day === name))
    const [firstMinute, lastMinute] = [minuteOf(hour, minute), minuteOf(endHour, endMinute)]
    if (firstDay === undefined || lastDay === undefined || firstDay < 0 || lastDay < 0) return unreadable(part)
    if (firstMinute === undefined || lastMinute === undefined) return unreadable(part)
    if (lastDay < firstDay || lastMinute < firstMinute) return { fault: `'${part.trim()}' ends before it begins` }
    windows.push({ firstDay, lastDay, firstMinute, lastMinute })
  }
  return { windows }
}

export const includesTime = (windows: readonly TimeWindow[], { day, minute }: WallTime): boolean =>
  windows.some(
    ({ firstDay, lastDay, firstMinute, lastMinute }) =>
      firstDay <= day && day <= lastDay && firstMinute <= minute && minute <= lastMinute,
  )

const unreadable = (part: string): { readonly fault: string } => ({
  fault: `'${part.trim()}' is no time such as Mon-Fri: 8:00-17:30`,
})

function minuteOf(hour: string | undefined, minute = '00'): number | undefined {
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59) return undefined
  return Number(hour) * 60 + Number(minute)
}
