/** Whether a policy can be saved. What a login would refuse later, or what Nod does not do, is refused when the policy is
 *  written. */
import { done, refuse, type Outcome } from '../../refusal.ts'
import type { Policy } from '../../vocabulary.ts'
import { profileFault } from '../login/profile.ts'
import { confirmationFault } from './combinations.ts'
import type { Action } from './actions/action.ts'
import { ACTIONS } from './actions/all.ts'
import { type PolicyFault, restrictionFault } from './restriction-faults.ts'
import { actionSuggestion } from './suggest-action.ts'
import { unsupportedActionReason, unsupportedInScopeReason, unsupportedScopeReason } from './unsupported.ts'

/** Why an action cannot be saved. `isUnknown`: privacyIDEA has no such action in this scope either. */
interface ActionFault {
  readonly action: string
  readonly why: string
  readonly isUnknown: boolean
}

export interface PolicyInspection {
  /** The policy with only the actions that can be saved, switches normalized to `true`. */
  readonly policy: Policy
  readonly actionFaults: readonly ActionFault[]
  /** What is wrong with the policy as a whole: its scope or one of its restrictions. */
  readonly fault: PolicyFault | undefined
}

/** Finds everything that is wrong with a policy. */
export function inspectPolicy(policy: Policy): PolicyInspection {
  const actions = own(ACTIONS, policy.scope)
  if (actions === undefined) {
    const reason = unsupportedScopeReason(policy.scope)
    const why = `Invalid scope '${policy.scope}' in policy '${policy.name}'!${reason === undefined ? '' : ` ${reason}.`}`
    return { policy, actionFaults: [], fault: { field: 'scope', why } }
  }
  const valid: [string, string | true][] = []
  const actionFaults: ActionFault[] = []
  for (const [name, value] of Object.entries(policy.action)) {
    const action = own(actions, name)
    const checked = action === undefined ? undefined : checkValue(action, value)
    if (checked === undefined) actionFaults.push(unsupportedAction(policy.scope, name))
    else if ('fault' in checked) actionFaults.push({ action: name, why: `${name}: ${checked.fault}`, isUnknown: false })
    else valid.push([name, checked.value])
  }
  const normalized = { ...policy, action: Object.fromEntries(valid) }
  const fault =
    inField('action', profileFault(normalized)) ??
    inField('confirm', confirmationFault(normalized)) ??
    restrictionFault(policy)
  return { policy: normalized, actionFaults, fault }
}

/** Accepts a policy that can be saved, its switches normalized to `true`.
 *  Refuses: `policy_invalid`: for unknown scopes and actions in privacyIDEA's words (golden 27-policy-api), else naming what
 *  is wrong. */
export function checkPolicy(policy: Policy): Outcome<Policy> {
  const { policy: normalized, actionFaults, fault } = inspectPolicy(policy)
  const unknown = actionFaults.filter(({ isUnknown }) => isUnknown)
  if (unknown.length > 0) {
    const suggested = unknown.map(({ action }) => actionSuggestion(policy.scope, action)).join('')
    const why = `Invalid actions [${unknown.map(({ action }) => `'${action}'`).join(', ')}]!${suggested}`
    return refuse({ reason: 'policy_invalid', why, field: 'action', action: unknown[0]?.action })
  }
  const [first] = actionFaults
  if (first !== undefined)
    return refuse({ reason: 'policy_invalid', why: first.why, field: 'action', action: first.action })
  return fault === undefined ? done(normalized) : refuse({ reason: 'policy_invalid', ...fault })
}

const inField = (field: string, why: string | undefined): PolicyFault | undefined =>
  why === undefined ? undefined : { field, why }

function unsupportedAction(scope: string, action: string): ActionFault {
  const reason = unsupportedActionReason(action) ?? unsupportedInScopeReason(scope)
  const why =
    reason === undefined
      ? `there is no action ${action} in this scope.${actionSuggestion(scope, action)}`
      : `Nod does not carry out the action ${action}: ${reason}`
  return { action, why, isUnknown: reason === undefined }
}

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

function checkValue(
  { type, check }: Pick<Action, 'type' | 'check'>,
  value: string | true,
): { value: string | true } | { fault: string } {
  if (type === 'bool') {
    if (value === true || /^(?:true|1)$/i.test(value)) return { value: true }
    return { fault: `'${value}' is no value for a switch: name the action to turn it on, leave it out to turn it off` }
  }
  if (value === true || value.trim() === '') return { fault: 'needs a value; leave the action out for its default' }
  const fault = check?.(value)
  return fault === undefined ? { value } : { fault }
}
