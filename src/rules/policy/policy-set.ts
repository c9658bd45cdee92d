/** The active policies, and what they set in a situation. The actions there are stand in `actions/`; `readActions` makes typed
 *  values of what is found here. */
import { done, refuse, type Outcome, type Refusal } from '../../refusal.ts'
import { instant, type Owner, type Policy } from '../../vocabulary.ts'
import { policyClock } from '../deployment/system-settings.ts'
import {
  type PreparedSituation,
  policyConcernsToken,
  prepareSituation,
  readRestrictions,
  type Restriction,
  type Situation,
} from './restrictions.ts'
import type { WallClock } from './wall-clock.ts'

export type { Situation } from './restrictions.ts'

/** Made by `compilePolicies`; only this file reads its fields. */
export interface PolicySet {
  readonly scopes: ReadonlyMap<string, ScopePolicies>
  readonly clock: WallClock
  /** Whether a decision may differ from one token of an owner to the next. */
  readonly concernsTokens: boolean
  readonly evaluations: WeakMap<Situation, Evaluation>
}

/** The policies of a scope, the lowest priority number first. */
interface ScopePolicies {
  readonly all: readonly CompiledPolicy[]
  readonly byAction: ReadonlyMap<string, readonly CompiledPolicy[]>
}

interface CompiledPolicy {
  readonly position: number
  readonly policy: Policy
  /** Read when the policy is first compared: an isolate that has just started need not read those of a thousand policies. */
  readonly restrictions: () => readonly Restriction[]
}

/** Whether a policy matches, or the refusal if that cannot be decided. */
type Verdict = boolean | Refusal

/** A prepared situation and the verdicts so far, by the position of the policy. */
interface Evaluation {
  readonly prepared: PreparedSituation
  readonly verdicts: Map<number, Verdict>
  /** The names of the policies whose values were read. */
  readonly decided: Set<string>
}

/** Compiles the active policies; they have passed `checkPolicy`. The system settings name the time zone of their times. */
export function compilePolicies(
  policies: readonly Policy[],
  settings: Readonly<Record<string, string>> = {},
): PolicySet {
  const scopes = new Map<string, { all: CompiledPolicy[]; byAction: Map<string, CompiledPolicy[]> }>()
  const active = policies.filter((policy) => policy.active).toSorted(byPriority)
  for (const [position, policy] of active.entries()) {
    const scope = scopes.get(policy.scope) ?? { all: [], byAction: new Map<string, CompiledPolicy[]>() }
    scopes.set(policy.scope, scope)
    const compiled = { position, policy, restrictions: once(() => readRestrictions(policy)) }
    scope.all.push(compiled)
    for (const action of Object.keys(policy.action)) {
      const setting = scope.byAction.get(action)
      if (setting === undefined) scope.byAction.set(action, [compiled])
      else setting.push(compiled)
    }
  }
  return {
    scopes,
    clock: policyClock(settings),
    concernsTokens: active.some(policyConcernsToken),
    evaluations: new WeakMap(),
  }
}

function once<T>(read: () => T): () => T {
  let value: T | undefined
  return () => (value ??= read())
}

/** Policies of the same priority are in the order of their names, not in the order they were written in. */
const byPriority = (one: Policy, other: Policy): number =>
  one.priority - other.priority || (one.name < other.name ? -1 : 1)

/** The value of an action: that of the matching policy with the lowest priority number; undefined if none matches.
 *  Refuses: `policy_conflict`, naming the policies, if there are different values at that number; `condition_unknown`.
 *  Source: docs/protocol.md, "Matching"; golden 27-policy-api. */
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
  // privacyIDEA names them in no fixed order; the recordings happen to have this one.
  const names = found.value.map((policy) => policy.name)
  return refuse({ reason: 'policy_conflict', values: names.toSorted().toReversed() })
}

/** The matching policies that set the action, of these the ones with the lowest priority number.
 *  Refuses: `condition_unknown`. */
export const decidingPolicies = (
  set: PolicySet,
  scope: string,
  action: string,
  situation: Situation,
): Outcome<readonly Policy[]> => findMatching(set, policiesSetting(set, scope, action), situation, 'lowest priority')

/** The matching policies that set the action, the lowest priority number first. Refuses: `condition_unknown`. */
export const matchingPolicies = (
  set: PolicySet,
  scope: string,
  action: string,
  situation: Situation,
): Outcome<readonly Policy[]> => findMatching(set, policiesSetting(set, scope, action), situation, 'all')

/** The words of every matching policy's value, each once, in alphabetical order. Refuses: `condition_unknown`. */
export function unionOfWords(
  set: PolicySet,
  scope: string,
  action: string,
  situation: Situation,
): Outcome<readonly string[]> {
  const found = allValues(set, scope, action, situation)
  if (!found.ok) return found
  const words = found.value.flatMap((text) => text.split(/\s+/)).filter((word) => word !== '')
  return done([...new Set(words)].toSorted())
}

