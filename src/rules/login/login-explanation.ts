/** Why a login went as it did. The words are in `protocol/login/login-explanations.ts`. */
import type { AuditRecord, AuditStep } from '../../vocabulary/audit.ts'
import type { LoginExplanation, LoginOutcome } from '../../vocabulary/login-reports.ts'

/** Explains a login that was opened. A refused one is explained by its refusal. */
export function explanationOf({ steps = [] }: AuditRecord, outcome: LoginOutcome | 'open'): LoginExplanation {
  if (outcome === 'failed') return failureOf(steps)
  return outcome === 'expired' ? silenceOf(steps) : outcome
}

function failureOf(steps: readonly AuditStep[]): LoginExplanation {
  const last = steps.findLast(({ kind }) => kind === 'withdrawn' || kind === 'wrong_number')
  if (last?.kind === 'withdrawn') return `withdrawn/${last.cause}`
  return last === undefined ? 'expired' : 'wrong_number'
}

/** Why no phone has answered, as far as the steps tell. */
function silenceOf(steps: readonly AuditStep[]): LoginExplanation {
  const happened = (kind: AuditStep['kind']): boolean => steps.some((step) => step.kind === kind)
  if (happened('fetched') || happened('delivered')) return 'unanswered'
  if (steps.some((step) => step.kind === 'restricted' && step.isShadow !== true)) return 'not_rung'
  if (happened('delivery_failed')) return 'undelivered'
  return happened('opened') ? 'not_fetched' : 'expired'
}
