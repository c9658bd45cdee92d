import { done, type Outcome } from '../../refusal.ts'
import { seconds } from '../../vocabulary.ts'
import type { FraudReportMode } from '../../vocabulary/fraud-reports.ts'
import type { PushFirewall } from '../../vocabulary/push-firewall.ts'
import { FIREWALL_ACTIONS } from '../policy/actions/push-firewall.ts'
import type { PolicySet, Situation } from '../policy/policy-set.ts'
import { readActions } from '../policy/read-actions.ts'

/** Reads how often a phone is rung for one source, and what follows from fraud reports; undefined where the firewall is off.
 *  Refuses: `policy_conflict`, `condition_unknown`. Source: docs/protocol.md, "Ring budget". */
export function pushFirewall(set: PolicySet, situation: Situation): Outcome<PushFirewall | undefined> {
  const found = readActions(set, FIREWALL_ACTIONS, situation)
  if (!found.ok) return found
  const { push_firewall: mode, push_firewall_limit: limit, push_firewall_window: minutes } = found.value
  const { push_fraud_report: reports } = found.value
  if (mode === 'off') return done(undefined)
  return done({ mode, limit, window: seconds(60 * minutes), ...(reports === 'off' ? {} : { reports }) })
}

/** What follows from a decline of a login under this firewall; undefined if it only ends the login. */
export const fraudReportMode = (firewall: PushFirewall | undefined): FraudReportMode | undefined =>
  firewall?.mode === 'shadow' ? firewall.reports && 'shadow' : firewall?.reports
