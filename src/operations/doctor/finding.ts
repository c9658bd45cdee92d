import type { Ports } from '../../ports/ports.ts'
import type { FindingText } from '../../protocol/administration/doctor-texts.ts'
import type { Snapshot } from '../../ports/ports.ts'
import type { Source } from '../../vocabulary.ts'
import type { CheckState } from '../../vocabulary/doctor.ts'

/** What a check has found. */
export interface Finding {
  readonly state: CheckState
  readonly text: FindingText
  readonly values?: Readonly<Record<string, string | number>>
  /** What else there is to say, in English. */
  readonly details?: string
  /** The command, request or setting that comes next. */
  readonly next?: string
}

/** What a check works with. */
export interface CheckContext {
  readonly ports: Ports
  readonly source: Source
  readonly snapshot: Snapshot
}

/** One check. It may throw, and may take too long: the answer then says so. */
export interface Check {
  readonly id: string
  readonly run: (context: CheckContext) => Promise<Finding>
}
