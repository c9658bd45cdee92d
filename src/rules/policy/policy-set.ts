/** What the policies say in a situation: the engine. Which actions there are is `actions.ts`, what they add up to are the settings. */
import { done, refuse, type Outcome, type Refusal } from '../../refusal.ts'
import type { Policy } from '../../vocabulary.ts'
import type { WallClock } from './wall-clock.ts'
import {
  type PreparedSituation,
  prepareSituation,
  type Restriction,
  readRestrictions,
  type Situation,
} from './restrictions.ts'
import { policyClock } from '../deployment/system-settings.ts'

export type { Situation } from './restrictions.ts'

/** Policies made ready to be asked. Opaque: made by `compile`, read by this file. */
export interface PolicySet {
  readonly scopes: ReadonlyMap<string, Scope>
  readonly size: number
  readonly clock: WallClock
  /** Whether a decision may differ from one token of an owner to the next. */
  readonly concernsTokens: boolean
  readonly evaluations: WeakMap<Situation, Evaluation>
}

interface Scope {
  readonly all: readonly CompiledPolicy[]
  readonly byAction: ReadonlyMap<string, readonly CompiledPolicy[]>
}

interface CompiledPolicy {
  readonly position: number
  readonly policy: Policy
  readonly restrictions: readonly Restriction[]
}

/** Whether a policy matched, or why nobody can say. */
type Verdict = boolean | Refusal

/** A situation made ready, and the verdict on each policy by position. */
interface Evaluation {
  readonly prepared: PreparedSituation
  readonly verdicts: (Verdict | undefined)[]
}

/** The active policies, by scope and action, the lowest priority number first. They have passed `checkPolicy`. The system
 *  settings say by which clock their times of day are read. */
export function compilePolicies(
  policies: readonly Policy[],
  settings: Readonly<Record<string, string>> = {},
): PolicySet {
  const scopes = new Map<string, { all: CompiledPolicy[]; byAction: Map<string, CompiledPolicy[]> }>()
  const active = policies.filter((policy) => policy.active).toSorted(byPriority)
  for (const [position, policy] of active.entries()) {
    const scope = scopes.get(policy.scope) ?? { all: [], byAction: new Map<string, CompiledPolicy[]>() }
    scopes.set(policy.scope, scope)
    const ready = { position, policy, restrictions: readRestrictions(policy) }
    scope.all.push(ready)
    for (const action of Object.keys(policy.action)) {
      const bearing = scope.byAction.get(action)
      if (bearing === undefined) scope.byAction.set(action, [ready])
      else bearing.push(ready)
    }
  }
  const all = [...scopes.values()].flatMap((scope) => scope.all)
  const asksForTokens = all.some(({ restrictions }) => restrictions.some((one) => one.asksForToken === true))
  return {
    scopes,
    size: active.length,
    clock: policyClock(settings),
    concernsTokens: asksForTokens,
    evaluations: new WeakMap(),
  }
}

/** By name where numbers are equal: in which order policies were defined is of no account. */
const byPriority = (one: Policy, other: Policy): number =>
  one.priority - other.priority || (one.name < other.name ? -1 : 1)

/** What the policies say of a single-valued action: the value of the lowest priority number that matches, undefined without one.
 *  Refuses: several values at that priority, naming the policies (`policy_conflict`); `condition_unknown`. Source: docs/protocol.md, "Matching", golden 27-policy-api. */
export function singleValue(
  set: PolicySet,
  scope: string,
  action: string,
  situation: Situation,
): Outcome<string | true | undefined> {
  const found = decidingPolicies(set, scope, action, situation)
  if (!found.ok) return found
  const values = new Set(found.value.map((policy) => policy.action[action]))
  if (values.size < 2) return done(found.value[0]?.action[action])
  // The order of names is of no account but has to be one; in the recordings it is this one.
  const names = found.value.map((policy) => policy.name)
  return refuse({ reason: 'policy_conflict', values: names.toSorted().toReversed() })
}

/** The policies that name the action, match, and have the lowest priority number of those that do. Refuses: `condition_unknown`. */
export const decidingPolicies = (
  set: PolicySet,
  scope: string,
  action: string,
  situation: Situation,
): Outcome<readonly Policy[]> => matching(set, bearing(set, scope, action), situation, 'the first')

/** The policies that name the action and match, the one that decides first. Refuses: `condition_unknown`. */
export const matchingPolicies = (
  set: PolicySet,
  scope: string,
  action: string,
  situation: Situation,
): Outcome<readonly Policy[]> => matching(set, bearing(set, scope, action), situation, 'all')

