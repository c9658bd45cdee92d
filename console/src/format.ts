/** Times, durations and numbers as people of the chosen language write them. */
import { language } from './texts.ts'

const LOCALES = { en: 'en-GB', de: 'de-DE' } as const
const locale = () => LOCALES[language.value]

/** A time as the API writes it (ISO 8601, or milliseconds since 1970), or undefined if it is none. */
export function readTime(value: string | number | null | undefined): Date | undefined {
  if (value === null || value === undefined || value === '') return undefined
  const date = new Date(typeof value === 'number' ? value : value.replace(' ', 'T'))
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** `29 Nov 2026, 10:24:03`. */
export const formatTime = (date: Date): string =>
  new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'medium' }).format(date)

/** `10:24:03`. */
export const formatClock = (date: Date): string =>
  new Intl.DateTimeFormat(locale(), { timeStyle: 'medium' }).format(date)

/** `29 Nov 2026`. */
export const formatDay = (date: Date, timeZone?: 'UTC'): string =>
  new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeZone }).format(date)

/** `November 2026`, of a time in UTC. */
export const formatMonth = (date: Date): string =>
  new Intl.DateTimeFormat(locale(), { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(date)

const UNITS = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 30],
  ['month', 12],
  ['year', Infinity],
] as const

/** `3 minutes ago`, `in 2 days`. */
export function formatAgo(date: Date, now = Date.now()): string {
  let amount = (date.getTime() - now) / 1000
  const relative = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' })
  for (const [unit, size] of UNITS) {
    if (Math.abs(amount) < size) return relative.format(Math.round(amount), unit)
    amount /= size
  }
  return formatTime(date)
}

/** A duration: `41 ms`, `1.2 s`, `3 min`. */
export function formatDuration(ms: number): string {
  const [amount, unit] = ms < 1000 ? [ms, 'ms'] : ms < 60_000 ? [ms / 1000, 's'] : [ms / 60_000, 'min']
  const maximumFractionDigits = ms < 1000 ? 0 : 1
  return `${new Intl.NumberFormat(locale(), { maximumFractionDigits }).format(amount)}\u00a0${unit}`
}

export const formatNumber = (value: number): string => new Intl.NumberFormat(locale()).format(value)

export const formatShare = (share: number): string =>
  new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 1 }).format(share)
