import { formatMonth } from '../../format.ts'

/** Counts are kept for 400 days. */
const MONTHS = 13

/** A month as the API names it: `2026-11`, UTC. */
const nameOf = (date: Date): string => date.toISOString().slice(0, 7)

/** The month that a time is in. */
export const thisMonth = (): string => nameOf(new Date())

/** The months that have counts, the newest first, each with its name for people. Another one that is asked for stands first. */
export function monthOptions(asked: string): readonly (readonly [month: string, name: string])[] {
  const now = new Date()
  const months = Array.from({ length: MONTHS }, (_, back) => {
    const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back))
    return [nameOf(first), formatMonth(first)] as const
  })
  return months.some(([month]) => month === asked) ? months : [[asked, asked], ...months]
}
