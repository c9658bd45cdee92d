/** Every query to D1 goes through here: it has a time limit, and a failure is a refusal, never a throw. */
import type { ReportedChange } from '../ports/journal-object.ts'
import type { Ports } from '../ports/ports.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import { type Instant, type Random, type Seconds, seconds } from '../vocabulary.ts'
import type { CatalogueVersion } from '../vocabulary/catalogue.ts'
import { withTimeLimit } from '../time-limit.ts'
import { type CatalogueWatch, catalogueWatch } from './catalogue-watch.ts'

export type Log = Ports['log']

/** Runs a query against D1 within `limit`, two seconds by default. `name` stands in the log. A change that was refused because
 *  it took too long may still happen. Refuses: `storage_unavailable`; what the driver said goes to the log only. */
export type Query = <T>(name: string, work: (db: D1Database) => Promise<T>, limit?: Seconds) => Promise<Outcome<T>>

/** And what a change of the catalogue needs besides. */
export interface RunQuery extends Query {
  readonly now: () => Instant
  /** For the salts of audit records. */
  readonly random: Random
  readonly watch: CatalogueWatch
  /** Tells the journal and the shards of a change that was written. Takes four seconds at most, and never fails: the change has happened. */
  readonly report: (change: ReportedChange) => Promise<void>
}

const LIMIT = seconds(2)
const RETRY_AFTER = seconds(2)

export const storageUnavailable = () => refuse({ reason: 'storage_unavailable', retryAfter: RETRY_AFTER })

/** What D1 and SQLite say when nothing more can be written, and when a migration is missing. */
const FULL = /SQLITE_FULL|database or disk is full|maximum (?:DB|database) size/i
const OUTDATED = /no such (?:table|column)|has no column named/i
/** Somebody has to do something first. */
const RETRY_LATER = seconds(60)

/** The refusal for what the driver said. */
function failureOf(text: string) {
  const cause = FULL.test(text) ? 'full' : OUTDATED.test(text) ? 'outdated' : undefined
  return cause === undefined
    ? storageUnavailable()
    : refuse({ reason: 'storage_unavailable', retryAfter: RETRY_LATER, cause })
}

export const queryRunner =
  (db: D1Database, log: Log): Query =>
  async <T>(name: string, work: (db: D1Database) => Promise<T>, limit: Seconds = LIMIT): Promise<Outcome<T>> => {
    try {
      // Wrapped, so that no result can be mistaken for 'late'.
      const answer = await withTimeLimit(
        work(db).then((value) => ({ value })),
        limit,
      )
      if (answer !== 'late') return done(answer.value)
      log('storage_late', { question: name, limit })
    } catch (error) {
      log('storage_failed', { question: name, why: String(error) })
      return failureOf(String(error))
    }
    return storageUnavailable()
  }

/** Runs queries, and reports changes to the journal. */
export const changeRunner = (
  random: Random,
  db: D1Database,
  log: Log,
  now: () => Instant,
  journal: {
    readonly report: (change: ReportedChange) => Promise<Outcome<unknown>>
    /** Tells the shards of changed settings, where the journal could not be told. */
    readonly tellShards: (change: ReportedChange) => Promise<void>
    /** A read has found an earlier state of the catalogue than this isolate knows. Never rejects. */
    readonly suspect: (known: CatalogueVersion) => Promise<unknown>
  },
): RunQuery =>
  Object.assign(queryRunner(db, log), {
    now,
    random,
    watch: catalogueWatch(journal.suspect, now),
    async report(change: ReportedChange) {
      const reported = await withTimeLimit(journal.report(change), LIMIT)
      if (reported !== 'late' && reported.ok) return
      const why = reported === 'late' ? reported : reported.refusal.reason
      log('change_unreported', { revision: change.revision, why })
      if (change.changesSettings === true) await withTimeLimit(journal.tellShards(change), LIMIT)
    },
  })

/** Whether D1's primary answered, and not a replica. */
export const isFromPrimary = ({ meta }: D1Result): boolean => meta.served_by_primary === true

/** The rows of one statement of a batch. The caller names their type, next to the SELECT that makes them. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as D1's own `first<Row>()`
export const rowsOf = <Row>(result: D1Result | undefined): readonly Row[] => (result?.results ?? []) as Row[]
