import { formatTimestampMicros } from '../../timestamps.ts'
import { instant, RESOLVER } from '../../vocabulary.ts'
import type { AuditLine } from '../../vocabulary/audit.ts'
import { csvCell } from '../encoding/csv.ts'
import { DIALECTS } from '../phone/dialect.ts'
import { fnv1a } from '../encoding/fnv1a.ts'
import { integer, listOf, object, oneOf, orNull, type Shape, string } from '../shape.ts'

// Audit lines as the API sends them: privacyIDEA's columns, in its order. Source: golden 22-audit.

export const AUDIT_COLUMNS = [
  'number',
  'action',
  'success',
  'authentication',
  'serial',
  'date',
  'startdate',
  'duration',
  'token_type',
  'user',
  'realm',
  'administrator',
  'action_detail',
  'info',
  'privacyidea_server',
  'client',
  'user_agent',
  'user_agent_version',
  'log_level',
  'policies',
  'clearance_level',
  'sig_check',
  'missing_line',
  'resolver',
  'thread_id',
  'container_serial',
  'container_type',
  // Nod's own; the others are privacyIDEA's.
  'transaction_id',
] as const

type Column = (typeof AUDIT_COLUMNS)[number]
type Item = Readonly<Record<Column, string | number>>

/** A page of audit lines. */
export interface AuditPage {
  readonly lines: readonly AuditLine[]
  /** How many lines match; counts no further than ten thousand. */
  readonly count: number
  readonly more: boolean
  /** Shards that did not answer with all they have: the newest lines may be missing, and theirs are not counted. */
  readonly missingShards: readonly string[]
}

/** The value of `GET /audit/`. */
export function auditPage(
  { lines, count, more, missingShards }: AuditPage,
  page: number,
): Readonly<Record<string, unknown>> {
  return {
    auditdata: lines.map(itemOf),
    auditcolumns: AUDIT_COLUMNS,
    count,
    current: page,
    next: more ? page + 1 : null,
    prev: page > 1 ? page - 1 : null,
    ...(missingShards.length === 0 ? {} : { incomplete: missingShards }),
  }
}

const seconds = (description: string): Shape => ({ type: 'number', description })

const COLUMN: Readonly<Partial<Record<Column, Shape>>> = {
  number: integer('Rises with time'),
  success: oneOf('1: done', 0, 1),
  duration: seconds('Seconds that the request took, or that the login had been going on by then'),
  authentication: oneOf('How a login stood then', '', 'ACCEPT', 'CHALLENGE', 'REJECT', 'DECLINED'),
  date: string('UTC, without a zone'),
}

export const auditPageShape = object(
  {
    auditdata: listOf(
      object(Object.fromEntries(AUDIT_COLUMNS.map((name) => [name, COLUMN[name] ?? { type: 'string' }]))),
    ),
    auditcolumns: listOf({ type: 'string' }, 'The columns in their order'),
    count: integer('Lines there are, those of other pages included'),
    current: integer('This page'),
    next: orNull(integer('The next page')),
    prev: orNull(integer('The page before')),
  },
  {
    incomplete: listOf(
      { type: 'string' },
      'Shards that did not tell what they have not handed over yet: lines may be missing, ask again',
    ),
  },
)

/** The first line of the CSV export: the names of the columns. */
export const auditCsvHeader = `${AUDIT_COLUMNS.map(csvCell).join(',')}\n`

/** One line of the CSV export. */
export function auditCsv(line: AuditLine): string {
  const item = itemOf(line)
  return `${AUDIT_COLUMNS.map((column) => csvCell(item[column])).join(',')}\n`
}

function itemOf(line: AuditLine): Item {
  const [, agent = '', version = ''] = /^([^ /]*)(?:\/([^ ]*))?/.exec(line.userAgent) ?? []
  return {
    number: numberOf(line),
    action: line.action,
    success: line.success ? 1 : 0,
    authentication: line.authentication,
    serial: line.serial,
    date: formatTimestampMicros(line.at),
    startdate: formatTimestampMicros(instant(line.at - line.duration)),
    duration: line.duration / 1000,
    token_type: typeOf(line.serial),
    user: line.user,
    realm: line.realm,
    administrator: line.administrator,
    action_detail: line.detail,
    info: line.info,
    privacyidea_server: line.shard,
    client: line.address,
    user_agent: agent,
    user_agent_version: version,
    log_level: 'default',
    policies: line.policies,
    clearance_level: 'default',
    sig_check: '',
    missing_line: '',
    resolver: line.user === '' ? '' : RESOLVER,
    thread_id: '',
    container_serial: '',
    container_type: '',
    transaction_id: line.transaction,
  }
}

/** The token's type by the prefix of its serial, because the record does not hold the type. */
function typeOf(serial: string): string {
  const dialect = Object.values(DIALECTS).find(({ serialPrefix }) => serial.startsWith(serialPrefix))
  return serial === '' ? '' : (dialect?.type ?? 'push')
}

/** 2020. Numbers count from here, so that there is room for the lines of one millisecond below 2^53, until 2054. */
const FIRST_AT = 1_577_836_800_000
const IN_ONE_MILLISECOND = 8192

/** A number that grows with time and stays with its line. Among lines of one millisecond a hash of the record decides; those of one
 *  record never have the same. */
const numberOf = ({ at, record, step }: AuditLine): number =>
  (at - FIRST_AT) * IN_ONE_MILLISECOND + ((fnv1a(record) + step) % IN_ONE_MILLISECOND)
