import type { AuditRecord } from '../../vocabulary/audit.ts'
import type { LoginExplanation, LoginOutcome } from '../../vocabulary/login-reports.ts'
import { explanationOf } from './login-explanation.ts'
import { modeOf, stepTimes } from './login-facts.ts'

interface LoginDescription {
  readonly mode: string | undefined
  readonly system: number | undefined
  readonly human: number | undefined
  readonly explanation: LoginExplanation
}

/** Tells of a login how its phone was asked, how long it took, and why it went as it did. Once its steps are erased, only its time is
 *  known. */
export function describeLogin(record: AuditRecord, outcome: LoginOutcome | 'open'): LoginDescription {
  const { system, human } = stepTimes(record)
  const ownTime = record.transaction === undefined ? undefined : record.duration
  return { mode: modeOf(record), system: system ?? ownTime, human, explanation: explanationOf(record, outcome) }
}