/** Whether any active policy names the action, whomever it is for. */
export const isActionUsed = (set: PolicySet, scope: string, action: string): boolean =>
  bearing(set, scope, action).length > 0

/** `single` for several actions of a scope at once; what no policy names is absent. Refuses: the first conflict among them. */
export function singleValues<const Action extends string>(
  set: PolicySet,
  scope: string,
  actions: readonly Action[],
  situation: Situation,
): Outcome<{ readonly [Name in Action]?: string | true }> {
  const found: { [Name in Action]?: string | true } = {}
  for (const action of actions) {
    const value = singleValue(set, scope, action, situation)
    if (!value.ok) return value
    if (value.value !== undefined) found[action] = value.value
  }
  return done(found)
}

/** What the policies say of a list-valued action: the words of every policy that matches, each once, in alphabetical order.
 *  Refuses: `condition_unknown`. */
export function unionOfWords(
  set: PolicySet,
  scope: string,
  action: string,
  situation: Situation,
): Outcome<readonly string[]> {
  const found = matchingPolicies(set, scope, action, situation)
  if (!found.ok) return found
  const texts = found.value.map((policy) => policy.action[action]).filter((value) => typeof value === 'string')
  const words = texts.flatMap((text) => text.split(/\s+/)).filter((word) => word !== '')
  return done([...new Set(words)].toSorted())
}

/** Every value that the matching policies set, the one of the lowest priority number first. Refuses: `condition_unknown`. */
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

/** Whether a scope has an active policy at all. */
export const hasActivePolicy = (set: PolicySet, scope: string): boolean => (set.scopes.get(scope)?.all ?? []).length > 0

/** What became of an active policy in a situation: it matches where nothing is unmet. */
export interface PolicyAssessment {
  readonly policy: Policy
  readonly unmet: readonly UnmetRestriction[]
}

/** `found`: what the restriction was compared with, if that is known. `isUnknown`: that it is not known is an error. */
export interface UnmetRestriction {
  readonly field: string
  readonly wanted: string
  readonly found: string | undefined
  readonly isUnknown: boolean
}

/** Each active policy of a scope, and all that kept it from matching: for whoever asks why. */
export function assessPolicies(set: PolicySet, scope: string, situation: Situation): readonly PolicyAssessment[] {
  const { prepared: facts } = askedOf(set, situation)
  return (set.scopes.get(scope)?.all ?? []).map(({ policy, restrictions }) => {
    const unmet = restrictions.flatMap(({ field, wanted, met, found }) => {
      const verdict = met(facts)
      return verdict === true ? [] : [{ field, wanted, found: found(facts), isUnknown: verdict === 'unknown' }]
    })
    return { policy, unmet }
  })
}

const bearing = (set: PolicySet, scope: string, action: string): readonly CompiledPolicy[] =>
  set.scopes.get(scope)?.byAction.get(action) ?? []

function matching(
  set: PolicySet,
  candidates: readonly CompiledPolicy[],
  situation: Situation,
  wanted: 'the first' | 'all',
): Outcome<readonly Policy[]> {
  if (candidates.length === 0) return done([])
  const { prepared: facts, verdicts } = askedOf(set, situation)
  const found: Policy[] = []
  for (const ready of candidates) {
    const [first] = found
    if (wanted === 'the first' && first !== undefined && ready.policy.priority > first.priority) break
    const verdict = (verdicts[ready.position] ??= verdictOn(ready, facts))
    if (typeof verdict === 'object') return refuse(verdict)
    if (verdict) found.push(ready.policy)
  }
  return done(found)
}

function askedOf(set: PolicySet, situation: Situation): Evaluation {
  const before = set.evaluations.get(situation)
  if (before !== undefined) return before
  const asked: Evaluation = {
    prepared: prepareSituation(situation, set.clock),
    verdicts: Array.from({ length: set.size }, () => undefined),
  }
  set.evaluations.set(situation, asked)
  return asked
}

/** What one restriction does not know is of no account where another is not met. */
function verdictOn({ policy, restrictions }: CompiledPolicy, facts: PreparedSituation): Verdict {
  let unknown: Restriction | undefined
  for (const restriction of restrictions) {
    const met = restriction.met(facts)
    if (met === false) return false
    if (met === 'unknown') unknown ??= restriction
  }
  if (unknown === undefined) return true
  return { reason: 'condition_unknown', policy: policy.name, about: unknown.about ?? unknown.field }
}
