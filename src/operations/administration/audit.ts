import { withTimeLimit } from '../../deadline.ts'
import { present } from '../../present.ts'
import type { AuditQuery } from '../../ports/audit.ts'
import type { PendingAuditQuery } from '../../ports/objects.ts'
import type { Ports } from '../../ports/ports.ts'
import type { AuditRequest } from '../../protocol/administration/audit-request.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { compareLines } from '../../rules/login/audit.ts'
import type { Instant } from '../../vocabulary.ts'
import { instant, seconds } from '../../vocabulary.ts'
import type { AuditFilter, AuditLine } from '../../vocabulary/audit.ts'
import type { Credential } from '../access/identify.ts'
import type { OwnerAuthorization } from '../access/identify.ts'
import { authorizeOwnerRight } from '../access/identify.ts'

/** How long a shard may take to tell what the catalogue does not have yet: one far away may have to wake first. */
const PATIENCE = seconds(3)
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
  /** Shards that did not tell all they have: the newest lines may be missing, and what they hold is not counted. */
  readonly unheard: readonly string[]
}

/**
 * A page of what happened. The shards are asked first and the catalogue then, for records that they have not told of: so a
 * record on its way from one to the other is met once. A shard that is not heard is named: what it holds is missing for a
 * while, and whoever looks for a reason must not wait until all the world can be reached.
 * Refuses: who may not read it; `parameter_invalid`; `storage_unavailable`.
 */
export async function listAudit(ports: Ports, credential: Credential, asked: AuditRequest): Promise<Outcome<Page>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'auditlog')
  if (!authorized.ok) return authorized
  const { order, page, pageSize } = asked
  const readable = filterOf(asked, authorized.value, ports.now())
  if (!readable.ok) return readable
  const filter = readable.value
  const before = (page - 1) * pageSize
  // No line that is on this page or before it stands behind that many others of its shard.
  const unsettled = await unsettledLines(ports, { filter, order, most: before + pageSize + 1 })
  const { except, unheard } = unsettled
  // Of the lines before this page at most those of the shards are not the catalogue's.
  const offset = Math.max(0, before - unsettled.count)
  const [settled, counted] = await Promise.all([
    ports.audit.lines({ filter, order, offset, limit: before - offset + pageSize + 1, except }),
    ports.audit.count({ filter, except }, COUNTED),
  ])
  if (!settled.ok) return settled
  if (!counted.ok) return counted
  const lines = merged(unsettled.lines, settled.value, order).slice(before - offset, before - offset + pageSize + 1)
  const shown = lines.slice(0, pageSize)
  const count = Math.max(Math.min(counted.value + unsettled.count, COUNTED), before + lines.length)
  return done({ lines: shown, count, more: lines.length > pageSize, unheard })
}

/** All lines the filter means, by time: read while they are written out. The first of them decide whether there is a
 *  refusal; where the catalogue fails later, the export ends there with an error. Refuses: as `listAudit`;
 *  `audit_incomplete`, since nobody can tell by a file that lines are missing in it. */
export async function exportAudit(
  ports: Ports,
  credential: Credential,
  asked: AuditRequest,
): Promise<Outcome<AsyncGenerator<readonly AuditLine[]>>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'auditlog_download')
  if (!authorized.ok) return authorized
  const readable = filterOf(asked, authorized.value, ports.now())
  if (!readable.ok) return readable
  const order = { by: 'at', ascending: asked.order.ascending } as const
  const filter = readable.value
  const { lines: unsettled, except, unheard } = await unsettledLines(ports, { filter, order, most: EXPORTED })
  if (unheard.length > 0) return refuse({ reason: 'audit_incomplete', shards: unheard })
  const query = { filter, order, offset: 0, limit: CHUNK, except }
  const first = await ports.audit.lines(query)
  return first.ok ? done(exported(ports, query, unsettled, first.value)) : first
}

async function* exported(
  { audit }: Pick<Ports, 'audit'>,
  query: AuditQuery,
  unsettled: readonly AuditLine[],
  first: readonly AuditLine[],
): AsyncGenerator<readonly AuditLine[]> {
  const compare = compareLines(query.order)
  let waiting = unsettled
  let chunk = first
  for (let told = 0; told < EXPORTED; told += chunk.length) {
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

/** What is asked for, of what this caller may read. Refuses: `right_missing` where that is nothing. */
function filterOf(
  { conditions, maxAge: lately, since, until }: AuditRequest,
  reach: OwnerAuthorization,
  now: Instant,
): Outcome<AuditFilter> {
  const owners = ownersIn(reach)
  if (!owners.ok) return owners
  const limit = lately === undefined ? undefined : instant(now - lately * 1000)
  const earliest = since === undefined || (limit !== undefined && limit > since) ? limit : since
  return done({ conditions, ...present({ since: earliest, until, owners: owners.value }) })
}

function ownersIn({
  user,
  authorizeFor: over,
  visibleRealms: listed,
}: OwnerAuthorization): Outcome<AuditFilter['owners']> {
  if (user !== undefined) {
    const may = over(user)
    return may.ok ? done([user]) : may
  }
  const realms = listed()
  return realms.ok ? done(realms.value?.map((realm) => ({ realm }))) : realms
}

/** What the shards know and the catalogue may not: the first lines, in order, how many there are, and of which records. One
 *  that does not tell all that is wanted is named. */
async function unsettledLines({ transactions, log }: Ports, query: PendingAuditQuery) {
  const heard = await Promise.all(
    transactions.shards().map(async (shard) => {
      const name = `${shard.region}/${shard.number}`
      try {
        const told = await withTimeLimit(transactions.inShard(shard).unsettledPage(query), PATIENCE)
        if (told === 'late') throw new Error('too late')
        return { ...told, unheard: told.whole ? [] : [name] }
      } catch (error) {
        log('audit_shard_unheard', { shard: name, error: String(error) })
        return { lines: [], count: 0, records: [], unheard: [name] }
      }
    }),
  )
  return {
    lines: heard.flatMap(({ lines }) => lines).toSorted(compareLines(query.order)),
    count: heard.reduce((sum, { count }) => sum + count, 0),
    except: heard.flatMap(({ records }) => records),
    unheard: heard.flatMap(({ unheard }) => unheard),
  }
}

const merged = (
  unsettled: readonly AuditLine[],
  settled: readonly AuditLine[],
  order: AuditQuery['order'],
): readonly AuditLine[] => [...unsettled, ...settled].toSorted(compareLines(order))
