/** What the reports of logins are asked by. */
import * as z from 'zod/mini'
import { decodeBase64, encodeBase64Url, utf8 } from '../../bytes.ts'
import { present } from '../../present.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { parseTimestamp } from '../../timestamps.ts'
import { instant, type Instant, REGIONS, type Region } from '../../vocabulary.ts'
import { LOGIN_OUTCOMES, type LoginOutcome } from '../../vocabulary/login-reports.ts'
import { parsePositive } from '../page.ts'
import { optional, parserOf } from '../parameters.ts'

const MAX_PAGE_SIZE = 500
const PAGE_SIZE = 50
const MODES = ['standard', 'presence', 'code_to_phone'] as const
const LONGEST = 400 * 86_400_000

const TIME = 'ISO 8601, UTC without a zone'
const timeFields = {
  from: optional(`Beginning of the time, ${TIME}; a day before its end by default`, 64),
  to: optional(`End of the time, ${TIME}; now by default`, 64),
}
const service = optional('Name of a service key; without it all services', 255)

const countSchema = z.object({
  ...timeFields,
  service,
  mode: optional(`One of ${MODES.join(', ')}`, 16),
  region: optional(`Region of the shard: ${REGIONS.join(', ')}`, 16),
})

interface Times {
  readonly from?: Instant
  readonly until?: Instant
}

/** Which counts are asked for. */
export interface CountFields extends Times {
  readonly service?: string
  readonly mode?: (typeof MODES)[number]
  readonly region?: Region
}

/** Parses which counts are asked for. Refuses: `parameter_invalid`, also for more than 400 days. */
export const parseCounts = parserOf(countSchema, (fields): Outcome<CountFields> => {
  const times = parseTimes(fields)
  if (!times.ok) return times
  const mode = choice('mode', fields.mode, MODES)
  if (!mode.ok) return mode
  const region = choice('region', fields.region, REGIONS)
  if (!region.ok) return region
  return done({ ...times.value, ...present({ service: fields.service, mode: mode.value, region: region.value }) })
})

const listSchema = z.object({
  from: optional(`Beginning of the time, ${TIME}; thirty days before its end by default`, 64),
  to: timeFields.to,
  user: optional('Owner', 320),
  realm: optional('Realm of the owner', 255),
  service,
  serial: optional('Only logins about this token', 255),
  outcome: optional(`One or several, with commas, of ${LOGIN_OUTCOMES.join(', ')}`, 255),
  slower_than: optional('Only logins of which Nod’s own time was longer than so many milliseconds', 16),
  pagesize: optional(`Logins on a page, ${PAGE_SIZE} by default, at most ${MAX_PAGE_SIZE}`, 16),
  cursor: optional('Where the page begins: `next` of the page before', 500),
  outform: optional('csv for a table instead of JSON', 16),
})

/** The place of a record in the audit. */
interface Position {
  readonly at: number
  readonly shard: string
  readonly sequence: number
}

/** A page of logins, as asked for. */
export interface LoginListFields extends Times {
  readonly user?: string
  readonly realm?: string
  readonly service?: string
  readonly serial?: string
  readonly outcomes?: readonly LoginOutcome[]
  readonly slowerThan?: number
  readonly limit: number
  readonly before?: Position
  readonly isCsv: boolean
}

/** Parses which logins are asked for. Refuses: `parameter_invalid`, `parameter_not_integer`. */
export const parseLoginList = parserOf(listSchema, (fields): Outcome<LoginListFields> => {
  const { user, realm, serial, service: named, cursor, outform } = fields
  const times = parseTimes(fields)
  if (!times.ok) return times
  const outcomes = choices('outcome', fields.outcome, LOGIN_OUTCOMES)
  if (!outcomes.ok) return outcomes
  const slower =
    fields.slower_than === undefined ? done(undefined) : parsePositive('slower_than', fields.slower_than, 1)
  if (!slower.ok) return slower
  const size = parsePositive('pagesize', fields.pagesize, PAGE_SIZE, MAX_PAGE_SIZE)
  if (!size.ok) return size
  const before = cursor === undefined ? undefined : readCursor(cursor)
  if (cursor !== undefined && before === undefined)
    return refuse({ reason: 'parameter_invalid', name: 'cursor', why: 'expected `next` of a page' })
  return done({
    ...times.value,
    limit: size.value,
    isCsv: outform === 'csv',
    ...present({ user, realm, serial, service: named, outcomes: outcomes.value, slowerThan: slower.value, before }),
  })
})

/** Writes the cursor of the page behind this record. */
export const writeCursor = ({ at, shard, sequence }: Position): string =>
  encodeBase64Url(utf8(JSON.stringify([at, shard, sequence])))

const position = z.tuple([z.number(), z.string(), z.number()])

function readCursor(text: string): Position | undefined {
  try {
    const read = position.safeParse(JSON.parse(new TextDecoder().decode(decodeBase64(text))))
    if (!read.success) return undefined
    const [at, shard, sequence] = read.data
    return { at, shard, sequence }
  } catch {
    return undefined
  }
}

function parseTimes({
  from,
  to,
}: {
  readonly from: string | undefined
  readonly to: string | undefined
}): Outcome<Times> {
  const start = parseTime('from', from)
  if (!start.ok) return start
  const end = parseTime('to', to)
  if (!end.ok) return end
  const [first, last] = [start.value, end.value]
  if (first !== undefined && last !== undefined && (last <= first || last - first > LONGEST))
    return refuse({ reason: 'parameter_invalid', name: 'to', why: 'expected at most 400 days after `from`' })
  return done(present({ from: first, until: last }))
}

/** Reads a time. A plus sign in a query is a space: `2026-11-29T10:00:00 00:00` is understood. */
function parseTime(name: string, text: string | undefined): Outcome<Instant | undefined> {
  if (text === undefined) return done(undefined)
  const at = parseTimestamp(text) ?? parseTimestamp(text.replace(/ (\d\d:?\d\d)$/, '+$1'))
  return at === undefined
    ? refuse({ reason: 'parameter_invalid', name, why: 'expected a time in ISO 8601' })
    : done(instant(at))
}

function choice<Name extends string>(
  name: string,
  text: string | undefined,
  names: readonly Name[],
): Outcome<Name | undefined> {
  const found = names.find((one) => one === text)
  return text === undefined || found !== undefined
    ? done(found)
    : refuse({ reason: 'parameter_invalid', name, why: `expected one of ${names.join(', ')}` })
}

/** Reads one or several of these names, with commas between. */
function choices<Name extends string>(
  name: string,
  text: string | undefined,
  names: readonly Name[],
): Outcome<readonly Name[] | undefined> {
  if (text === undefined) return done(undefined)
  const chosen: Name[] = []
  for (const word of text.split(',')) {
    const one = choice(name, word.trim(), names)
    if (!one.ok) return one
    if (one.value !== undefined) chosen.push(one.value)
  }
  return done(chosen)
}
