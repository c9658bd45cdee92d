/** Requests for the archive of the audit, and how its parts are listed. */
import * as z from 'zod/mini'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { formatTimestamp } from '../../timestamps.ts'
import { instant, type Instant } from '../../vocabulary.ts'
import { optional, parserOf, required } from '../parameters.ts'
import { boolean, integer, listOf, object, oneOf, orNull, string } from '../shape.ts'
import { partKey } from './audit-part.ts'

/** A part of the archive by its day (UTC) and number. */
interface PartName {
  readonly day: string
  readonly part: number
}

const DAY = /^\d{4}-\d\d-\d\d$/
const PART = /^[1-9]\d{0,5}$/

/** Reads the name of a part from the parameters of these names. Refuses: `parameter_invalid`. */
function partName(
  day: string,
  part: string,
  names: { readonly day: string; readonly part: string },
): Outcome<PartName> {
  if (!DAY.test(day))
    return refuse({ reason: 'parameter_invalid', name: names.day, why: 'expected a day such as 2026-11-28' })
  if (!PART.test(part))
    return refuse({ reason: 'parameter_invalid', name: names.part, why: 'expected a number from 1' })
  return done({ day, part: Number(part) })
}

/** Parses the page of a list of parts: those after a part; without one, from the oldest. Refuses: `parameter_invalid`. */
export const parsePartList = parserOf(
  z.object({
    after_day: optional('Parts after one of this day (UTC), such as 2026-11-28', 10),
    after_part: optional('The number of that part; without it the whole day is left out', 6),
  }),
  ({ after_day: day = '0000-01-01', after_part: part = '999999' }) =>
    partName(day, part, { day: 'after_day', part: 'after_part' }),
)

/** Parses the name of a part. Refuses: `parameter_invalid`. */
export const parsePart = parserOf(
  z.object({ day: required('Day (UTC), such as 2026-11-28', 10), part: required('Number of the part, from 1', 6) }),
  ({ day, part }) => partName(day, part, { day: 'day', part: 'part' }),
)

/** The archive as operators see it. */
interface ListedArchive {
  readonly hasBucket: boolean
  readonly mode: string
  readonly keptDays: number | undefined
  readonly ranAt?: Instant
  readonly failedSince?: Instant
  readonly failure?: string
  readonly oldest?: Instant
  readonly deletedBefore: Instant
  readonly parts: readonly (PartName & {
    readonly records: number
    readonly first: Instant
    readonly last: Instant
    readonly bytes: number
    readonly sha256: string
    readonly archivedAt: Instant
  })[]
}

export const archiveShape = object({
  bucket: boolean('Whether a bucket is bound'),
  archive_mode: oneOf('AUDIT_ARCHIVE_MODE', 'auto', 'required', 'off'),
  kept_days: orNull(integer('AUDIT_DAYS; null: for ever')),
  oldest: orNull(string('When the oldest record ended that is not archived or deleted; null: there is none')),
  deleted_before: orNull(string('Records that ended before may be archived or deleted; null: none was')),
  ran_at: orNull(string('When records were last archived or deleted as far as they were due; null: never')),
  failed_since: orNull(string('Since when nothing can be archived; null: the last run could')),
  failure: orNull(string('Why')),
  parts: listOf(
    object({
      key: string('Key in the bucket'),
      day: string('Day (UTC)'),
      part: integer('Number of the part, from 1'),
      records: integer('Number of its records'),
      first: string('When its first record ended'),
      last: string('When its last record ended'),
      bytes: integer('Length in bytes'),
      sha256: string('SHA-256, hexadecimal'),
      archived_at: string('When it was archived'),
    }),
    'In order of time, at most 500',
  ),
})

const time = (at: Instant | undefined): string | null => (at === undefined ? null : formatTimestamp(at))

export const archiveItem = (archive: ListedArchive): Readonly<Record<string, unknown>> => ({
  bucket: archive.hasBucket,
  archive_mode: archive.mode,
  kept_days: archive.keptDays ?? null,
  oldest: time(archive.oldest),
  deleted_before: time(archive.deletedBefore > instant(0) ? archive.deletedBefore : undefined),
  ran_at: time(archive.ranAt),
  failed_since: time(archive.failedSince),
  failure: archive.failure ?? null,
  parts: archive.parts.map(({ day, part, records, first, last, bytes, sha256, archivedAt }) => ({
    key: partKey(day, part),
    day,
    part,
    records,
    first: formatTimestamp(first),
    last: formatTimestamp(last),
    bytes,
    sha256,
    archived_at: formatTimestamp(archivedAt),
  })),
})
