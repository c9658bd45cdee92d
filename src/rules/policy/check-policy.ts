/** Whether a policy may be kept: nothing is, that a login would later refuse or that Nod would not follow. */
import { done, refuse, type Outcome } from '../../refusal.ts'
import type { Policy } from '../../vocabulary.ts'
import { ACTIONS } from './actions/all.ts'
import type { ActionDefinition } from './actions/values.ts'
import { unsupportedInScopeReason, unsupportedScopeReason, unsupportedActionReason } from './unsupported.ts'
import { profileFault } from '../login/profile.ts'
import { restrictionFault } from './restriction-faults.ts'

/** What keeps an action out: `isUnknown` if it is none of this scope at all. */
interface ActionFault {
  readonly action: string
  readonly why: string
  readonly isUnknown: boolean
}

/** A policy looked at in whole. */
export interface PolicyInspection {
  /** With those actions that are fit, switches normalized to `true`. */
  readonly policy: Policy
  readonly actionFaults: readonly ActionFault[]
  /** What is wrong with all of it: its scope, or whom, where and when it holds for. */
  readonly fault: string | undefined
}

export function inspectPolicy(policy: Policy): PolicyInspection {
  const known = own(ACTIONS, policy.scope)
  const none = unsupportedScopeReason(policy.scope)
  if (known === undefined) {
    const fault = `Invalid scope '${policy.scope}' in policy '${policy.name}'!${none === undefined ? '' : ` ${none}.`}`
    return { policy, actionFaults: [], fault }
  }
  const fit: [string, string | true][] = []
  const unfit: ActionFault[] = []
  for (const [action, value] of Object.entries(policy.action)) {
    const definition = own(known, action)
    const read = definition === undefined ? undefined : valueOf(definition, value)
    if (read === undefined) unfit.push(notCarriedOut(policy.scope, action))
    else if ('fault' in read) unfit.push({ action, why: `${action}: ${read.fault}`, isUnknown: false })
    else fit.push([action, read.value])
  }
  const written = { ...policy, action: Object.fromEntries(fit) }
  const fault = profileFault(written) ?? restrictionFault(policy)
  return { policy: written, actionFaults: unfit, fault }
}

/** A policy fit to be kept, its switches normalized to `true`.
 *  Refuses: unknown scopes and actions in privacyIDEA's words (golden 27-policy-api), and, naming it, whatever is unfit or not carried out. */
export function checkPolicy(policy: Policy): Outcome<Policy> {
  const { policy: written, actionFaults: unfit, fault } = inspectPolicy(policy)
  const unknown = unfit.filter(({ isUnknown }) => isUnknown)
  if (unknown.length > 0) return invalid(`Invalid actions [${unknown.map(({ action }) => `'${action}'`).join(', ')}]!`)
  const why = unfit[0]?.why ?? fault
  return why === undefined ? done(written) : invalid(why)
}

const invalid = (why: string): Outcome<never> => refuse({ reason: 'policy_invalid', why })

function notCarriedOut(scope: string, action: string): ActionFault {
  const because = unsupportedActionReason(action) ?? unsupportedInScopeReason(scope)
  const why = `Nod does not carry out the action ${action}${because === undefined ? '' : `: ${because}`}`
  return { action, why, isUnknown: because === undefined }
}

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

function valueOf(definition: ActionDefinition, value: string | true): { value: string | true } | { fault: string } {
  if (definition.type === 'bool') {
    if (value === true || /^(?:true|1)$/i.test(value)) return { value: true }
    return { fault: `'${value}' is no value for a switch: name the action to turn it on, leave it out to turn it off` }
  }
  if (value === true || value.trim() === '') return { fault: 'needs a value; leave the action out for its default' }
  const fault = definition.check?.(value)
  return fault === undefined ? { value } : { fault }
}
