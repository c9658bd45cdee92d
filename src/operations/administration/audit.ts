import type { AuditQuery } from '../../ports/audit.ts'
import type { PendingAuditQuery } from '../../ports/transactions-object.ts'
import type { Ports } from '../../ports/ports.ts'
import type { AuditPage } from '../../protocol/administration/audit-line.ts'
import type { AuditRequest } from '../../protocol/administration/audit-request.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { compareLines } from '../../rules/login/audit.ts'
import { type Instant, instant, seconds } from '../../vocabulary.ts'
import type { AuditFilter, AuditLine } from '../../vocabulary/audit.ts'
import { authorizeOwnerRight, type Credential, type OwnerAuthorization } from '../access/identify.ts'
import { askShards } from './ask-shards.ts'

/** How long a shard may take to answer with what D1 does not have yet: a distant one may have to wake first. */
const SHARD_WAIT = seconds(3)
/** Matching lines are counted up to here. */
const COUNT_LIMIT = 10_000
/** The most lines of an export, and how many are read at a time. */
const EXPORT_LIMIT = 100_000
const CHUNK = 1000

/**
 * Lists a page of the audit. It asks the shards first, then D1 for records the shards did not return, so a record on its way from a
 * shard to D1 appears once. A shard that does not answer is named in the page, because an administrator must not have to wait until
 * every region can be reached.
 * Refuses: as `authorizeOwnerRight`; `parameter_invalid`, `storage_unavailable`.
 */
export async function listAudit(
  ports: Ports,
  credential: Credential,
  request: AuditRequest,
): Promise<Outcome<AuditPage>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'auditlog')
  if (!authorized.ok) return authorized
  const { order, page, pageSize } = request
  const permitted = filterOf(request, authorized.value, ports.now())
  if (!permitted.ok) return permitted
  const filter = permitted.value
  const before = (page - 1) * pageSize
  // A line on this page or before it has fewer lines than this before it in its own shard.
  const pending = await pendingLines(ports, { filter, order, most: before + pageSize + 1 })
  const { except, missingShards } = pending
  // Of the lines before this page, only those of the shards are not in D1.
  const offset = Math.max(0, before - pending.count)
  const [stored, counted] = await Promise.all([
    ports.audit.lines({ filter, order, offset, limit: before - offset + pageSize + 1, except }),
    ports.audit.count({ filter, except }, COUNT_LIMIT),
  ])
  if (!stored.ok) return stored
  if (!counted.ok) return counted
  const lines = merged(pending.lines, stored.value, order).slice(before - offset, before - offset + pageSize + 1)
  const shown = lines.slice(0, pageSize)
  const count = Math.max(Math.min(counted.value + pending.count, COUNT_LIMIT), before + lines.length)
  return done({ lines: shown, count, more: lines.length > pageSize, missingShards })
}

/** Exports all matching lines in order of time, reading them while they are sent. If D1 fails after the first chunk, the export ends
 *  there with an error. Refuses: as `listAudit`; `audit_incomplete` when a shard does not answer, because a file would not show that
 *  lines are missing. */
export async function exportAudit(
  ports: Ports,
  credential: Credential,
  request: AuditRequest,
): Promise<Outcome<AsyncGenerator<readonly AuditLine[]>>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'auditlog_download')
  if (!authorized.ok) return authorized
  const permitted = filterOf(request, authorized.value, ports.now())
  if (!permitted.ok) return permitted
  const order = { field: 'at', ascending: request.order.ascending } as const
  const filter = permitted.value
  const { lines: pending, except, missingShards } = await pendingLines(ports, { filter, order, most: EXPORT_LIMIT })
  if (missingShards.length > 0) return refuse({ reason: 'audit_incomplete', shards: missingShards })
  const query = { filter, order, offset: 0, limit: CHUNK, except }
  const first = await ports.audit.lines(query)
  return first.ok ? done(exported(ports, query, pending, first.value)) : first
}

async function* exported(
  { audit }: Pick<Ports, 'audit'>,
  query: AuditQuery,
  pending: readonly AuditLine[],
  first: readonly AuditLine[],
): AsyncGenerator<readonly AuditLine[]> {
  const compare = compareLines(query.order)
  let waiting = pending
  let chunk = first
  for (let sent = 0; sent < EXPORT_LIMIT; sent += chunk.length) {
    const last = chunk.at(-1)
    if (last === undefined || chunk.length < CHUNK) return yield merged(waiting, chunk, query.order)
    const here = waiting.filter((line) => compare(line, last) <= 0)
    yield merged(here, chunk, query.order)
    waiting = waiting.slice(here.length)
    const next = await audit.lines({ ...query, after: last })
    if (!next.ok) throw new Error('the audit could not be read to its end')
    chunk = next.value
  }
}

/** The filter of the request, limited to what the caller may read. Refuses: `right_missing` when that is nothing. */
function filterOf(
  { conditions, maxAge, since, until }: AuditRequest,
  authorized: OwnerAuthorization,
  now: Instant,
): Outcome<AuditFilter> {
  const owners = ownersOf(authorized)
  if (!owners.ok) return owners
  const oldest = maxAge === undefined ? undefined : instant(now - maxAge * 1000)
  const earliest = since === undefined || (oldest !== undefined && oldest > since) ? oldest : since
  return done({ conditions, since: earliest, until, owners: owners.value })
}

/** The owners whose lines the caller may read; undefined: all lines. Refuses: `right_missing`. */
function ownersOf({ user, authorizeFor, visibleRealms }: OwnerAuthorization): Outcome<AuditFilter['owners']> {
  if (user !== undefined) {
    const permitted = authorizeFor(user)
    return permitted.ok ? done([user]) : permitted
  }
  const realms = visibleRealms()
  return realms.ok ? done(realms.value?.map((realm) => ({ realm }))) : realms
}

/** The first lines that shards have and D1 may not, in order, with their number and their records. A shard that does not answer with
 *  all of them is named. */
async function pendingLines(ports: Ports, query: PendingAuditQuery) {
  const answers = await askShards(ports, (shard) => shard.pendingAudit(query), SHARD_WAIT)
  const pending = answers.flatMap(({ value }) => value ?? [])
  return {
    lines: pending.flatMap(({ lines }) => lines).toSorted(compareLines(query.order)),
    count: pending.reduce((sum, { count }) => sum + count, 0),
    except: pending.flatMap(({ records }) => records),
    missingShards: answers.flatMap(({ name, value }) => (value?.whole === true ? [] : [name])),
  }
}

const merged = (
  pending: readonly AuditLine[],
  stored: readonly AuditLine[],
  order: AuditQuery['order'],
): readonly AuditLine[] => [...pending, ...stored].toSorted(compareLines(order))
