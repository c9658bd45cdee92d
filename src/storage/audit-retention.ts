/** Old records of the audit: read for the archive, and deleted. Deleted rows are billed as written ones. */
import type { ArchivedPart, AuditRetention, OldRecords } from '../ports/audit-retention.ts'
import type { RawRow } from '../ports/audit.ts'
import { present } from '../present.ts'
import { done } from '../refusal.ts'
import { dayName, endOfDay, startOfDay } from '../timestamps.ts'
import { type Instant, instant, seconds } from '../vocabulary.ts'
import { WITH_SHARDS } from './audit-chain.ts'
import { rowsOf, type RunQuery } from './run-query.ts'

/** The time limit of one statement. No caller waits for it. */
const LIMIT = seconds(20)

/** `?1`: JSON of [at, shard, sequence, mark] of each record. An erased field changes the salt; a record from before the chain has
 *  none, and is told by its login. */
const UNCHANGED = `SELECT count(*) FROM json_each(?1) AS key JOIN audit
  ON audit.at = key.value ->> 0 AND audit.shard = key.value ->> 1 AND audit.sequence = key.value ->> 2
  WHERE coalesce(audit.salt, '') || coalesce(audit.login, '') = key.value ->> 3`

const keysOf = (records: OldRecords['records']): string =>
  JSON.stringify(
    records.map(({ at, shard, sequence, salt, login }) => [at, shard, sequence, `${salt ?? ''}${login ?? ''}`]),
  )

const DELETED_BEFORE = 'UPDATE audit_retention SET deleted_before = ?1 WHERE deleted_before < ?1'

/** The least and greatest position in the chain of each shard's records: JSON of [shard, least, greatest]. */
function positionsOf(records: OldRecords['records']): string {
  const ranges = new Map<string, [number, number]>()
  for (const { shard, number, sequence } of records) {
    const position = Number(number ?? sequence)
    const [least, greatest] = ranges.get(String(shard)) ?? [position, position]
    ranges.set(String(shard), [Math.min(least, position), Math.max(greatest, position)])
  }
  return JSON.stringify([...ranges].map(([shard, range]) => [shard, ...range]))
}

/** Selects the links that hold records at these positions. Links are in the order of their records, and links of deleted records
 *  are deleted, so this reads few other rows. */
const LINKS = `SELECT link.* FROM json_each(?1) AS range JOIN audit_chain AS link ON link.shard = range.value ->> 0
  WHERE link.last >= range.value ->> 1 AND link.number < coalesce((
    SELECT next.number FROM audit_chain AS next WHERE next.shard = range.value ->> 0 AND next.first > range.value ->> 2
    ORDER BY next.number LIMIT 1), 9e18)
  ORDER BY link.shard, link.number`

/** Selects of each shard's chain the links whose records are all old, but never the last link. */
const OLD_LINKS = `${WITH_SHARDS}
  SELECT link.shard, link.number FROM shards JOIN audit_chain AS link ON link.shard = shards.shard
  WHERE link.number < (
    SELECT coalesce((SELECT number FROM audit_chain WHERE shard = shards.shard AND newest >= ?1 ORDER BY number LIMIT 1),
      (SELECT max(number) FROM audit_chain WHERE shard = shards.shard)))
  LIMIT ?2`

type PartRow = Omit<ArchivedPart, 'archivedAt'> & { readonly archived_at: Instant }

const partOf = ({ archived_at: archivedAt, ...row }: PartRow): ArchivedPart => ({ ...row, archivedAt })

interface StatusRow {
  readonly ran_at: Instant | null
  readonly failed_since: Instant | null
  readonly failure: string | null
  readonly oldest: Instant | null
  readonly deleted_before: Instant
  readonly parts: number
}

