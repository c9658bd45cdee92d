/** The one way to D1: within a deadline, and never thrown outwards. */
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import type { Seconds } from '../vocabulary.ts'
import { seconds } from '../vocabulary.ts'
import { withTimeLimit } from '../deadline.ts'

export type Log = Ports['log']

/** Asks D1 one question. Refuses `storage_unavailable` when D1 fails or does not answer in time (two seconds unless
 *  said otherwise); what the driver said goes to the log only. A change that was late may have happened. */
export type RunQuery = <T>(
  question: string,
  work: (db: D1Database) => Promise<T>,
  limit?: Seconds,
) => Promise<Outcome<T>>

const LIMIT = seconds(2)
const RETRY_AFTER = seconds(2)

export const storageUnavailable = () => refuse({ reason: 'storage_unavailable', retryAfter: RETRY_AFTER })

export const queryRunner =
  (db: D1Database, log: Log): RunQuery =>
  async <T>(question: string, work: (db: D1Database) => Promise<T>, limit: Seconds = LIMIT): Promise<Outcome<T>> => {
    try {
      // Boxed, so that no answer can be taken for lateness.
      const answer = await withTimeLimit(
        work(db).then((value) => ({ value })),
        limit,
      )
      if (answer !== 'late') return done(answer.value)
      log('storage_late', { question, limit })
    } catch (error) {
      log('storage_failed', { question, why: String(error) })
    }
    return storageUnavailable()
  }

/** The rows of one statement of a batch. The caller names their shape, beside the SELECT that makes them. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as D1's own `first<Row>()`
export const rowsOf = <Row>(result: D1Result | undefined): readonly Row[] => (result?.results ?? []) as Row[]

/** A property that is there only when its column is not NULL. */
export const unlessNull = <K extends string, V>(key: K, value: V | null): { readonly [P in K]?: V } =>
  (value === null ? {} : { [key]: value }) as { readonly [P in K]?: V }
