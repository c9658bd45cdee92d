/** What the policies of a scope set in a situation, and why. It asks the questions a login asks, so that an administrator can
 *  look before a user does. */
import { done, type Outcome } from '../../refusal.ts'
import type { Policy } from '../../vocabulary.ts'
import { ACTIONS } from './actions/all.ts'
import type { NamedAction } from './actions/apps.ts'
import {
  assessPolicies,
  decidingPolicies,
  matchingPolicies,
  type PolicySet,
  singleValue,
  type Situation,
  unionOfWords,
  type UnmetRestriction,
} from './policy-set.ts'

/** The value of one action and the policies that set it; without any policy the value is the default. */
interface ActionEffect {
  readonly value: string | boolean | undefined
  readonly policies: readonly string[]
}

export interface PolicyExplanation {
  /** By action: its effect, or the refusal a login would meet. */
  readonly settings: Readonly<Record<string, Outcome<ActionEffect>>>
  readonly policies: readonly {
    readonly name: string
    readonly priority: number
    readonly active: boolean
    readonly matches: boolean
    readonly unmet: readonly UnmetRestriction[]
  }[]
}

/** Explains every action and every policy of a scope. `policies`: those of the set, and the inactive ones. */
export function explainPolicies(
  set: PolicySet,
  policies: readonly Policy[],
  scope: string,
  situation: Situation,
): PolicyExplanation {
  const active = assessPolicies(set, scope, situation).map(({ policy: { name, priority }, unmet }) => {
    return { name, priority, active: true, matches: unmet.length === 0, unmet }
  })
  const inactive = policies
    .filter((policy) => !policy.active && policy.scope === scope)
    .map(({ name, priority }) => ({ name, priority, active: false, matches: false, unmet: [] }))
  return {
    settings: Object.fromEntries(
      Object.values(ACTIONS[scope] ?? {}).map((action) => [action.name, effectOf(set, scope, action, situation)]),
    ),
    policies: [...active, ...inactive],
  }
}

function effectOf(
  set: PolicySet,
  scope: string,
  { name, type, combination, default: otherwise }: NamedAction,
  situation: Situation,
): Outcome<ActionEffect> {
  const isJoined = combination === 'words' || combination === 'every'
  const found = isJoined ? joinedWords(set, scope, name, situation) : singleValue(set, scope, name, situation)
  if (!found.ok) return found
  const setBy = (isJoined ? matchingPolicies : decidingPolicies)(set, scope, name, situation)
  if (!setBy.ok) return setBy
  const value = found.value ?? otherwise ?? (type === 'bool' ? false : undefined)
  return done({ value, policies: setBy.value.map((policy) => policy.name) })
}

function joinedWords(set: PolicySet, scope: string, action: string, situation: Situation): Outcome<string | undefined> {
  const words = unionOfWords(set, scope, action, situation)
  if (!words.ok) return words
  return done(words.value.length === 0 ? undefined : words.value.join(' '))
}
