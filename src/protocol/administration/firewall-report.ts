import * as z from 'zod/mini'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { formatTimestamp } from '../../timestamps.ts'
import type { Instant } from '../../vocabulary.ts'
import type { FirewallCount } from '../../vocabulary/firewall-report.ts'
import { csvCell } from '../encoding/csv.ts'
import { optional, parserOf } from '../parameters.ts'
import { integer, listOf, object, oneOf, orNull, string } from '../shape.ts'

const MAX_DAYS = 31
const DEFAULT_DAYS = 7

const reportSchema = z.object({
  days: optional(`Days to report, today included: ${DEFAULT_DAYS} by default, at most ${MAX_DAYS}`, 16),
  service: optional('Name of a service key; without it all services', 255),
  outform: optional('csv for a table instead of JSON', 16),
})

/** A request for the report of the push firewall. */
export interface FirewallReportRequest {
  readonly days: number
  readonly service?: string | undefined
  readonly isCsv: boolean
}

/** Parses how many days to report, and in which form. Refuses: `parameter_invalid`. */
export const parseFirewallReport = parserOf(reportSchema, (fields): Outcome<FirewallReportRequest> => {
  const { days: text = String(DEFAULT_DAYS), service, outform } = fields
  const days = /^\d{1,2}$/.test(text) ? Number(text) : 0
  if (days < 1 || days > MAX_DAYS)
    return refuse({ reason: 'parameter_invalid', name: 'days', why: `expected a whole number from 1 to ${MAX_DAYS}` })
  return done({ days, service, isCsv: outform === 'csv' })
})

type Report = {
  readonly from: Instant
  readonly until: Instant
  readonly counts: readonly FirewallCount[]
}

const lineOf = ({ day, service, why, isShadow, logins, accepted }: FirewallCount) => ({
  day,
  service: service ?? null,
  why,
  mode: isShadow ? 'shadow' : 'on',
  silenced: logins,
  accepted,
})

/** The report as it is sent. */
export function firewallReportValue({ from, until, counts }: Report) {
  const sumOf = (isShadow: boolean) => {
    const counted = counts.filter((one) => one.isShadow === isShadow)
    return {
      silenced: counted.reduce((sum, { logins }) => sum + logins, 0),
      accepted: counted.reduce((sum, { accepted }) => sum + accepted, 0),
    }
  }
  return {
    from: formatTimestamp(from),
    until: formatTimestamp(until),
    summary: { on: sumOf(false), shadow: sumOf(true) },
    lines: counts.map(lineOf),
  }
}

const COLUMNS = ['day', 'service', 'why', 'mode', 'silenced', 'accepted'] as const

/** The lines of the report as CSV, written as the token list writes it. */
export const firewallCsv = ({ counts }: Report): string =>
  [
    [...COLUMNS],
    ...counts.map((count) => {
      const line = lineOf(count)
      return COLUMNS.map((column) => line[column] ?? '')
    }),
  ]
    .map((values) => `${values.map((value) => `${csvCell(value)}, `).join('')}\n`)
    .join('')

const counted = (of: string) =>
  object({ silenced: integer(`Logins that ${of}`), accepted: integer('How many of them were finalized later') })

export const firewallReportShape = object({
  from: string('Beginning of the first day, UTC'),
  until: string('When it was made'),
  summary: object({ on: counted('rang no phone'), shadow: counted('would have rung no phone') }),
  lines: listOf(
    object({
      day: string('When the logins ended, UTC: 2026-11-29'),
      service: orNull(string('Name of the service key that opened them; null: none did')),
      why: string('over_budget, paused or pin_known'),
      mode: oneOf('shadow: the phones rang all the same', 'on', 'shadow'),
      silenced: integer('Logins'),
      accepted: integer('How many of them were finalized later'),
    }),
    'The newest day first',
  ),
})
