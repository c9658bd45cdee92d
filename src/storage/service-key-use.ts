/** When service keys were last used: to the hour, and never on the path of a request. */
import type { ServiceKey, ServiceKeyTable } from '../ports/service-keys.ts'
import { addSeconds, type Instant, seconds } from '../vocabulary.ts'
import { LruCache } from './lru-cache.ts'
import type { Query } from './run-query.ts'

const HOUR = seconds(3600)
const AN_HOUR_AGO = seconds(-3600)
/** What D1 did not take is tried again after so long. */
const RETRY = seconds(60)
/** Secrets an isolate remembers. */
const REMEMBERED = 1000

/** Call it once per isolate: it remembers what it has recorded. */
export function useRecorder(runQuery: Query, clock: () => Instant): ServiceKeyTable['recordUse'] {
  /** When to record each secret again. */
  const next = new LruCache<string, Instant>(REMEMBERED)

  return async ({ hash, lastUsedAt }: ServiceKey) => {
    const now = clock()
    const due = next.get(hash) ?? (lastUsedAt === undefined ? now : addSeconds(lastUsedAt, HOUR))
    if (now < due) return
    // Before the write: requests that come meanwhile do not write as well.
    next.set(hash, addSeconds(now, HOUR))
    const outcome = await runQuery('service key used', (db) =>
      db.batch(
        ['service_keys', 'service_key_secrets'].map((table) =>
          db
            .prepare(`UPDATE ${table} SET last_used_at = ?1 WHERE hash = ?2 AND coalesce(last_used_at, 0) <= ?3`)
            .bind(now, hash, addSeconds(now, AN_HOUR_AGO)),
        ),
      ),
    )
    if (!outcome.ok) next.set(hash, addSeconds(now, RETRY))
  }
}
