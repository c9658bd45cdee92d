/** What the report of the service level is asked by. */
import * as z from 'zod/mini'
import { present } from '../../present.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { REGIONS } from '../../vocabulary.ts'
import { parsePositive } from '../page.ts'
import { optional, parserOf } from '../parameters.ts'

/** Counts are kept for so many days. */
const MOST_DAYS = 400

const sloSchema = z.object({
  days: optional(`Days until now, today included: 30 unless set, ${MOST_DAYS} at most`, 16),
  month: optional('A month in place of `days`: `2026-11`, UTC', 16),
  service: optional('Name of a service key; without it all services', 255),
  region: optional(`Region of the shard: ${REGIONS.join(', ')}`, 16),
  outform: optional('html for a page to print instead of JSON', 16),
})

interface SloFields {
  readonly time: { readonly days: number } | { readonly year: number; readonly month: number }
  readonly service?: string
  readonly region?: string
  readonly isPage: boolean
}

/** Parses which report is asked for. Refuses: `parameter_invalid`, `parameter_not_integer`. */
export const parseSlo = parserOf(sloSchema, ({ days, month, service, region, outform }): Outcome<SloFields> => {
  const time = month === undefined ? parseDays(days) : parseMonth(month)
  if (!time.ok) return time
  if (region !== undefined && !REGIONS.some((one) => one === region))
    return refuse({ reason: 'parameter_invalid', name: 'region', why: `expected one of ${REGIONS.join(', ')}` })
  if (outform !== undefined && outform !== 'html')
    return refuse({ reason: 'parameter_invalid', name: 'outform', why: 'expected html' })
  return done({ time: time.value, isPage: outform === 'html', ...present({ service, region }) })
})

function parseDays(text: string | undefined): Outcome<{ readonly days: number }> {
  const days = parsePositive('days', text, 30, MOST_DAYS)
  return days.ok ? done({ days: days.value }) : days
}

function parseMonth(text: string): Outcome<{ readonly year: number; readonly month: number }> {
  const [, year, month] = /^(20\d\d)-(0[1-9]|1[0-2])$/.exec(text) ?? []
  return year === undefined || month === undefined
    ? refuse({ reason: 'parameter_invalid', name: 'month', why: 'expected a month such as 2026-11' })
    : done({ year: Number(year), month: Number(month) })
}
