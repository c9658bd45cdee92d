import type { ErrorCount } from '../vocabulary/doctor.ts'
import { addSeconds, type Instant, instant, seconds } from '../vocabulary.ts'

/** Log lines that tell of no error of Nod's. */
const NO_ERRORS: ReadonlySet<string> = new Set(['check_failed', 'catalogue_restored', 'audit_part_rewritten'])

/** How often an isolate reports at most. What it has met since is lost if it ends before it meets another. */
const APART = seconds(10)

/** Reports counts; false if they did not arrive. */
type Report = (counts: readonly ErrorCount[]) => Promise<boolean>

/** Counts what one isolate logs, by event, and reports it to where the errors of all isolates are counted: the first at once, then once in
 *  ten seconds at most. There are some fifty events. `later`: what does the reporting in the background. */
export function errorCounter(later: (work: Promise<unknown>) => void) {
  const counts = new Map<string, ErrorCount>()
  let pending = new Map<string, ErrorCount>()
  let reportedAt: Instant | undefined
  let report: Report | undefined

  /** Reports what is not reported yet. */
  async function flush(at: Instant): Promise<void> {
    if (report === undefined || pending.size === 0) return
    const reported = [...pending.values()]
    pending = new Map()
    reportedAt = at
    if (!(await report(reported))) for (const one of reported) add(pending, one)
  }

  return {
    note(event: string, at: Instant): void {
      if (NO_ERRORS.has(event)) return
      const one = { event, count: 1, lastAt: at }
      add(counts, one)
      add(pending, one)
      if (reportedAt === undefined || at >= addSeconds(reportedAt, APART)) later(flush(at))
    },
    reportTo(to: Report): void {
      report = to
    },
    flush,
    counts: (): readonly ErrorCount[] => latestFirst([...counts.values()]),
  }
}

const latestFirst = (counts: readonly ErrorCount[]): readonly ErrorCount[] =>
  counts.toSorted((one, other) => other.lastAt - one.lastAt)

const add = (to: Map<string, ErrorCount>, { event, count, lastAt }: ErrorCount): void => {
  const before = to.get(event)
  const latest = instant(Math.max(before?.lastAt ?? 0, lastAt))
  to.set(event, { event, count: (before?.count ?? 0) + count, lastAt: latest })
}
