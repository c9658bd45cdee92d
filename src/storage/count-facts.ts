/** SQL that reads the counts of logins: rows with the columns at, region, service, mode, name and number. */
import { WITH_SHARDS } from './audit-chain.ts'

export const HOUR_MS = 3_600_000

/** A row for each value of these columns, with the numbers of each name added up. */
export const addedUp = (
  facts: string,
  columns = 'at, region, service, mode',
): string => `SELECT ${columns}, json_group_object(name, number) AS counts FROM (
    SELECT ${columns}, name, sum(number) AS number FROM (${facts}) GROUP BY ${columns}, name
  ) GROUP BY ${columns}`

/** Where a row is there already, it gets the sums of its numbers and the new ones. */
export const addToRow = (table: string, key: string): string => `ON CONFLICT (${key}) DO UPDATE SET counts = (
    SELECT json_group_object(name, number) FROM (
      SELECT key AS name, sum(value) AS number FROM (
        SELECT key, value FROM json_each(${table}.counts) UNION ALL SELECT key, value FROM json_each(excluded.counts)
      ) GROUP BY key
    )
  )`

const REGION = `iif(instr(link.shard, '/') > 0, substr(link.shard, 1, instr(link.shard, '/') - 1), '')`

/** What these links have counted. A limit keeps SQLite from reading the parts of a link anew for each number in them. */
export const linkFacts = (
  links: string,
): string => `SELECT at, region, service, mode, one.key AS name, one.value AS number FROM (
    SELECT part.value ->> 0 AS at, ${REGION} AS region, part.value ->> 1 AS service, part.value ->> 2 AS mode, part.value -> 3 AS counts
    FROM ${links} AND link.counts IS NOT NULL LIMIT -1
  ) AS part CROSS JOIN json_each(part.counts) AS one`

/** Links and their parts, for `linkFacts`. */
export const PARTS = 'audit_chain AS link CROSS JOIN json_each(link.counts) AS part'

/** The table `cursors`: how far each shard's links are added up. */
export const CURSORS = `${WITH_SHARDS}, cursors (shard, number) AS MATERIALIZED (
    SELECT shards.shard, coalesce((SELECT number FROM login_count_cursors WHERE shard = shards.shard), 0)
    FROM shards WHERE shards.shard IS NOT NULL
  )`

/** Bypass codes that no link has yet, of the table `audit`. */
export const UNLINKED_BYPASS = `shard = 'bypass' AND number IS NOT NULL AND number > coalesce(
    (SELECT last FROM audit_chain WHERE shard = 'bypass' ORDER BY audit_chain.number DESC LIMIT 1), 0)`

/** What is not added up yet: links behind the cursors, and bypass codes that no link has yet. */
export const NEW_FACTS = `${linkFacts(`cursors CROSS JOIN ${PARTS} WHERE link.shard = cursors.shard AND link.number > cursors.number`)}
  UNION ALL
  SELECT at / ${HOUR_MS} * ${HOUR_MS}, '', coalesce(service, ''), '', 'outcome/bypass', 1 FROM audit WHERE ${UNLINKED_BYPASS}`
