import { LOGIN_ACTIONS } from '../policy/actions/authentication.ts'
import { FAILURE_ACTIONS } from '../policy/actions/authorization.ts'
import type { PolicySet, Situation } from '../policy/policy-set.ts'
import { only, readActions } from '../policy/read-actions.ts'

/** How much the answer to a rejected login tells: all there is to it, no reason, or nothing at all. */
export type Disclosure = 'full' | 'without_reason' | 'nothing'

/** Decides how much is told. Where policies conflict, the least. */
export function disclosurePolicy(set: PolicySet, situation: Situation): Disclosure {
  const failure = readActions(set, FAILURE_ACTIONS, situation)
  if (!failure.ok || failure.value.no_detail_on_fail) return 'nothing'
  const login = readActions(set, only(LOGIN_ACTIONS, 'hide_specific_error_message'), situation)
  return !login.ok || login.value.hide_specific_error_message ? 'without_reason' : 'full'
}
