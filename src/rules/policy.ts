/** What the policies say in a situation: the engine. Which actions there are is `actions.ts`, what they add up to are the settings. */
import { done, refuse, type Outcome } from '../refusal.ts'
import type { Owner, Policy } from '../vocabulary.ts'
import { type Block, parseAddress } from './addresses.ts'
import { type Clients, clientsMatch, type Names, namesMatch, readClients, readNames } from './policy-match.ts'

/** Whom and what a decision is about. One object for one decision: what matched it is remembered by it. */
export interface Situation {
  readonly owner?: Owner
  readonly address: string
  readonly userAgent: string
}

/** Policies made ready to be asked. Opaque: made by `compile`, read by this file. */
export interface PolicySet {
  readonly scopes: ReadonlyMap<string, Scope>
  readonly size: number
  readonly met: WeakMap<Situation, Facts>
}

interface Scope {
  readonly all: readonly Ready[]
  readonly byAction: ReadonlyMap<string, readonly Ready[]>
}

/** A policy made ready: each restriction is absent, or a look-up. A restriction to come is one more member here and one more line in `meets`. */
interface Ready {
  readonly position: number
  readonly policy: Policy
  readonly realms: Names | undefined
  readonly users: Names | undefined
  readonly clients: Clients | undefined
}

/** A situation made ready, and for each policy by position whether it matched. */
interface Facts {
  readonly owner: { readonly login: string; readonly folded: string; readonly realm: string } | undefined
  readonly address: Block | undefined
  readonly verdicts: (boolean | undefined)[]
}

const fold = (name: string): string => name.toLowerCase()
const keep = (name: string): string => name

/** The active policies, by scope and action, the lowest priority number first. They have passed `checkPolicy`. */
export function compile(policies: readonly Policy[]): PolicySet {
  const scopes = new Map<string, { all: Ready[]; byAction: Map<string, Ready[]> }>()
  const active = policies.filter((policy) => policy.active).toSorted((a, b) => a.priority - b.priority)
  for (const [position, policy] of active.entries()) {
    const scope = scopes.get(policy.scope) ?? { all: [], byAction: new Map<string, Ready[]>() }
    scopes.set(policy.scope, scope)
    const ready = makeReady(policy, position)
    scope.all.push(ready)
    for (const action of Object.keys(policy.action)) {
      const bearers = scope.byAction.get(action)
      if (bearers === undefined) scope.byAction.set(action, [ready])
      else bearers.push(ready)
    }
  }
  return { scopes, size: active.length, met: new WeakMap() }
}

/** What the policies say of a single-valued action: the value of the lowest priority number that matches, undefined without one.
 *  Refuses: several values at that priority, naming the policies. Source: contract 12.4, golden 27-policy-api. */
export function single(
  set: PolicySet,
  scope: string,
  action: string,
  situation: Situation,
): Outcome<string | true | undefined> {
  const matches: Policy[] = []
  for (const { policy } of matching(set, bearing(set, scope, action), situation)) {
    if (matches[0] !== undefined && policy.priority > matches[0].priority) break
    matches.push(policy)
  }
  const values = new Set(matches.map((policy) => policy.action[action]))
  if (values.size < 2) return done(matches[0]?.action[action])
  // The order of names is of no account but has to be one; in the recordings it is this one.
  const names = matches.map((policy) => policy.name)
  return refuse({ reason: 'policy_conflict', values: names.toSorted().toReversed() })
}

/** The policies that name the action and match, the one that decides first. */
export const bearers = (set: PolicySet, scope: string, action: string, situation: Situation): readonly Policy[] =>
  Array.from(matching(set, bearing(set, scope, action), situation), ({ policy }) => policy)

/** Whether any active policy names the action, whomever it is for. */
export const isNamed = (set: PolicySet, scope: string, action: string): boolean =>
  bearing(set, scope, action).length > 0

/** `single` for several actions of a scope at once; what no policy names is absent. Refuses: the first conflict among them. */
export function singles<const Action extends string>(
  set: PolicySet,
  scope: string,
  actions: readonly Action[],
  situation: Situation,
): Outcome<{ readonly [Name in Action]?: string | true }> {
  const found: { [Name in Action]?: string | true } = {}
  for (const action of actions) {
    const value = single(set, scope, action, situation)
    if (!value.ok) return value
    if (value.value !== undefined) found[action] = value.value
  }
  return done(found)
}

/** What the policies say of a list-valued action: the words of every policy that matches, each once, in alphabetical order. */
export function union(set: PolicySet, scope: string, action: string, situation: Situation): readonly string[] {
  const words = new Set<string>()
  for (const { policy } of matching(set, bearing(set, scope, action), situation)) {
    const value = policy.action[action]
    if (typeof value === 'string') for (const word of value.split(/\s+/)) if (word !== '') words.add(word)
  }
  return [...words].toSorted()
}

/** Whether a scope has an active policy at all; given a situation, whether one of them matches it. */
export function any(set: PolicySet, scope: string, situation?: Situation): boolean {
  const all = set.scopes.get(scope)?.all ?? []
  return situation === undefined ? all.length > 0 : !matching(set, all, situation).next().done
}

function makeReady(policy: Policy, position: number): Ready {
  return {
    position,
    policy,
    realms: readNames(policy.realm, fold),
    users: readNames(policy.user, policy.userCaseInsensitive ? fold : keep),
    clients: readClients(policy.client),
  }
}

const bearing = (set: PolicySet, scope: string, action: string): readonly Ready[] =>
  set.scopes.get(scope)?.byAction.get(action) ?? []

function* matching(set: PolicySet, candidates: readonly Ready[], situation: Situation): Generator<Ready, void> {
  if (candidates.length === 0) return
  const facts = factsOf(set, situation)
  for (const ready of candidates) if ((facts.verdicts[ready.position] ??= meets(ready, facts))) yield ready
}

function factsOf(set: PolicySet, situation: Situation): Facts {
  const known = set.met.get(situation)
  if (known !== undefined) return known
  const { owner } = situation
  const facts: Facts = {
    owner: owner && { login: owner.login, folded: fold(owner.login), realm: fold(owner.realm) },
    address: parseAddress(situation.address),
    verdicts: Array.from({ length: set.size }, () => undefined),
  }
  set.met.set(situation, facts)
  return facts
}

/** Whether every restriction of the policy is met. What is restricted and not known is not met. */
function meets({ policy, realms, users, clients }: Ready, { owner, address }: Facts): boolean {
  if (realms && !(owner && namesMatch(realms, owner.realm))) return false
  if (users && !(owner && namesMatch(users, policy.userCaseInsensitive ? owner.folded : owner.login))) return false
  return !clients || (address !== undefined && clientsMatch(clients, address))
}
