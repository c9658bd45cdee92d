/** What is wrong with the restrictions of a policy: for whom, where and when it applies. A restriction that Nod could not follow
 *  would make the policy apply to more than it says, so the policy is refused. */
import { type Policy, RESOLVER } from '../../vocabulary.ts'
import { concernsToken, readConditions } from './conditions.ts'
import { clientFault, literalNames, nameFault } from './name-and-client-lists.ts'
import { readTimeWindows } from './time-windows.ts'

/** What is wrong with a field of a policy. */
export interface PolicyFault {
  readonly field: string
  readonly why: string
}

type EntryCheck = (entry: string) => string | undefined

const LISTS: readonly (readonly [
  field: 'realm' | 'user' | 'resolver' | 'client' | 'adminrealm' | 'adminuser',
  EntryCheck,
])[] = [
  ['realm', nameFault],
  ['user', nameFault],
  ['resolver', resolverFault],
  ['client', clientFault],
  ['adminrealm', nameFault],
  ['adminuser', nameFault],
]

/** Scopes whose policies may be restricted to administrators. */
const ADMINISTRATOR_SCOPES: readonly string[] = ['admin', 'webui']

/** The first fault, or undefined if there is none. */
export function restrictionFault(policy: Policy): PolicyFault | undefined {
  if (!Number.isSafeInteger(policy.priority) || policy.priority < 1)
    return { field: 'priority', why: 'The priority has to be 1 or more' }
  if (policy.pinode.length > 0) return faultOf('pinode', 'Nod has no nodes; a policy holds everywhere')
  if (!ADMINISTRATOR_SCOPES.includes(policy.scope) && policy.adminrealm.length + policy.adminuser.length > 0)
    return { field: 'adminuser', why: 'adminrealm and adminuser restrict policies of the scopes admin and webui' }
  for (const [field, check] of LISTS) {
    const fault = policy[field].map(check).find((one) => one !== undefined)
    if (fault !== undefined) return faultOf(field, fault)
  }
  const agent = policy.userAgents.find((name) => !/^\w[\w-]*$/.test(name))
  if (agent !== undefined) return faultOf('user_agents', `'${agent}' is not the name of a client, without its version`)
  const windows = policy.time === '' ? undefined : readTimeWindows(policy.time)
  if (windows !== undefined && 'fault' in windows) return faultOf('time', windows.fault)
  const conditions = readConditions(policy.conditions)
  if ('fault' in conditions) return faultOf('conditions', conditions.fault)
  if (policy.scope === 'enrollment' && conditions.conditions.some(concernsToken))
    return faultOf('conditions', 'where a token is enrolled there is none yet to ask about')
  return undefined
}

const faultOf = (field: string, why: string): PolicyFault => ({ field, why: `${field}: ${why}` })

/** Which realms of a policy do not exist, in privacyIDEA's words; undefined if all do. `realms`: those that exist. */
export function realmFault({ realm }: Policy, realms: ReadonlySet<string>): string | undefined {
  const missing = literalNames(realm).filter((name) => name !== '*' && !realms.has(name.toLowerCase()))
  if (missing.length === 0) return undefined
  return `Undefined User-realms: [${missing.map((name) => `'${name}'`).join(', ')}]! POST /realm/<realm> creates a realm.`
}

function resolverFault(entry: string): string | undefined {
  return /^(?:[!-]?\s*nod|\*)$/.test(entry) ? undefined : `'${entry}': the only resolver is ${RESOLVER}`
}
