/** How long the audit is kept. No clock, no storage. */
import { startOfDay } from '../../timestamps.ts'
import { addSeconds, type Instant, seconds } from '../../vocabulary.ts'

/** For how many days the audit keeps what; undefined: for ever. */
export interface RetentionPeriods {
  readonly records: number | undefined
  /** The steps of a login: without them it is one line. */
  readonly steps: number | undefined
  readonly addresses: number | undefined
}

/** Whether old records are archived before they are deleted. `auto`: where a bucket is bound. */
export type ArchiveMode = 'auto' | 'required' | 'off'

/** The beginning (UTC) of the day that is `days` old: records that ended before it have been kept for `days` days. Whole days, so
 *  that the archive has a few parts of each day and not one of each hour. */
export const keptSince = (now: Instant, days: number): Instant => startOfDay(addSeconds(now, seconds(-days * 86_400)))

/** What becomes of records that were kept for long enough. `wait`: they stay, because they could not be archived. */
export type Disposal = { readonly kind: 'archive' | 'delete' } | { readonly kind: 'wait'; readonly why: string }

/** Decides whether old records are archived or only deleted. Without the bucket that has the parts of earlier days, records are kept:
 *  a binding that was lost must not cost what an archive was meant to keep. */
export function disposalOf(mode: ArchiveMode, hasBucket: boolean, hasParts: boolean): Disposal {
  if (mode === 'off') return { kind: 'delete' }
  if (hasBucket) return { kind: 'archive' }
  if (mode === 'auto' && !hasParts) return { kind: 'delete' }
  return { kind: 'wait', why: 'no bucket is bound as AUDIT_ARCHIVE' }
}