export const auditRetention = (runQuery: RunQuery): Omit<AuditRetention, 'shortenable' | 'recordShortened'> => ({
  async status() {
    const outcome = await runQuery('audit retention', (db) =>
      db
        .prepare(
          `SELECT ran_at, failed_since, failure, deleted_before, (SELECT min(at) FROM audit) AS oldest,
             EXISTS (SELECT 1 FROM audit_parts) AS parts FROM audit_retention`,
        )
        .first<StatusRow>(),
    )
    if (!outcome.ok) return outcome
    const row = outcome.value
    return done({
      ...present({
        ranAt: row?.ran_at ?? undefined,
        failedSince: row?.failed_since ?? undefined,
        failure: row?.failure ?? undefined,
        oldest: row?.oldest ?? undefined,
      }),
      deletedBefore: row?.deleted_before ?? instant(0),
      hasParts: row?.parts === 1,
    })
  },

  async oldRecords(before, limit) {
    const oldest = await runQuery('oldest audit record', (db) =>
      db.prepare('SELECT min(at) AS at FROM audit').first<{ at: number | null }>(),
    )
    if (!oldest.ok) return oldest
    const at = oldest.value?.at ?? before
    if (at >= before) return done(undefined)
    const [day, from, to] = [dayName(instant(at)), startOfDay(instant(at)), endOfDay(instant(at))]
    const read = await runQuery(
      'old audit records',
      (db) =>
        db.batch([
          // All columns, also those of a later migration: what is not archived here is lost.
          db
            .prepare('SELECT * FROM audit WHERE at >= ? AND at < ? ORDER BY at, shard, sequence LIMIT ?')
            .bind(from, Math.min(to, before), limit),
          db.prepare('SELECT coalesce(max(part), 0) + 1 AS part FROM audit_parts WHERE day = ?').bind(day),
          db.prepare('SELECT * FROM audit_heads WHERE at >= ? AND at < ?').bind(from, to),
        ]),
      LIMIT,
    )
    if (!read.ok) return read
    const [records, parts, heads] = read.value
    const rows = rowsOf<RawRow>(records)
    const links = await runQuery(
      'links of old audit records',
      (db) => db.prepare(LINKS).bind(positionsOf(rows)).all<RawRow>(),
      LIMIT,
    )
    if (!links.ok) return links
    const part = rowsOf<{ part: number }>(parts)[0]?.part ?? 1
    return done({ day, part, records: rows, links: links.value.results, heads: rowsOf<RawRow>(heads) })
  },

  async deleteArchived(records, { day, part, first, last, bytes, sha256, archivedAt }) {
    const keys = keysOf(records)
    const outcome = await runQuery(
      'delete archived audit records',
      (db) =>
        db.batch([
          // First, because in a full database nothing is inserted before something is deleted.
          db
            .prepare(
              `DELETE FROM audit WHERE (at, shard, sequence) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1))
               AND (${UNCHANGED}) = ?2`,
            )
            .bind(keys, records.length),
          db
            .prepare(
              `INSERT INTO audit_parts (day, part, records, first, last, bytes, sha256, archived_at)
               SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE changes() = ?3 RETURNING part`,
            )
            .bind(day, part, records.length, first, last, bytes, sha256, archivedAt),
          db.prepare(DELETED_BEFORE).bind(endOfDay(first)),
        ]),
      LIMIT,
    )
    return outcome.ok ? done(rowsOf(outcome.value[1]).length > 0) : outcome
  },

  async deleteRecords(before, limit) {
    const outcome = await runQuery(
      'delete audit records',
      (db) =>
        db.batch([
          db
            .prepare(
              `DELETE FROM audit WHERE (at, shard, sequence) IN (
                 SELECT at, shard, sequence FROM audit WHERE at < ? ORDER BY at, shard, sequence LIMIT ?)`,
            )
            .bind(before, limit),
          db.prepare(DELETED_BEFORE).bind(before),
        ]),
      LIMIT,
    )
    return outcome.ok ? done(outcome.value[0]?.meta.changes ?? 0) : outcome
  },

  async deleteLinks(before, limit) {
    const outcome = await runQuery(
      'delete audit links',
      (db) => db.prepare(`DELETE FROM audit_chain WHERE (shard, number) IN (${OLD_LINKS})`).bind(before, limit).run(),
      LIMIT,
    )
    return outcome.ok ? done(outcome.value.meta.changes) : outcome
  },

  async parts({ day, part }, limit) {
    const outcome = await runQuery('audit parts', (db) =>
      db
        .prepare(
          `SELECT day, part, records, first, last, bytes, sha256, archived_at FROM audit_parts
           WHERE (day, part) > (?, ?) ORDER BY day, part LIMIT ?`,
        )
        .bind(day, part, limit)
        .all<PartRow>(),
    )
    return outcome.ok ? done(outcome.value.results.map(partOf)) : outcome
  },

  async replacePart({ day, part }, { bytes, sha256 }) {
    const outcome = await runQuery('replace audit part', (db) =>
      db
        .prepare('UPDATE audit_parts SET bytes = ?, sha256 = ? WHERE day = ? AND part = ?')
        .bind(bytes, sha256, day, part)
        .run(),
    )
    return outcome.ok ? done(undefined) : outcome
  },

  async recordRun(at, failure) {
    const outcome = await runQuery('audit retention run', (db) =>
      db
        .prepare(
          `UPDATE audit_retention SET ran_at = ?1, failure = ?2,
             failed_since = iif(?2 IS NULL, NULL, coalesce(failed_since, ?1))`,
        )
        .bind(at, failure ?? null)
        .run(),
    )
    return outcome.ok ? done(undefined) : outcome
  },
})
