/** The rounds that keep the audit as long as the configuration says: old records are archived, where there is an archive, and
 *  deleted. A login that is open has no record in the audit yet, so none is touched. */
import { sha256 } from '../../bytes.ts'
import type { ArchivedPart, OldRecords } from '../../ports/audit-retention.ts'
import type { Ports } from '../../ports/ports.ts'
import { packPart, partKey } from '../../protocol/administration/audit-part.ts'
import { done, type Outcome, type Refusal, refuse } from '../../refusal.ts'
import { type Disposal, disposalOf, keptSince } from '../../rules/deployment/audit-retention.ts'
import { instant, type Instant } from '../../vocabulary.ts'
import type { Round } from './rounds.ts'
import { valueOf } from './value-of.ts'

/** How many records one step deletes, and a part of the archive has at most: about two megabytes, a tenth of it after gzip. */
const RECORDS_AT_ONCE = 2000
const LINKS_AT_ONCE = 1000
const SHORTENED_AT_ONCE = 500
/** So many parts of one day that D1 has forgotten are stepped over. */
const MAX_NUMBERS_TAKEN = 100

type RetentionPorts = Pick<Ports, 'now' | 'log' | 'limits' | 'auditRetention' | 'auditArchive'>

/** Archives and deletes records that are older than AUDIT_DAYS, the oldest first. Deletes nothing while archiving fails. */
export const disposeOfAudit: Round = {
  name: 'dispose of audit',
  async step({ ports }) {
    const { records: days } = ports.limits.auditPeriods
    if (days === undefined) return ended(ports)
    const before = keptSince(ports.now(), days)
    const { oldest, hasParts } = valueOf(await ports.auditRetention.status())
    // Links go after their records: those of a day when all its records are gone.
    const linksBefore = instant(Math.min(before, oldest ?? before))
    const links = valueOf(await ports.auditRetention.deleteLinks(linksBefore, LINKS_AT_ONCE))
    if (links >= LINKS_AT_ONCE) return 'more'
    if (oldest === undefined || oldest >= before) return ended(ports)
    const disposal = disposalOf(ports.limits.auditArchiveMode, ports.auditArchive !== undefined, hasParts)
    return dispose(ports, disposal, before)
  },
}

/** The two kinds of data that are erased earlier than the record, and the fields that hold them. */
const SHORTENED = { steps: ['steps'], addresses: ['address', 'user_agent', 'stepOrigins'] } as const

/** Erases the steps of logins after AUDIT_STEP_DAYS, and addresses and user agents after AUDIT_ADDRESS_DAYS. The chain's proof of
 *  what is left stays. */
export const shortenAudit: Round = {
  name: 'shorten audit',
  async step({ ports: { audit, auditRetention, limits, now } }) {
    for (const part of ['steps', 'addresses'] as const) {
      const days = limits.auditPeriods[part]
      if (days === undefined) continue
      const before = keptSince(now(), days)
      const records = valueOf(await auditRetention.shortenable(part, before, SHORTENED_AT_ONCE))
      const last = records.at(-1)
      if (last === undefined) {
        valueOf(await auditRetention.recordShortened(part, before))
        continue
      }
      const erased = valueOf(await audit.erase(records, SHORTENED[part]))
      // What cannot be erased is not tried for ever.
      if (erased === 0) valueOf(await auditRetention.recordShortened(part, instant(last.at + 1)))
      return 'more'
    }
    return 'done'
  },
}

async function dispose(ports: RetentionPorts, disposal: Disposal, before: Instant): Promise<'more' | 'done'> {
  if (disposal.kind === 'wait') return ended(ports, disposal.why)
  if (disposal.kind === 'delete') {
    valueOf(await ports.auditRetention.deleteRecords(before, RECORDS_AT_ONCE))
    return 'more'
  }
  const old = valueOf(await ports.auditRetention.oldRecords(before, RECORDS_AT_ONCE))
  if (old === undefined) return ended(ports)
  const number = await freeNumber(ports, old)
  if (!number.ok) return ended(ports, whyOf(number.refusal))
  const content = { ...old, part: number.value }
  const bytes = await packPart(content)
  const stored = await ports.auditArchive?.put(partKey(content.day, content.part), bytes)
  if (stored?.ok !== true) return ended(ports, stored === undefined ? 'no bucket is bound' : whyOf(stored.refusal))
  // The part is whole in the bucket. If this is interrupted, the next step writes it again under the same number.
  const part = await partOf(content, bytes, ports.now())
  const deleted = valueOf(await ports.auditRetention.deleteArchived(old.records, part))
  if (!deleted) ports.log('audit_part_rewritten', { day: old.day, part: old.part })
  return 'more'
}

/** Answers the number of the part, or the next one if the bucket has a part of that number with a record that this one lacks: D1 was put
 *  back to an earlier state, has forgotten that part, and perhaps records of it. What only the archive has is never written over.
 *  Refuses: `archive_unavailable`. */
async function freeNumber(
  { auditArchive }: RetentionPorts,
  { day, part: next, records }: OldRecords,
): Promise<Outcome<number>> {
  const names = new Set(records.map(nameOf))
  for (let part = next; part < next + MAX_NUMBERS_TAKEN; part += 1) {
    const found = (await auditArchive?.lines(partKey(day, part))) ?? done([])
    if (!found.ok) return found
    const lines = found.value ?? []
    if (lines !== 'damaged' && lines.every((line) => isOneOf(line, names))) return done(part)
  }
  const why = `the bucket has ${MAX_NUMBERS_TAKEN} parts of ${day} that the database does not know`
  return refuse({ reason: 'archive_unavailable', why })
}

const whyOf = (refusal: Refusal): string => (refusal.reason === 'archive_unavailable' ? refusal.why : refusal.reason)

const nameOf = (record: Readonly<Record<string, unknown>>): string =>
  JSON.stringify([record['at'], record['shard'], record['sequence']])

/** Whether a line of a part has one of these records, or none. */
function isOneOf(line: string, names: ReadonlySet<string>): boolean {
  try {
    const { record } = JSON.parse(line) as { readonly record?: Readonly<Record<string, unknown>> }
    return record === undefined || names.has(nameOf(record))
  } catch {
    return false
  }
}

async function partOf(
  { day, part, records }: OldRecords,
  bytes: Awaited<ReturnType<typeof packPart>>,
  archivedAt: Instant,
): Promise<ArchivedPart> {
  const [first, last] = [records[0], records.at(-1)].map((record) => instant(Number(record?.['at'])))
  return {
    day,
    part,
    records: records.length,
    first: first ?? archivedAt,
    last: last ?? archivedAt,
    bytes: bytes.length,
    sha256: await sha256(bytes),
    archivedAt,
  }
}

/** Ends the round until the next hour. `failure`: why old records could not be archived, and stay. */
async function ended({ auditRetention, now, log }: RetentionPorts, failure?: string): Promise<'done'> {
  if (failure !== undefined) log('audit_not_archived', { why: failure })
  valueOf(await auditRetention.recordRun(now(), failure))
  return 'done'
}