/** The value of every matching policy, the lowest priority number first. Refuses: `condition_unknown`. */
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

/** The active policies that set the action and are about this owner, whatever request they are restricted to: the lowest priority
 *  number first. */
export function policiesAboutOwner(
  set: PolicySet,
  scope: string,
  action: string,
  owner: Owner | undefined,
): readonly Policy[] {
  const prepared = prepareSituation({ owner, address: '', userAgent: '', now: instant(0) }, set.clock)
  const isAboutOwner = ({ field, isMet }: Restriction): boolean => !OF_OWNERS.has(field) || isMet(prepared) === true
  return policiesSetting(set, scope, action).flatMap(({ policy, restrictions }) =>
    restrictions().every(isAboutOwner) ? [policy] : [],
  )
}

/** The fields that restrict a policy to users. */
const OF_OWNERS: ReadonlySet<string> = new Set(['realm', 'user', 'resolver'])

/** Whether any active policy sets the action, for whomever. */
export const isActionUsed = (set: PolicySet, scope: string, action: string): boolean =>
  policiesSetting(set, scope, action).length > 0

/** Whether the scope has an active policy. */
export const hasActivePolicy = (set: PolicySet, scope: string): boolean => (set.scopes.get(scope)?.all ?? []).length > 0

/** An active policy, and the restrictions the situation does not meet. It matches if there are none. */
export interface PolicyAssessment {
  readonly policy: Policy
  readonly unmet: readonly UnmetRestriction[]
}

export interface UnmetRestriction {
  readonly field: string
  /** The value of the policy's field. */
  readonly expected: string
  /** What the situation has; undefined where it has nothing to compare. */
  readonly actual: string | undefined
  /** There is nothing to compare, and the policy makes that an error. */
  readonly isUnknown: boolean
}

/** Compares each active policy of a scope with the situation, so that an administrator sees why a policy does not match. */
export function assessPolicies(set: PolicySet, scope: string, situation: Situation): readonly PolicyAssessment[] {
  const { prepared } = evaluationOf(set, situation)
  return (set.scopes.get(scope)?.all ?? []).map(({ policy, restrictions }) => {
    const unmet = restrictions().flatMap(({ field, expected, isMet, actual }) => {
      const result = isMet(prepared)
      return result === true ? [] : [{ field, expected, actual: actual(prepared), isUnknown: result === 'unknown' }]
    })
    return { policy, unmet }
  })
}

/** The names of the policies that have set anything in these situations so far, in alphabetical order. */
export const policiesThatDecided = (set: PolicySet, situations: Iterable<Situation>): readonly string[] =>
  [...new Set([...situations].flatMap((one) => [...(set.evaluations.get(one)?.decided ?? [])]))].toSorted()

const policiesSetting = (set: PolicySet, scope: string, action: string): readonly CompiledPolicy[] =>
  set.scopes.get(scope)?.byAction.get(action) ?? []

function findMatching(
  set: PolicySet,
  candidates: readonly CompiledPolicy[],
  situation: Situation,
  extent: 'lowest priority' | 'all',
): Outcome<readonly Policy[]> {
  if (candidates.length === 0) return done([])
  const { prepared, verdicts, decided } = evaluationOf(set, situation)
  const found: Policy[] = []
  for (const candidate of candidates) {
    const [first] = found
    if (extent === 'lowest priority' && first !== undefined && candidate.policy.priority > first.priority) break
    const verdict = verdicts.get(candidate.position) ?? verdictOn(candidate, prepared)
    verdicts.set(candidate.position, verdict)
    if (typeof verdict === 'object') return refuse(verdict)
    if (verdict) found.push(candidate.policy)
  }
  for (const { name } of found) decided.add(name)
  return done(found)
}

function evaluationOf(set: PolicySet, situation: Situation): Evaluation {
  const earlier = set.evaluations.get(situation)
  if (earlier !== undefined) return earlier
  const evaluation: Evaluation = {
    prepared: prepareSituation(situation, set.clock),
    verdicts: new Map(),
    decided: new Set(),
  }
  set.evaluations.set(situation, evaluation)
  return evaluation
}

/** An unknown restriction is no error where another restriction is not met: the policy would not match anyway. */
function verdictOn({ policy, restrictions }: CompiledPolicy, prepared: PreparedSituation): Verdict {
  let unknown: Restriction | undefined
  for (const restriction of restrictions()) {
    const result = restriction.isMet(prepared)
    if (result === false) return false
    if (result === 'unknown') unknown ??= restriction
  }
  if (unknown === undefined) return true
  return { reason: 'condition_unknown', policy: policy.name, about: unknown.subject ?? unknown.field }
}
