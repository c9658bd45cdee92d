/** How many audit records strangers can cause. No clock, no storage. */
import { present } from '../../present.ts'
import { addSeconds, instant, type Instant, type Owner, seconds } from '../../vocabulary.ts'
import type { AuditRecord } from '../../vocabulary/audit.ts'
import { isSameOwner } from '../token/token.ts'

/** How long requests beyond the budget are counted before each count becomes one record. */
const COUNT_INTERVAL = seconds(900)
/** How many kinds have a count of their own; all further kinds share one. */
const MAX_KINDS = 9
const OTHER_KINDS = '*'
const SEVERAL = 'several'
/** A shard of a region with many shards has at least this budget, in records an hour, so that it can write its counts. */
const LEAST_OF_A_SHARD = 10
const HOUR_MS = 3_600_000

/** What a shard knows of its budget. It is stored, so that a restart does not refill it. */
export interface StrangerBudget {
  /** How many records may be written at once. */
  readonly tokens: number
  /** When `tokens` was last refilled. */
  readonly at: Instant
  /** Requests beyond the budget, by kind. The record has what they have in common, and their number. */
  readonly counted: Readonly<Record<string, { readonly since: Instant; readonly record: AuditRecord }>>
}

/** The budget of one of a region's shards, in records an hour. */
export const hourlyBudget = (ofRegion: number, shards: number): number =>
  Math.max(LEAST_OF_A_SHARD, Math.ceil(ofRegion / shards))

export const fullBudget = (hourly: number, now: Instant): StrangerBudget => ({ tokens: hourly, at: now, counted: {} })

/** Decides whether the record is written to the audit or only counted. Counts that are due are written before it. */
export function admitRecord(
  before: StrangerBudget,
  record: AuditRecord,
  kind: string,
  hourly: number,
  now: Instant,
): { readonly budget: StrangerBudget; readonly isListed: boolean } {
  const budget = refill(before, hourly, now)
  const due = countsDueAt(budget)
  if (budget.tokens >= 1 && (due === undefined || now < due))
    return { budget: { ...budget, tokens: budget.tokens - 1 }, isListed: true }
  const { counted } = budget
  const key = kind in counted || Object.keys(counted).length < MAX_KINDS ? kind : OTHER_KINDS
  const sum = counted[key]
  const next = {
    since: sum?.since ?? now,
    record: sum === undefined ? { ...record, count: 1 } : add(sum.record, record),
  }
  return { budget: { ...budget, counted: { ...counted, [key]: next } }, isListed: false }
}

/** Returns the counts that are due and that the budget has room for, the oldest first, and the budget without them. */
export function takeCounts(
  before: StrangerBudget,
  hourly: number,
  now: Instant,
): { readonly budget: StrangerBudget; readonly records: readonly AuditRecord[] } {
  const budget = refill(before, hourly, now)
  const due = Object.entries(budget.counted)
    .filter(([, { since }]) => now >= addSeconds(since, COUNT_INTERVAL))
    .toSorted(([, one], [, other]) => one.since - other.since)
    .slice(0, Math.floor(budget.tokens))
  if (due.length === 0) return { budget: before, records: [] }
  const written = new Set(due.map(([kind]) => kind))
  const counted = Object.fromEntries(Object.entries(budget.counted).filter(([kind]) => !written.has(kind)))
  const records = due.map(([, { record }]) => ({ ...record, at: now }))
  return { budget: { ...budget, tokens: budget.tokens - due.length, counted }, records }
}

/** When the next count is to be written and the budget has room for it; undefined: nothing is counted. */
export function nextCountAt({ tokens, at, counted }: StrangerBudget, hourly: number): Instant | undefined {
  const due = countsDueAt({ counted })
  const hasRoom = tokens >= 1 ? at : instant(Math.ceil(at + ((1 - tokens) / hourly) * HOUR_MS))
  return due === undefined ? undefined : instant(Math.max(due, hasRoom))
}

/** Refills the budget for the time since the last refill, up to the budget of one hour. A clock that goes back adds nothing. */
function refill(budget: StrangerBudget, hourly: number, now: Instant): StrangerBudget {
  const accrued = (Math.max(0, now - budget.at) / HOUR_MS) * hourly
  return { ...budget, tokens: Math.min(hourly, budget.tokens + accrued), at: now }
}

const countsDueAt = ({ counted }: Pick<StrangerBudget, 'counted'>): Instant | undefined => {
  const begun = Object.values(counted).map(({ since }) => since)
  return begun.length === 0 ? undefined : addSeconds(instant(Math.min(...begun)), COUNT_INTERVAL)
}

/** Adds a request to a count. What the count says of users, tokens and callers is true of every request in it. */
function add(sum: AuditRecord, record: AuditRecord): AuditRecord {
  const common = <Key extends 'serial' | 'transaction' | 'administrator' | 'service' | 'address' | 'userAgent'>(
    key: Key,
  ): AuditRecord[Key] => (sum[key] === record[key] ? sum[key] : undefined)
  return {
    at: record.at,
    action: sum.action === record.action ? sum.action : SEVERAL,
    success: sum.success && record.success,
    authentication: sum.authentication === record.authentication ? sum.authentication : '',
    info: sum.info === record.info ? sum.info : SEVERAL,
    stranger: true,
    count: (sum.count ?? 1) + 1,
    ...present({
      serial: common('serial'),
      transaction: common('transaction'),
      owner: isSameOwner(sum.owner, record.owner) ? sum.owner : undefined,
      administrator: common('administrator'),
      service: common('service'),
      address: common('address'),
      userAgent: common('userAgent'),
    }),
  }
}

/** Returns the record without the fields that name this user. A record about somebody else stays as it is. */
export function withoutUser(record: AuditRecord, owner: Owner): AuditRecord {
  if (!isSameOwner(record.owner, owner)) return record
  const { owner: _, serial: __, address: ___, userAgent: ____, ...rest } = record
  return { ...rest, info: SEVERAL }
}

/** Returns the budget without the fields of its counts that name this user. */
export const withoutUserInCounts = (budget: StrangerBudget, owner: Owner): StrangerBudget => ({
  ...budget,
  counted: Object.fromEntries(
    Object.entries(budget.counted).map(([kind, sum]) => [kind, { ...sum, record: withoutUser(sum.record, owner) }]),
  ),
})
