/** Counts of logins without their time, which only rise. They are added up in the transaction that adds up the reports' counts. */
import type { MetricCounts, MetricPart } from '../ports/login-counts.ts'
import { done, type Outcome } from '../refusal.ts'
import { seconds } from '../vocabulary.ts'
import type { Counts } from '../vocabulary/login-reports.ts'
import { fragment, type SqlFragment } from './change.ts'
import { addedUp, addToRow, CURSORS, UNLINKED_BYPASS } from './count-facts.ts'
import { rowsOf, type RunQuery } from './run-query.ts'

const LIMIT = seconds(10)
const KEY = 'region, service, mode'

/** So many links of a shard are read besides the totals. What is behind them is counted once they are added up, so no count falls. */
const LINKS_READ = 300

/** Adds what these links have counted to the totals. `facts` is SQL of `linkFacts`. */
export const addToTotals = (facts: string, ...values: readonly (string | number)[]): SqlFragment =>
  fragment(
    `INSERT INTO metric_totals (${KEY}, counts) SELECT ${KEY}, counts FROM (${addedUp(facts, KEY)}) WHERE true
     ${addToRow('metric_totals', KEY)}`,
    ...values,
  )

// One statement, so that a link that is added up meanwhile is read once. The numbers are added up by the caller: SQLite counts each
// number in a JSON text as a row, several times.
const ALL = `${CURSORS}
  SELECT region, service, mode, counts FROM metric_totals
  UNION ALL
  SELECT link.shard, NULL, NULL, link.counts FROM cursors CROSS JOIN audit_chain AS link
  WHERE link.shard = cursors.shard AND link.number > cursors.number AND link.number <= cursors.number + ${LINKS_READ}
    AND link.counts IS NOT NULL
  UNION ALL
  SELECT '', coalesce(service, ''), '', json_object('outcome/bypass', count(*)) FROM audit WHERE ${UNLINKED_BYPASS} GROUP BY service`

const WAITING = `${CURSORS} SELECT coalesce(sum(max(last - number, 0)), 0) AS links FROM (
    SELECT number, (SELECT max(number) FROM audit_chain WHERE shard = cursors.shard) AS last FROM cursors
  )`

/** Totals; or a link, whose service and mode are NULL and whose region is its shard. */
interface Row {
  readonly region: string
  readonly service: string | null
  readonly mode: string | null
  readonly counts: string
}

/** Reads every count there ever was, and how many links are not added up yet. */
export async function readMetrics(runQuery: RunQuery): Promise<Outcome<MetricCounts>> {
  const read = await runQuery('metrics', (db) => db.batch([db.prepare(ALL), db.prepare(WAITING)]), LIMIT)
  if (!read.ok) return read
  const [waiting] = rowsOf<{ links: number }>(read.value[1])
  return done({ parts: rowsOf<Row>(read.value[0]).flatMap(partsOf), linksWaiting: waiting?.links ?? 0 })
}

/** A part of the counts of a link: hour, service, mode, number by name. */
type LinkPart = readonly [hour: number, service: string, mode: string, counts: Counts]

function partsOf({ region, service, mode, counts }: Row): readonly MetricPart[] {
  if (service !== null && mode !== null) return [{ region, service, mode, counts: JSON.parse(counts) as Counts }]
  const [of = ''] = region.includes('/') ? region.split('/') : []
  return (JSON.parse(counts) as readonly LinkPart[]).map(([, named, asked, numbers]) => ({
    region: of,
    service: named,
    mode: asked,
    counts: numbers,
  }))
}
