/** Whether a policy may be kept: nothing is, that a login would later refuse or that Nod would not follow. */
import { done, refuse, type Outcome } from '../refusal.ts'
import type { Policy } from '../vocabulary.ts'
import { CARRIED_OUT, NOT_YET } from './action-definitions.ts'
import type { Definition } from './action-values.ts'
import { clientFault, nameFault } from './policy-match.ts'
import { profileFault } from './profile.ts'

/** A policy fit to be kept, its switches normalized to `true`.
 *  Refuses: unknown scopes and actions in privacyIDEA's words (golden 27-policy-api), and, naming it, whatever is unfit or not carried out yet. */
export function checkPolicy(policy: Policy): Outcome<Policy> {
  const known = own(CARRIED_OUT, policy.scope)
  if (known === undefined) return invalid(`Invalid scope '${policy.scope}' in policy '${policy.name}'!`)
  const notYet = own(NOT_YET, policy.scope) ?? new Set<string>()
  const unknown = Object.keys(policy.action).filter((action) => own(known, action) === undefined && !notYet.has(action))
  if (unknown.length > 0) return invalid(`Invalid actions [${unknown.map((action) => `'${action}'`).join(', ')}]!`)

  const fit: [string, string | true][] = []
  for (const [action, value] of Object.entries(policy.action)) {
    const definition = own(known, action)
    if (definition === undefined) return invalid(`Nod does not carry out the action ${action} yet`)
    const checked = valueOf(definition, value)
    if ('fault' in checked) return invalid(`${action}: ${checked.fault}`)
    fit.push([action, checked.value])
  }
  const written = { ...policy, action: Object.fromEntries(fit) }
  const fault = profileFault(written) ?? restrictionFault(policy)
  return fault === undefined ? done(written) : invalid(fault)
}

const invalid = (why: string): Outcome<never> => refuse({ reason: 'policy_invalid', why })

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

function valueOf(definition: Definition, value: string | true): { value: string | true } | { fault: string } {
  if (definition.type === 'bool') {
    if (value === true || /^(?:true|1)$/i.test(value)) return { value: true }
    return { fault: `'${value}' is no value for a switch: name the action to turn it on, leave it out to turn it off` }
  }
  if (value === true || value.trim() === '') return { fault: 'needs a value; leave the action out for its default' }
  const fault = definition.check?.(value)
  return fault === undefined ? { value } : { fault }
}

/** What is wrong with whom, where and when the policy holds for. A restriction that were not followed would widen the policy. */
function restrictionFault(policy: Policy): string | undefined {
  if (!Number.isSafeInteger(policy.priority) || policy.priority < 1) return 'The priority has to be 1 or more'
  for (const field of ['resolver', 'adminrealm', 'adminuser', 'pinode', 'userAgents', 'conditions'] as const) {
    if (policy[field].length > 0) return `Nod does not carry out the restriction ${WIRE_NAMES[field] ?? field} yet`
  }
  if (policy.time !== '') return 'Nod does not carry out the restriction time yet'
  for (const entry of policy.client) {
    const fault = clientFault(entry)
    if (fault !== undefined) return `client: ${fault}`
  }
  for (const field of ['realm', 'user'] as const) {
    for (const entry of policy[field]) {
      const fault = nameFault(entry)
      if (fault !== undefined) return `${field}: ${fault}`
    }
  }
  return undefined
}

const WIRE_NAMES: Readonly<Partial<Record<keyof Policy, string>>> = { userAgents: 'user_agents' }
