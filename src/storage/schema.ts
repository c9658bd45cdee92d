/** Which migrations this version needs, and whether the database has them. */

import type { SchemaCheck } from '../ports/schema.ts'
import { withTimeLimit } from '../time-limit.ts'
import { addSeconds, type Instant, seconds } from '../vocabulary.ts'
import { type Log, queryRunner } from './run-query.ts'
import { singleFlight } from './single-flight.ts'

/** The files in `migrations/`, without their ending. `test/storage/schema.test.ts` compares. */
export const MIGRATIONS = [
  '0001_catalogue',
  '0002_token_administration',
  '0003_token_pages',
  '0004_bypass_codes',
  '0005_phone_reports',
  '0006_epoch',
  '0007_master_keys',
  '0008_credentials',
  '0010_audit_chain',
  '0011_audit_retention',
  '0014_webhooks',
  '0015_administrators',
  '0016_bound_revision',
  '0017_phone_regions',
  '0018_login_counts',
  '0019_token_search',
  '0020_invitations',
  '0022_policy_history',
  '0023_metric_totals',
  '0024_imported_tokens',
] as const

/** Says which migrations the database lacks, given the names of those that were applied; undefined if it lacks none. A database
 *  that has more belongs to a later version, on which this one runs as well: migrations only add. */
export function schemaFault(applied: Iterable<string>): string | undefined {
  const names = new Set(Array.from(applied, (name) => name.replace(/\.sql$/, '')))
  const missing = MIGRATIONS.filter((name) => !names.has(name))
  if (missing.length === 0) return undefined
  return `The database is older than this version of Nod. It lacks ${missing.join(', ')}: \`npm run deploy\` applies them, or \`npx wrangler d1 migrations apply DB --remote\`.`
}

/** How long an isolate believes what it has read, and while something is missing. */
const BELIEVED = seconds(60)
const RECHECK = seconds(2)
/** A probe answers without D1 after so long. */
const PATIENCE = seconds(0.5)

/** Checks the database's migrations; call it once per isolate. */
export function schemaCheck(db: D1Database, log: Log, now: () => Instant): SchemaCheck {
  const runQuery = queryRunner(db, log)
  let fault: string | undefined
  let readAgain = Number.NEGATIVE_INFINITY
  const reading = singleFlight(async () => {
    const read = await runQuery('migrations', (database) =>
      database.prepare('SELECT name FROM d1_migrations').all<{ name: string }>(),
    )
    // A database without the table has had no migration at all. One that does not answer has what it had.
    if (read.ok) fault = schemaFault(read.value.results.map(({ name }) => name))
    else if (read.refusal.reason === 'storage_unavailable' && read.refusal.cause === 'outdated') fault = schemaFault([])
    readAgain = addSeconds(now(), fault === undefined ? BELIEVED : RECHECK)
    return read
  })
  return {
    async fault() {
      if (now() >= readAgain) await withTimeLimit(reading.join(), PATIENCE)
      return fault
    },
  }
}
