import type { ArchivedPart, RetentionStatus } from '../../ports/audit-retention.ts'
import type { Ports } from '../../ports/ports.ts'
import { partKey } from '../../protocol/administration/audit-part.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { ArchiveMode } from '../../rules/deployment/audit-retention.ts'
import { authorize, type Credential } from '../access/identify.ts'

/** Parts that one list has at most. */
const LISTED = 500

interface Archive extends RetentionStatus {
  readonly hasBucket: boolean
  readonly mode: ArchiveMode
  readonly keptDays: number | undefined
  readonly parts: readonly ArchivedPart[]
}

/** Lists the archive's parts after this one, and how retention stands.
 *  Refuses: as `authorize`; `storage_unavailable`. */
export async function listArchive(
  ports: Ports,
  credential: Credential,
  after: Pick<ArchivedPart, 'day' | 'part'>,
): Promise<Outcome<Archive>> {
  const authorized = await authorize(ports, credential, 'audit_archive')
  if (!authorized.ok) return authorized
  const [status, parts] = await Promise.all([ports.auditRetention.status(), ports.auditRetention.parts(after, LISTED)])
  if (!status.ok) return status
  if (!parts.ok) return parts
  return done({
    ...status.value,
    hasBucket: ports.auditArchive !== undefined,
    mode: ports.limits.auditArchiveMode,
    keptDays: ports.limits.auditPeriods.records,
    parts: parts.value,
  })
}

/** Opens a part of the archive, as it is stored: a gzip.
 *  Refuses: as `authorize`; `archive_unavailable`, also without a bucket; `entry_unknown`. */
export async function openPart(
  ports: Ports,
  credential: Credential,
  { day, part }: Pick<ArchivedPart, 'day' | 'part'>,
): Promise<Outcome<{ readonly name: string; readonly content: ReadableStream<Uint8Array> }>> {
  const authorized = await authorize(ports, credential, 'audit_archive')
  if (!authorized.ok) return authorized
  const { auditArchive } = ports
  if (auditArchive === undefined)
    return refuse({ reason: 'archive_unavailable', why: 'no bucket is bound as AUDIT_ARCHIVE' })
  const key = partKey(day, part)
  const found = await auditArchive.get(key)
  if (!found.ok) return found
  if (found.value === undefined) return refuse({ reason: 'entry_unknown', entry: 'part', name: key })
  return done({ name: key.replaceAll('/', '-'), content: found.value })
}
