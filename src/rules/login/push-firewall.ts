import { done, type Outcome } from '../../refusal.ts'
import { seconds } from '../../vocabulary.ts'
import type { PushFirewall } from '../../vocabulary/push-firewall.ts'
import { FIREWALL_ACTIONS } from '../policy/actions/push-firewall.ts'
import type { PolicySet, Situation } from '../policy/policy-set.ts'
import { readActions } from '../policy/read-actions.ts'

/** Reads how often a phone is rung for one source; undefined where the firewall is off.
 *  Refuses: `policy_conflict`, `condition_unknown`. Source: docs/protocol.md, "Ring budget". */
export function pushFirewall(set: PolicySet, situation: Situation): Outcome<PushFirewall | undefined> {
  const found = readActions(set, FIREWALL_ACTIONS, situation)
  if (!found.ok) return found
  const { push_firewall: mode, push_firewall_limit: limit, push_firewall_window: minutes } = found.value
  return done(mode === 'off' ? undefined : { mode, limit, window: seconds(60 * minutes) })
}
