import type { Ports } from '../../ports/ports.ts'
import type { Region } from '../../vocabulary.ts'

/** One thing that is looked at. */
export interface HealthCheck {
  /** Stands in the answer. */
  readonly name: string
  /** Answers what was found, and whether an administrator has to do something about it. `near`: where the caller is. */
  readonly run: (ports: Ports, near?: Region) => Promise<{ readonly isWell: boolean; readonly info: string }>
}

/** What a check has found. */
export interface CheckResult {
  readonly name: string
  readonly isWell: boolean
  readonly info: string
}
