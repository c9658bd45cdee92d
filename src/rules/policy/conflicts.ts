/** Policies that contradict each other: a request that two of them apply to is refused, because they set different values with the same
 *  priority. Whether they can apply to the same request is told from the policies alone, to the safe side. */
import type { Policy } from '../../vocabulary.ts'
import { ACTIONS } from './actions/all.ts'
import { canOverlap } from './overlap.ts'

export interface PolicyConflict {
  readonly action: string
  /** The names of the two policies. */
  readonly policies: readonly [string, string]
  readonly values: readonly [string, string]
}

/** Finds the actions that two active policies set differently for requests that both can apply to. `about`: only those of the policy
 *  with this name. */
export function policyConflicts(policies: readonly Policy[], about?: string): readonly PolicyConflict[] {
  const active = policies.filter((policy) => policy.active)
  const rivals = Map.groupBy(active, ({ scope, priority }) => `${scope} ${priority}`)
  return [...rivals.values()].flatMap((group) =>
    group.flatMap((one, place) =>
      group
        .slice(place + 1)
        .flatMap((other) =>
          about === undefined || one.name === about || other.name === about ? conflictsOf(one, other) : [],
        ),
    ),
  )
}

function conflictsOf(one: Policy, other: Policy): readonly PolicyConflict[] {
  const differing = Object.entries(one.action).filter(([action, value]) => {
    const another = Object.hasOwn(other.action, action) ? other.action[action] : undefined
    return another !== undefined && another !== value && ACTIONS[one.scope]?.[action]?.combination === 'first'
  })
  if (differing.length === 0 || !canShareAdministrator(one, other) || !canOverlap(one, other)) return []
  return differing.map(([action, value]) => ({
    action,
    policies: [one.name, other.name],
    values: [String(value), String(other.action[action])],
  }))
}

/** Whether both can apply to one administrator. Only lists of plain names are told apart. */
function canShareAdministrator(one: Policy, other: Policy): boolean {
  const lists = [one.adminuser, other.adminuser]
  const arePlain = lists.every(
    (list) => list.length > 0 && list.every((name) => /^[\w.@-]+$/.test(name) && !name.startsWith('-')),
  )
  if (!arePlain) return true
  const names = new Set(one.adminuser.map((name) => name.toLowerCase()))
  return other.adminuser.some((name) => names.has(name.toLowerCase()))
}
