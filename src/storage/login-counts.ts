/** The counts of logins. They come into the database with the links of the audit's chain (`countNew`), and are added up from there. */
import type { CountedPart, LoginCounts, LoginTotals } from '../ports/login-counts.ts'
import { done } from '../refusal.ts'
import { type Instant, instant, seconds } from '../vocabulary.ts'
import type { Counts, RecordCounts } from '../vocabulary/login-reports.ts'
import { fragment, prepared, type SqlFragment } from './change.ts'
import { addedUp, addToRow, CURSORS, HOUR_MS, linkFacts, NEW_FACTS, PARTS } from './count-facts.ts'
import { addToTotals, readMetrics } from './metric-totals.ts'
import type { RunQuery } from './run-query.ts'

const LIMIT = seconds(10)
const LINKS_AT_ONCE = 200
const DAY_MS = 86_400_000

/** When the hour of this time began. */
export const hourOf = (at: number): number => Math.floor(at / HOUR_MS) * HOUR_MS

/** What a record of the audit adds to the counts, and the record's key. */
export interface CountedRecord extends RecordCounts {
  readonly at: number
  readonly sequence: number
}

const KEY = 'span, at, region, service, mode'
const ADD_TO_ROW = addToRow('login_counts', KEY)

/** SQL of the counts of these records, as a link has them. The audit must not have any of them. */
export function countAll(records: readonly CountedRecord[]): SqlFragment {
  const parts = new Map<string, Record<string, number>>()
  for (const { at, service, mode, counts } of records) {
    const key = JSON.stringify([hourOf(at), service, mode])
    const sums = parts.get(key) ?? {}
    parts.set(key, sums)
    for (const [name, number] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + number
  }
  const counted = [...parts].map(([key, sums]) => [...(JSON.parse(key) as readonly unknown[]), sums])
  return counted.length === 0 ? fragment('NULL') : fragment('?', JSON.stringify(counted))
}

/** SQL of the counts of these records, as a link has them: of those that the audit does not have yet. A record that comes again counts
 *  nothing. It belongs into the transaction that stores the records, before they are stored. It reads a row for each number. */
export function countNew(shard: string, records: readonly CountedRecord[]): SqlFragment {
  if (records.length === 0) return fragment('NULL')
  return fragment(
    `(SELECT nullif(json_group_array(json_array(hour, service, mode, json(counts))), '[]') FROM (
       SELECT hour, service, mode, json_group_object(name, number) AS counts FROM (
         SELECT (row.value ->> 'at') / ${HOUR_MS} * ${HOUR_MS} AS hour, row.value ->> 'service' AS service,
           row.value ->> 'mode' AS mode, one.key AS name, sum(one.value) AS number
         FROM json_each(?) AS row CROSS JOIN json_each(row.value, '$.counts') AS one
         WHERE NOT EXISTS (
           SELECT 1 FROM audit WHERE audit.at = row.value ->> 'at' AND audit.shard = ? AND audit.sequence = row.value ->> 'sequence'
         )
         GROUP BY 1, 2, 3, 4
       ) GROUP BY hour, service, mode
     ))`,
    JSON.stringify(records),
    shard,
  )
}

const OLD_FACTS = `SELECT row.at, row.region, row.service, row.mode, one.key AS name, one.value AS number
  FROM login_counts AS row CROSS JOIN json_each(row.counts) AS one
  WHERE (row.span = 'hour' AND row.at >= ?1 AND row.at < ?2) OR (row.span = 'day' AND row.at >= ?3 AND row.at < ?2)`

// Each number is read once. D1 binds numbers as REAL, and a division by one would not round.
const TOTALS = `${CURSORS}, facts AS MATERIALIZED (
    SELECT at / CAST(?4 AS INTEGER) * CAST(?4 AS INTEGER) AS at, region, service, mode, name, number FROM (
      SELECT * FROM (${OLD_FACTS}) UNION ALL SELECT * FROM (${NEW_FACTS}) WHERE at >= ?1 AND at < ?2
    ) WHERE (?5 IS NULL OR service = ?5) AND (?6 IS NULL OR mode = ?6) AND (?7 IS NULL OR region = ?7)
  )
  SELECT 'total' AS part, '' AS of, name, sum(number) AS number FROM facts GROUP BY name
  UNION ALL SELECT 'period', at, name, sum(number) FROM facts WHERE name LIKE 'outcome/%' GROUP BY at, name
  UNION ALL SELECT 'service', service, name, sum(number) FROM facts GROUP BY service, name
  UNION ALL SELECT 'mode', mode, name, sum(number) FROM facts WHERE name LIKE 'outcome/%' GROUP BY mode, name
  UNION ALL SELECT 'region', region, name, sum(number) FROM facts WHERE ?8 GROUP BY region, name`

interface TotalRow {
  readonly part: 'total' | 'period' | 'service' | 'mode' | 'region'
  readonly of: string | number
  readonly name: string
  readonly number: number
}

export const loginCounts = (runQuery: RunQuery): LoginCounts => ({
  async totals({ from, until, byDay, service, mode, region, withRegions = false }) {
    const hour = hourOf(from)
    const day = Math.floor(from / DAY_MS) * DAY_MS
    const outcome = await runQuery(
      'login counts',
      (db) =>
        db
          .prepare(TOTALS)
          .bind(
            hour,
            until,
            day,
            byDay ? DAY_MS : HOUR_MS,
            service ?? null,
            mode ?? null,
            region ?? null,
            withRegions ? 1 : 0,
          )
          .all<TotalRow>(),
      LIMIT,
    )
    return outcome.ok ? done(totalsOf(outcome.value.results)) : outcome
  },

  metrics: () => readMetrics(runQuery),

  async addUp() {
    const found = await runQuery('uncounted links', (db) =>
      db
        .prepare(
          `${CURSORS} SELECT shard, number, last FROM (
             SELECT shard, number, (SELECT max(number) FROM audit_chain WHERE shard = cursors.shard) AS last FROM cursors
           ) WHERE number <> last LIMIT 2`,
        )
        .all<{ shard: string; number: number; last: number }>(),
    )
    if (!found.ok) return found
    const [next, other] = found.value.results
    if (next === undefined) return done(false)
    const until = Math.min(next.last, next.number + LINKS_AT_ONCE)
    const written = await runQuery(
      'count links',
      (db) => db.batch(addLinks(next.shard, until).map(prepared(db))),
      LIMIT,
    )
    return written.ok ? done(other !== undefined || until < next.last) : written
  },

  async shorten({ hours, days }) {
    const oldest = await runQuery('oldest login counts', (db) =>
      db
        .prepare(`SELECT min(at) AS at FROM login_counts WHERE span = 'hour' AND at < ?`)
        .bind(hours)
        .first<{ at: number | null }>(),
    )
    if (!oldest.ok) return oldest
    const at = oldest.value?.at ?? undefined
    const day = at === undefined ? undefined : Math.floor(at / DAY_MS) * DAY_MS
    const shortened = await runQuery(
      'shorten login counts',
      (db) => db.batch([...(day === undefined ? [] : shortenDay(day)), deleteDays(days)].map(prepared(db))),
      LIMIT,
    )
    return shortened.ok ? done(day !== undefined) : shortened
  },
})

function totalsOf(rows: readonly TotalRow[]): LoginTotals {
  const parts = new Map<string, Map<string | number, Record<string, number>>>()
  for (const { part, of, name, number } of rows) {
    const counted = parts.get(part) ?? new Map<string | number, Record<string, number>>()
    parts.set(part, counted)
    const counts = counted.get(of) ?? {}
    counted.set(of, counts)
    counts[name] = number
  }
  const listed = <Of>(part: TotalRow['part'], read: (of: string | number) => Of): readonly CountedPart<Of>[] =>
    [...(parts.get(part) ?? [])].map(([of, counts]) => ({ of: read(of), counts }))
  const total: Counts = parts.get('total')?.get('') ?? {}
  return {
    total,
    periods: listed('period', (of): Instant => instant(Number(of))).toSorted((one, other) => one.of - other.of),
    services: listed('service', String),
    modes: listed('mode', String),
    regions: listed('region', String),
  }
}

const NEXT_LINKS = linkFacts(
  `${PARTS} WHERE link.shard = ?1 AND link.number <= ?2
     AND link.number > coalesce((SELECT number FROM login_count_cursors WHERE shard = ?1), 0)`,
)

/** Adds up the links behind the cursor, up to this number. The cursor moves in the same transaction, so that a link counts once. If D1 or
 *  somebody has cut the chain, the cursor goes back to its end. */
const addLinks = (shard: string, until: number): readonly SqlFragment[] => [
  fragment(
    `UPDATE login_count_cursors SET number = (SELECT max(number) FROM audit_chain WHERE shard = ?1)
     WHERE shard = ?1 AND number > (SELECT max(number) FROM audit_chain WHERE shard = ?1)`,
    shard,
  ),
  fragment(
    `INSERT INTO login_counts (${KEY}, counts)
     SELECT 'hour', at, region, service, mode, counts FROM (${addedUp(NEXT_LINKS)}) WHERE true ${ADD_TO_ROW}`,
    shard,
    until,
  ),
  addToTotals(NEXT_LINKS, shard, until),
  fragment(
    `INSERT INTO login_count_cursors (shard, number) VALUES (?, ?)
     ON CONFLICT (shard) DO UPDATE SET number = max(number, excluded.number)`,
    shard,
    until,
  ),
]

/** Adds up the hours of a day to one row for the day. A later hour of that day is added to it in turn. */
const shortenDay = (day: number): readonly SqlFragment[] => [
  fragment(
    `INSERT INTO login_counts (${KEY}, counts)
     SELECT 'day', at, region, service, mode, counts FROM (${addedUp(
       `SELECT ?1 AS at, row.region, row.service, row.mode, one.key AS name, one.value AS number
        FROM login_counts AS row CROSS JOIN json_each(row.counts) AS one
        WHERE row.span = 'hour' AND row.at >= ?1 AND row.at < ?1 + ${DAY_MS}`,
     )}) WHERE true ${ADD_TO_ROW}`,
    day,
  ),
  fragment(`DELETE FROM login_counts WHERE span = 'hour' AND at >= ?1 AND at < ?1 + ${DAY_MS}`, day),
]

const deleteDays = (before: Instant): SqlFragment =>
  fragment(`DELETE FROM login_counts WHERE span = 'day' AND at < ?`, before)
