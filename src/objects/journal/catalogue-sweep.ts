/** The round that deletes obsolete rows from D1 once a day. Source: decision 0069. */
import type { PageStart } from '../../ports/housekeeping.ts'
import { addSeconds, seconds } from '../../vocabulary.ts'
import { SWEPT, SWEPT_TABLES, type Swept } from '../../vocabulary/housekeeping.ts'
import type { Round } from './rounds.ts'
import { valueOf } from './value-of.ts'

const DAY = 86_400
/** A little less than a day. Rounds run about once an hour, so this keeps the sweep at the same hour. */
const PAUSE = seconds(23 * 3600)
/** How long an enrollment stays after its code has expired. Helpdesks look at it, and show its user another code. */
const ENROLLMENTS_KEPT = seconds(30 * DAY)

const PARTS = [...SWEPT_TABLES, 'tokens'] as const

/** Which table is under way, where its next page begins, and what is deleted so far. */
interface Progress {
  readonly part: number
  readonly from?: PageStart
  readonly deleted: Swept['deleted']
}

export const sweepCatalogue: Round = {
  name: 'sweep catalogue',
  async step({ ports, storage, cursor, keep }) {
    const now = ports.now()
    const last = storage.kv.get<Swept>(SWEPT)
    if (cursor === undefined && last !== undefined && now < addSeconds(last.at, PAUSE)) return 'done'
    const { part: number, from, deleted } = (cursor ?? { part: 0, deleted: {} }) as Progress
    const part = PARTS[number]
    if (part === undefined) {
      storage.kv.put<Swept>(SWEPT, { at: now, deleted })
      return 'done'
    }
    const page = valueOf(
      await (part === 'tokens'
        ? ports.housekeeping.deleteEnrollments(addSeconds(now, seconds(-1 * ENROLLMENTS_KEPT)), from)
        : ports.housekeeping.sweep(part, now, from)),
    )
    const counts = page.deleted === 0 ? deleted : { ...deleted, [part]: (deleted[part] ?? 0) + page.deleted }
    const next = page.next === undefined ? { part: number + 1 } : { part: number, from: page.next }
    keep({ ...next, deleted: counts } satisfies Progress)
    return 'more'
  },
}
