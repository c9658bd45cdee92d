/** The archive of the audit in an R2 bucket. */
import type { AuditArchive } from '../ports/audit-archive.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import { withTimeLimit } from '../time-limit.ts'
import { seconds } from '../vocabulary.ts'
import type { Log } from './run-query.ts'

const LIMIT = seconds(30)

/** Connects the archive to its bucket. What R2 says of a failure goes to the log, and its kind to the refusal. */
export function auditArchive(bucket: R2Bucket, log: Log): AuditArchive {
  async function ask<T>(verb: string, work: () => Promise<T>): Promise<Outcome<T>> {
    try {
      const answer = await withTimeLimit(
        work().then((value) => ({ value })),
        LIMIT,
      )
      if (answer !== 'late') return done(answer.value)
      log('archive_late', { verb, limit: LIMIT })
      return refuse({ reason: 'archive_unavailable', why: `the bucket did not answer within ${LIMIT} seconds` })
    } catch (error) {
      log('archive_failed', { verb, why: String(error) })
      return refuse({ reason: 'archive_unavailable', why: `the bucket refused to ${verb}` })
    }
  }

  return {
    async put(key, bytes) {
      const stored = await ask('put', () =>
        bucket.put(key, bytes, { httpMetadata: { contentType: 'application/gzip' } }),
      )
      return stored.ok ? done(undefined) : stored
    },
    async get(key) {
      const found = await ask('get', () => bucket.get(key))
      return found.ok ? done(found.value?.body) : found
    },
    async list(prefix, after) {
      const found = await ask('list', () =>
        bucket.list({ prefix, ...(after === undefined ? {} : { startAfter: after }) }),
      )
      return found.ok ? done(found.value.objects.map(({ key }) => key)) : found
    },
  }
}
