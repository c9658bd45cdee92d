import { present } from '../present.ts'
import type { AuditQuery } from '../ports/catalogue.ts'
import type { TransactionsObject, UnsettledQuery } from '../ports/objects.ts'
import type { Ports } from '../ports/ports.ts'
import type { AuditRequest } from '../protocol/audit-request.ts'
import type { Outcome } from '../refusal.ts'
import { done } from '../refusal.ts'
import { inOrder } from '../rules/audit.ts'
import type { Instant } from '../vocabulary.ts'
import { instant } from '../vocabulary.ts'
import type { AuditFilter, AuditLine } from '../vocabulary/audit.ts'
import type { Credential } from './identify.ts'
import type { Reach } from './identify.ts'
import { authorizeOver } from './identify.ts'

/** How long a shard may take to tell what the catalogue does not know yet; one that takes longer is left out. */
const PATIENCE_MS = 1000
/** Lines a shard tells at most. */
const UNSETTLED = 2000
/** Lines are counted so far and no further. */
const COUNTED = 10_000
/** Lines of an export, at most, and read at a time. */
const EXPORTED = 100_000
const CHUNK = 1000

interface Page {
  readonly lines: readonly AuditLine[]
  /** Of all that the filter means; past ten thousand, only that there are so many. */
  readonly count: number
  readonly more: boolean
}

/**
 * A page of what happened. The shards are asked first and the catalogue then, so that a record on its way from one to the
 * other is met at least once; what is met twice is shown once.
 * Refuses: who may not read it; `parameter_invalid`; `storage_unavailable`.
 */
export async function listAudit(ports: Ports, credential: Credential, asked: AuditRequest): Promise<Outcome<Page>> {
  const authorized = await authorizeOver(ports, credential, 'auditlog')
  if (!authorized.ok) return authorized
  const { order, page, pageSize } = asked
  const readable = filterOf(asked, authorized.value, ports.now())
  if (!readable.ok) return readable
  const filter = readable.value
  const before = (page - 1) * pageSize
  const unsettled = await unsettledLines(ports, { filter, order, most: Math.min(before + pageSize + 1, UNSETTLED) })
  // Of the lines before this page at most those of the shards are not the catalogue's.
  const offset = Math.max(0, before - unsettled.length)
  const [settled, counted] = await Promise.all([
    ports.catalogue.auditLines({ filter, order, offset, limit: before - offset + pageSize + 1 }),
    ports.catalogue.countAudit(filter, COUNTED),
  ])
  if (!settled.ok) return settled
  if (!counted.ok) return counted
  const lines = merged(unsettled, settled.value, asked).slice(before - offset, before - offset + pageSize + 1)
  const shown = lines.slice(0, pageSize)
  const count = Math.max(Math.min(counted.value + unsettled.length, COUNTED), before + lines.length)
  return done({ lines: shown, count, more: lines.length > pageSize })
}

/** All lines the filter means, by time: read while they are written out. The first of them decide whether there is a
 *  refusal; where the catalogue fails later, the export ends there with an error. Refuses: as `listAudit`. */
export async function exportAudit(
  ports: Ports,
  credential: Credential,
  asked: AuditRequest,
): Promise<Outcome<AsyncGenerator<readonly AuditLine[]>>> {
  const authorized = await authorizeOver(ports, credential, 'auditlog_download')
  if (!authorized.ok) return authorized
  const readable = filterOf(asked, authorized.value, ports.now())
  if (!readable.ok) return readable
  const order = { by: 'at', ascending: asked.order.ascending } as const
  const filter = readable.value
  const unsettled = await unsettledLines(ports, { filter, order, most: UNSETTLED })
  const first = await ports.catalogue.auditLines({ filter, order, offset: 0, limit: CHUNK })
  return first.ok ? done(exported(ports, { filter, order, offset: 0, limit: CHUNK }, unsettled, first.value)) : first
}

async function* exported(
  { catalogue }: Pick<Ports, 'catalogue'>,
  query: AuditQuery,
  unsettled: readonly AuditLine[],
  first: readonly AuditLine[],
): AsyncGenerator<readonly AuditLine[]> {
  const compare = inOrder(query.order)
  let waiting = unsettled
  let chunk = first
  for (let told = 0; told < EXPORTED; told += chunk.length) {
    const last = chunk.at(-1)
    if (last === undefined || chunk.length < CHUNK) return yield merged(waiting, chunk, query)
    const here = waiting.filter((line) => compare(line, last) <= 0)
    yield merged(here, chunk, query)
    waiting = waiting.slice(here.length)
    const next = await catalogue.auditLines({ ...query, after: last })
    if (!next.ok) throw new Error('the audit could not be read to its end')
    chunk = next.value
  }
}

/** What is asked for, of what this caller may read. Refuses: `right_missing` where that is nothing. */
function filterOf(
  { conditions, within, since, until }: AuditRequest,
  reach: Reach,
  now: Instant,
): Outcome<AuditFilter> {
  const owners = ownersIn(reach)
  if (!owners.ok) return owners
  const limit = within === undefined ? undefined : instant(now - within * 1000)
  const earliest = since === undefined || (limit !== undefined && limit > since) ? limit : since
  return done({ conditions, ...present({ since: earliest, until, owners: owners.value }) })
}

function ownersIn({ user, over, listed }: Reach): Outcome<AuditFilter['owners']> {
  if (user !== undefined) {
    const may = over(user)
    return may.ok ? done([user]) : may
  }
  const within = listed()
  return within.ok ? done(within.value?.map((realm) => ({ realm }))) : within
}

/** What the shards know and the catalogue may not: their lines, those first in order. */
async function unsettledLines({ transactions, log }: Ports, query: UnsettledQuery): Promise<readonly AuditLine[]> {
  const told = await Promise.all(
    transactions.all().map((shard) =>
      inTime(shard, query).catch((error: unknown) => {
        log('audit_shard_left_out', { error: String(error) })
        return []
      }),
    ),
  )
  return told.flat().toSorted(inOrder(query.order)).slice(0, query.most)
}

async function inTime(shard: TransactionsObject, query: UnsettledQuery): Promise<readonly AuditLine[]> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('too late')), PATIENCE_MS)
  return Promise.race([shard.unsettled(query), late]).finally(() => clearTimeout(timer))
}

/** The lines of both, in order; what has arrived in the catalogue meanwhile is shown once. */
function merged(
  unsettled: readonly AuditLine[],
  settled: readonly AuditLine[],
  { order }: Pick<AuditQuery, 'order'>,
): readonly AuditLine[] {
  const told = new Set(unsettled.map(nameOfLine))
  return [...unsettled, ...settled.filter((line) => !told.has(nameOfLine(line)))].toSorted(inOrder(order))
}

const nameOfLine = ({ record, step }: AuditLine): string => `${record}/${step}`
