/** The archive of the audit in an R2 bucket. */
import { gunzip, gzip, sha256 } from '../bytes.ts'
import type { AuditArchive } from '../ports/audit-archive.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import { withTimeLimit } from '../time-limit.ts'
import { seconds } from '../vocabulary.ts'
import type { Log } from './run-query.ts'

const LIMIT = seconds(30)
/** No part is as long uncompressed, and a Worker has 128 MB. */
const MAX_PART_BYTES = 32 * 1024 * 1024
const METADATA = { httpMetadata: { contentType: 'application/gzip' } }

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

  /** The lines of an object; undefined where they cannot be read. */
  async function linesOf(key: string, { body }: R2ObjectBody): Promise<readonly string[] | undefined> {
    try {
      return (await gunzip(body, MAX_PART_BYTES)).split('\n')
    } catch (error) {
      log('archive_part_damaged', { key, why: String(error) })
      return undefined
    }
  }

  return {
    async put(key, bytes) {
      const stored = await ask('put', () => bucket.put(key, bytes, METADATA))
      return stored.ok ? done(undefined) : stored
    },
    async get(key) {
      const found = await ask('get', () => bucket.get(key))
      return found.ok ? done(found.value?.body) : found
    },
    async lines(key) {
      return ask('get', async () => {
        const object = await bucket.get(key)
        if (object === null) return undefined
        const lines = await linesOf(key, object)
        return lines === undefined ? 'damaged' : lines.filter((line) => line !== '')
      })
    },
    async rewrite(key, change) {
      return ask('rewrite', async () => {
        const object = await bucket.get(key)
        if (object === null) return undefined
        const lines = await linesOf(key, object)
        const changed = lines && (await changedLines(lines, change))
        if (lines === undefined || changed === undefined) return 'damaged'
        if (changed.every((line, index) => line === lines[index])) return undefined
        const bytes = await gzip(changed.join('\n'))
        await bucket.put(key, bytes, METADATA)
        return { bytes: bytes.length, sha256: await sha256(bytes) }
      })
    },
    async list(prefix, after) {
      const found = await ask('list', () =>
        bucket.list({ prefix, ...(after === undefined ? {} : { startAfter: after }) }),
      )
      return found.ok ? done(found.value.objects.map(({ key }) => key)) : found
    },
  }
}

/** Undefined if a line is none that Nod writes. */
async function changedLines(
  lines: readonly string[],
  change: (line: string) => string | Promise<string>,
): Promise<readonly string[] | undefined> {
  try {
    return await Promise.all(lines.map(async (line) => (line === '' ? '' : change(line))))
  } catch {
    return undefined
  }
}
