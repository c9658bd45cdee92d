import { done, type Outcome } from '../../refusal.ts'
import { matchingPolicies, type PolicySet, type Situation } from './policy-set.ts'

/** Every value the policies that match give an action, the one that decides first. Refuses: `condition_unknown`. */
export function allValues(
  set: PolicySet,
  scope: string,
  action: string,
  situation: Situation,
): Outcome<readonly string[]> {
  const found = matchingPolicies(set, scope, action, situation)
  if (!found.ok) return found
  return done(found.value.map((policy) => policy.action[action]).filter((value) => typeof value === 'string'))
}
