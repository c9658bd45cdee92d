/** What the policies come to in a situation, and why: by the same questions that a login asks, for whoever wants to know beforehand. */
import type { Outcome } from '../../refusal.ts'
import { done } from '../../refusal.ts'
import type { Policy } from '../../vocabulary.ts'
import { ACTIONS } from './actions/all.ts'
import type { ActionDefinition } from './actions/values.ts'
import {
  matchingPolicies,
  decidingPolicies,
  assessPolicies,
  type PolicySet,
  singleValue,
  type Situation,
  unionOfWords,
  type UnmetRestriction,
} from './policy-set.ts'

/** What holds for one action: by the word of these policies, or, where there are none, by default. */
interface ActionEffect {
  readonly value: string | boolean | undefined
  readonly policies: readonly string[]
}

export interface PolicyExplanation {
  /** By action: what holds, or what the login would be refused for. */
  readonly settings: Readonly<Record<string, Outcome<ActionEffect>>>
  readonly policies: readonly {
    readonly name: string
    readonly priority: number
    readonly active: boolean
    readonly matches: boolean
    readonly unmet: readonly UnmetRestriction[]
  }[]
}

/** `policies`: those of the set, and those that are not active. */
export function explainPolicies(
  set: PolicySet,
  policies: readonly Policy[],
  scope: string,
  situation: Situation,
): PolicyExplanation {
  const definitions = Object.entries(ACTIONS[scope] ?? {})
  const active = assessPolicies(set, scope, situation).map(({ policy: { name, priority }, unmet }) => {
    return { name, priority, active: true, matches: unmet.length === 0, unmet }
  })
  const inactive = policies
    .filter((policy) => !policy.active && policy.scope === scope)
    .map(({ name, priority }) => ({ name, priority, active: false, matches: false, unmet: [] }))
  return {
    settings: Object.fromEntries(
      definitions.map(([action, definition]) => [action, effectOf(set, scope, action, definition, situation)]),
    ),
    policies: [...active, ...inactive],
  }
}

function effectOf(
  set: PolicySet,
  scope: string,
  action: string,
  { type, isUnion, default: otherwise }: ActionDefinition,
  situation: Situation,
): Outcome<ActionEffect> {
  const said = isUnion === true ? joined(set, scope, action, situation) : singleValue(set, scope, action, situation)
  if (!said.ok) return said
  const by = (isUnion === true ? matchingPolicies : decidingPolicies)(set, scope, action, situation)
  if (!by.ok) return by
  const value = said.value ?? otherwise ?? (type === 'bool' ? false : undefined)
  return done({ value, policies: by.value.map(({ name }) => name) })
}

function joined(set: PolicySet, scope: string, action: string, situation: Situation): Outcome<string | undefined> {
  const words = unionOfWords(set, scope, action, situation)
  if (!words.ok) return words
  return done(words.value.length === 0 ? undefined : words.value.join(' '))
}
