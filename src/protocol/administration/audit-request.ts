import * as z from 'zod/mini'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { type Instant, instant, type Seconds } from '../../vocabulary.ts'
import type { AuditCondition, AuditField, AuditOrder } from '../../vocabulary/audit.ts'
import { parsePositive } from '../page.ts'
import { optional, parserOf, required, unfiltered } from '../parameters.ts'
import { parseDuration, parseTimestamp } from '../../timestamps.ts'
import { AUDIT_COLUMNS } from './audit-line.ts'

/** A request for lines of the audit. Source: docs/protocol.md, "Audit". */
export interface AuditRequest {
  readonly conditions: readonly AuditCondition[]
  /** No lines older than this. */
  readonly maxAge?: Seconds
  readonly since?: Instant
  readonly until?: Instant
  readonly order: AuditOrder
  readonly page: number
  readonly pageSize: number
}

/** Fields by privacyIDEA's column names, and Nod's own. */
const FIELDS = {
  action: 'action',
  success: 'success',
  authentication: 'authentication',
  serial: 'serial',
  user: 'user',
  realm: 'realm',
  administrator: 'administrator',
  action_detail: 'detail',
  info: 'info',
  privacyidea_server: 'shard',
  client: 'address',
  user_agent: 'client',
  transaction_id: 'transaction',
  service: 'service',
  policies: 'policies',
} as const satisfies Readonly<Record<string, AuditField>>

const isColumn = (name: string): name is keyof typeof FIELDS => Object.hasOwn(FIELDS, name)
const COLUMNS = Object.keys(FIELDS).filter(isColumn)

const LARGEST_PAGE = 500
const LARGEST_NUMBER = 999_999
/** The longest pattern D1 takes, in bytes; escaped characters count twice. */
const LONGEST_PATTERN = 50

const column = (what: string) => optional(`${what}; \`*\` stands for anything, a \`!\` in front for the opposite`, 255)

/** Columns of privacyIDEA's audit that Nod leaves empty, or has only in the answer. */
const UNKNOWN_COLUMNS = AUDIT_COLUMNS.filter((name) => name !== 'date' && !isColumn(name))

const requestSchema = z.object({
  page: optional('Page, from 1', 16),
  page_size: optional('Lines per page, 15 by default, at most 500', 16),
  sortname: optional('Column to sort by; time by default', 64),
  sortorder: optional('asc or desc; desc by default', 8),
  timelimit: optional('No older than this: 30m, 2h, 1d', 16),
  date: optional('Of this day, hour or minute: 2026-11-24*, 2026-11-24T07*; also 2026-11*', 32),
  action: column('The request, such as `POST /auth`'),
  success: column('1 or 0'),
  authentication: column('How a login ended: ACCEPT, REJECT, CHALLENGE or DECLINED'),
  serial: column('Serial'),
  user: column('Login name of the owner'),
  realm: column('Realm of the owner'),
  administrator: column('The administrator who made the request'),
  action_detail: column('What was changed'),
  info: column('What came of it'),
  privacyidea_server: column('Shard that kept the record'),
  client: column('Address the request came from'),
  user_agent: column('Program the request came from'),
  transaction_id: column('Login'),
  service: column('Name of the service key'),
  policies: column('Names of the policies that decided a login, with commas between'),
  ...Object.fromEntries(UNKNOWN_COLUMNS.map((name) => [name, unfiltered('Cannot be searched by: empty or `*`')])),
})

/** Parses filter, order and page. In a value, `*` matches any text and a leading `!` negates.
 *  Refuses: `parameter_invalid`. */
export const parseAudit = parserOf(requestSchema, requestOf)

const exportSchema = z.extend(requestSchema, { file: required('Name of the file, ending in .csv', 255) })

/** Parses an export: filter, order and file name. Refuses: `parameter_invalid`. */
export const parseAuditExport = parserOf(exportSchema, (fields) => {
  const request = requestOf(fields)
  return request.ok ? done({ ...request.value, file: fields.file }) : request
})

function requestOf(fields: z.output<typeof requestSchema>): Outcome<AuditRequest> {
  const { sortname = '', sortorder, timelimit, date } = fields
  const page = parsePositive('page', fields.page, 1, LARGEST_NUMBER)
  if (!page.ok) return page
  const pageSize = parsePositive('page_size', fields.page_size, 15, LARGEST_NUMBER)
  if (!pageSize.ok) return pageSize
  const maxAge = timelimit === undefined ? undefined : parseDuration(timelimit, 'smhdwy')
  if (timelimit !== undefined && maxAge === undefined) return wrong('timelimit', 'expected 30m, 2h, 1d or the like')
  const period = date === undefined ? undefined : periodOf(date)
  if (date !== undefined && period === undefined)
    return wrong('date', 'expected the beginning of a date, such as 2026-11-24*')
  const conditions = COLUMNS.map((name) => condition(name, fields[name]))
  const refused = conditions.find((one) => !one.ok)
  if (refused?.ok === false) return refused
  return done({
    conditions: conditions.flatMap((one) => (one.ok ? (one.value ?? []) : [])),
    maxAge,
    since: period?.since,
    until: period?.until,
    order: { field: isColumn(sortname) ? FIELDS[sortname] : 'at', ascending: sortorder === 'asc' },
    page: page.value,
    pageSize: Math.min(pageSize.value, LARGEST_PAGE),
  })
}

const wrong = (name: string, why: string) => refuse({ reason: 'parameter_invalid', name, why })

function condition(name: keyof typeof FIELDS, text = ''): Outcome<AuditCondition | undefined> {
  const value = text.trim()
  const negated = value.startsWith('!')
  const pattern = (negated ? value.slice(1) : value).replaceAll(/\*+/g, '*')
  // As in privacyIDEA, an empty value and `*` do not filter.
  if (pattern === '' || pattern === '*') return done(undefined)
  const bytes = new TextEncoder().encode(pattern.replaceAll(/[\\%_]/g, String.raw`\$&`)).length
  if (pattern.includes('*') && bytes > LONGEST_PATTERN) return wrong(name, 'too long for a pattern')
  return done({ field: FIELDS[name], pattern, negated })
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/** The month, day, hour or minute that a date names. */
function periodOf(text: string): { readonly since: Instant; readonly until: Instant } | undefined {
  const parts = /^(\d{4})-(\d\d)(?:-(\d\d)(?:[T ](\d\d)(?::(\d\d))?)?)?\*?$/.exec(text.trim())
  if (parts === null) return undefined
  const [, year = '', month = '', day, hour, minute] = parts
  const since = parseTimestamp(`${year}-${month}-${day ?? '01'}T${hour ?? '00'}:${minute ?? '00'}`)
  if (since === undefined) return undefined
  if (day !== undefined) {
    const length = minute === undefined ? (hour === undefined ? DAY_MS : HOUR_MS) : MINUTE_MS
    return { since, until: instant(since + length) }
  }
  const next = month === '12' ? `${Number(year) + 1}-01` : `${year}-${String(Number(month) + 1).padStart(2, '0')}`
  const until = parseTimestamp(`${next}-01`)
  return until === undefined ? undefined : { since, until }
}
