/** Policies that contradict each other. With the same priority, a request that two of them apply to is refused, because they set different
 *  values. With another priority one of them decides, and what the other sets may never count. Both are told from the policies alone, to
 *  the safe side. */
import type { Policy } from '../../vocabulary.ts'
import { ACTIONS } from './actions/all.ts'
import { canOverlap, coversBoth } from './overlap.ts'

export interface PolicyConflict {
  /** `refused`: requests that both are about are refused. `never_counts`: what the second sets never counts, since the first takes
   *  precedence and is about all its requests. */
  readonly kind: 'refused' | 'never_counts'
  readonly action: string
  /** The names of the two policies. */
  readonly policies: readonly [string, string]
  readonly values: readonly [string, string]
}

/** Finds the actions that two active policies set differently for requests that both can apply to. `about`: only those of the policy
 *  with this name. */
export function policyConflicts(policies: readonly Policy[], about?: string): readonly PolicyConflict[] {
  const active = policies.filter((policy) => policy.active)
  return [...Map.groupBy(active, ({ scope }) => scope).values()].flatMap((group) => {
    const ordered = group.toSorted((one, other) => one.priority - other.priority)
    return ordered.flatMap((one, place) =>
      ordered
        .slice(place + 1)
        .flatMap((other) =>
          about === undefined || one.name === about || other.name === about ? conflictsOf(one, other) : [],
        ),
    )
  })
}

/** `one`: takes precedence, if not both have the same priority. */
function conflictsOf(one: Policy, other: Policy): readonly PolicyConflict[] {
  const differing = Object.entries(one.action).filter(([action, value]) => {
    const another = Object.hasOwn(other.action, action) ? other.action[action] : undefined
    return another !== undefined && another !== value && ACTIONS[one.scope]?.[action]?.combination === 'first'
  })
  const isRefused = one.priority === other.priority
  if (differing.length === 0 || !(isRefused ? canMeet(one, other) : isAlwaysOverruled(other, one))) return []
  return differing.map(([action, value]) => ({
    kind: isRefused ? ('refused' as const) : ('never_counts' as const),
    action,
    policies: [one.name, other.name],
    values: [String(value), String(other.action[action])],
  }))
}

const canMeet = (one: Policy, other: Policy): boolean => canShareAdministrator(one, other) && canOverlap(one, other)

/** Whether every request that the policy is about is one that the other is about. */
const isAlwaysOverruled = (policy: Policy, by: Policy): boolean =>
  by.adminuser.length === 0 && by.adminrealm.length === 0 && coversBoth(by, policy, policy)

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
