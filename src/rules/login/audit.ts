/** The lines of an audit record, and which lines match a filter. */
import type {
  AuditCondition,
  AuditField,
  AuditFilter,
  AuditLine,
  AuditOrder,
  AuditRecord,
  AuditStep,
} from '../../vocabulary/audit.ts'
import { wildcardMatcher } from '../deployment/wildcard.ts'

/** Lists the lines of a record in the order of its steps. Without a sequence number, the record is that of an open login.
 *  `storage/audit-lines.ts` does the same in SQL. */
export function linesOf(record: AuditRecord, shard: string, sequence?: number): readonly AuditLine[] {
  const { transaction = '', service = '', serial = '', address = '', userAgent = '' } = record
  const from = service === '' ? '' : `, service: ${service}`
  const common = {
    shard,
    user: record.owner?.login ?? '',
    realm: record.owner?.realm ?? '',
    administrator: record.administrator ?? '',
    detail: transaction === '' ? '' : `transaction_id: ${transaction}${from}`,
    transaction,
    service,
    policies: record.policies ?? '',
  }
  if (record.steps === undefined) {
    const { at, action, success, authentication, info = '', count } = record
    const text = count === undefined ? info : `${info} (${count} times)`
    const line = {
      at,
      action,
      success,
      authentication,
      serial,
      address,
      userAgent,
      info: text,
      duration: record.duration ?? 0,
    }
    return [{ ...common, ...line, record: `${shard}/${sequence}`, step: 0 }]
  }
  return record.steps.flatMap((step, index) =>
    step.action === undefined
      ? []
      : {
          ...common,
          record: transaction,
          step: index,
          at: step.at,
          duration: step.at - (record.steps?.[0]?.at ?? step.at),
          action: step.action,
          success: step.success === true,
          authentication: step.authentication ?? '',
          serial: step.serial ?? serial,
          detail: `transaction_id: ${transaction}${answerDetail(step)}${from}`,
          info: step.info ?? '',
          address: step.address ?? address,
          userAgent: step.userAgent ?? userAgent,
        },
  )
}

/** What a phone answered, in privacyIDEA's words; empty for any other step. Source: golden 22-audit. */
function answerDetail(step: AuditStep): string {
  switch (step.kind) {
    case 'accepted':
      return ', status: accept'
    case 'confirmed':
      return ', status: confirmed'
    case 'declined': {
      const status = step.reason === 'cancelled' ? 'cancelled' : 'declined'
      return `, status: ${status}${step.reason === undefined ? '' : `, reason: ${step.reason}`}`
    }
    default:
      return ''
  }
}

/** The value of a field that filters and sorting compare. */
function textOf(line: AuditLine, field: AuditField): string {
  if (field === 'success') return line.success ? '1' : '0'
  if (field === 'client') return line.userAgent.split(/[ /]/, 1)[0] ?? ''
  return line[field]
}

export function matches(line: AuditLine, filter: AuditFilter): boolean {
  if (filter.since !== undefined && line.at < filter.since) return false
  if (filter.until !== undefined && line.at >= filter.until) return false
  if (filter.owners?.some(({ realm, login = line.user }) => realm === line.realm && login === line.user) === false)
    return false
  return filter.conditions.every((condition) => holds(line, condition))
}

const holds = (line: AuditLine, { field, pattern, negated }: AuditCondition): boolean =>
  wildcardMatcher(lower(pattern))(lower(textOf(line, field))) !== negated

/** Lower case as in SQLite: only the letters of ASCII change. */
const lower = (text: string): string => text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())

const compare = <T extends string | number>(one: T, other: T): number => (one < other ? -1 : one > other ? 1 : 0)

/** Compares lines by a field, then by time, then by record and step, so that the order is always the same. */
export const compareLines =
  ({ field, ascending }: AuditOrder) =>
  (one: AuditLine, other: AuditLine): number => {
    const order =
      (field === 'at' ? 0 : compare(textOf(one, field), textOf(other, field))) ||
      compare(one.at, other.at) ||
      compare(one.record, other.record) ||
      compare(one.step, other.step)
    return ascending ? order : -order
  }
