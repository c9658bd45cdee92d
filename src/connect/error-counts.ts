import type { ErrorCount } from '../vocabulary/doctor.ts'
import type { Instant } from '../vocabulary.ts'

/** Log lines that tell of no error of Nod's. */
const NO_ERRORS: ReadonlySet<string> = new Set(['check_failed', 'catalogue_restored', 'audit_part_rewritten'])

/** Counts what one isolate logs, by event. There are some fifty events. */
export function errorCounter() {
  const counts = new Map<string, ErrorCount>()
  return {
    note(event: string, at: Instant): void {
      if (NO_ERRORS.has(event)) return
      counts.set(event, { event, count: (counts.get(event)?.count ?? 0) + 1, lastAt: at })
    },
    counts: (): readonly ErrorCount[] => [...counts.values()].toSorted((one, other) => other.lastAt - one.lastAt),
  }
}
