/** The chain of a shard's records in the audit: each hand-over adds a link, which holds the hash of each record and of the link
 *  before. Format: docs/audit-format.md. */
import type { ChainHead } from '../ports/audit.ts'
import { type AuditRow, hashOf, recordHash } from './audit-commitments.ts'
import { fragment, type SqlFragment } from './change.ts'

/** A row of the table `audit_chain`. */
export interface ChainLink {
  readonly shard: string
  readonly number: number
  readonly at: number
  readonly first: number
  readonly last: number
  readonly count: number
  readonly oldest: number
  readonly newest: number
  readonly records: string
  readonly previous: string
  readonly lost: string | null
  readonly hash: string
}

export const LINK_COLUMNS = [
  'shard',
  'number',
  'at',
  'first',
  'last',
  'count',
  'oldest',
  'newest',
  'records',
  'previous',
  'lost',
  'hash',
] as const satisfies readonly (keyof ChainLink)[]

/** What precedes the first link. */
export const NO_LINK: ChainHead = { number: 0, hash: '', last: 0 }

/** The position of a record in its shard's chain. */
const positionOf = ({ number, sequence }: Pick<AuditRow, 'number' | 'sequence'>): number => number ?? sequence

/** Makes the link that follows `head`. The records stand in the order of their positions; there is at least one. */
export async function nextLink(
  rows: readonly AuditRow[],
  at: number,
  head: ChainHead,
  lost: ChainHead | undefined,
): Promise<ChainLink> {
  const positions = rows.map(positionOf)
  const times = rows.map((row) => row.at)
  const hashes = await Promise.all(rows.map(recordHash))
  const records = positions.map((position, index) => [position, hashes[index]] as const)
  const link = {
    shard: rows[0]?.shard ?? '',
    number: head.number + 1,
    at,
    first: positions[0] ?? 0,
    last: positions.at(-1) ?? 0,
    count: rows.length,
    oldest: Math.min(...times),
    newest: Math.max(...times),
    previous: head.hash,
    lost: lost === undefined ? null : `${lost.number}.${lost.hash}`,
  }
  const { shard, number, first, last, count, oldest, newest, previous } = link
  const hash = await hashOf([
    'nod-audit-link-1',
    shard,
    number,
    at,
    first,
    last,
    count,
    oldest,
    newest,
    previous,
    link.lost,
    records,
  ])
  return { ...link, records: JSON.stringify(records), hash }
}

/** SQL of the table `shards` with the shard of every chain, and NULL. It steps from shard to shard, because a chain is as long as the
 *  audit. */
export const WITH_SHARDS = `WITH RECURSIVE shards (shard) AS (
    SELECT min(shard) FROM audit_chain
    UNION ALL SELECT (SELECT min(shard) FROM audit_chain WHERE shard > shards.shard) FROM shards WHERE shards.shard IS NOT NULL
  )`

/** The number, hash and last position of a shard's last link; no row before the first. */
export const selectHead = (shard: string): SqlFragment =>
  fragment('SELECT number, hash, last FROM audit_chain WHERE shard = ? ORDER BY number DESC LIMIT 1', shard)

/** Adds the link if the link before it is the shard's last one. So a link that arrives late changes nothing. `counts`: SQL of what its
 *  records add to the counts of logins. */
export const insertLink = (link: ChainLink, counts: SqlFragment): SqlFragment =>
  fragment(
    `INSERT INTO audit_chain (${LINK_COLUMNS.join(', ')}, counts) SELECT ${LINK_COLUMNS.map(() => '?').join(', ')}, ${counts.sql}
     WHERE coalesce((SELECT number || '.' || hash FROM audit_chain WHERE shard = ? ORDER BY number DESC LIMIT 1), '0.') = ?`,
    ...LINK_COLUMNS.map((column) => link[column]),
    ...counts.values,
    link.shard,
    `${link.number - 1}.${link.previous}`,
  )

/** True if the link is there. */
export const hasLink = ({ shard, number, hash }: ChainLink): SqlFragment =>
  fragment('EXISTS (SELECT 1 FROM audit_chain WHERE shard = ? AND number = ? AND hash = ?)', shard, number, hash)
