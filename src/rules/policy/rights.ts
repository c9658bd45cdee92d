/** Whether policy lets somebody do something: everything while their scope has no active policy, else what is granted. */
import { done, refuse, type Outcome } from '../../refusal.ts'
import type { Instant, Owner, Policy } from '../../vocabulary.ts'
import { hasActivePolicy, matchingPolicies, type PolicySet, type Situation } from './policy-set.ts'
import { ALL_RIGHTS, type Right, RIGHTS } from './actions/rights.ts'

/** From where somebody acts, and when: policies may ask. */
export interface Occasion {
  readonly address: string
  readonly userAgent: string
  readonly now: Instant
}

/** Who wants to do something, and on what occasion. A service is known to policies as `service:<name>`, which no login can be. */
export interface Actor extends Occasion {
  readonly scope: 'admin' | 'user'
  /** The administrator's login. */
  readonly administrator?: string
  /** The user who is signed in. */
  readonly owner?: Owner
}

/** Whom it is about: a user, a token of nobody, or no user at all. What is about no user is not restricted by a policy's
 *  realms and users; what is about a token of nobody is not granted by one that has any. */
export type RightTarget = Owner | 'nobody' | 'deployment'

/** What policies are asked about where this actor does something to them. */
export const actorSituation = (actor: Actor, affected: RightTarget): Situation => {
  const { scope, administrator, owner, address, userAgent, now } = actor
  const from = { address, userAgent, now, ...(administrator === undefined ? {} : { administrator }) }
  if (scope === 'user') return owner === undefined ? from : { ...from, owner }
  if (affected === 'deployment') return { ...from, aboutNoUser: true }
  return affected === 'nobody' ? from : { ...from, owner: affected }
}

/** The policies that grant it. Refuses: `condition_unknown`. */
function grants(set: PolicySet, scope: string, right: Right, situation: Situation): Outcome<readonly Policy[]> {
  const byName = matchingPolicies(set, scope, right, situation)
  return !byName.ok || byName.value.length > 0 ? byName : matchingPolicies(set, scope, ALL_RIGHTS, situation)
}

/** What conditions ask of one user or token. */
const OF_ONE: ReadonlySet<unknown> = new Set(['userinfo', 'token', 'tokeninfo'])

/** Whether whoever it holds for, it holds for everybody of their realm. */
const isForAll = ({ user, conditions }: Policy): boolean =>
  user.every((entry) => entry === '*') &&
  conditions.every((condition) => Array.isArray(condition) && !OF_ONE.has(condition[0]))

/** Refuses: `right_missing`, `condition_unknown`. Source: docs/protocol.md, "General actions", golden 02-enroll-limits. */
export function checkRight(set: PolicySet, actor: Actor, right: Right, affected: RightTarget): Outcome<void> {
  const { scope } = actor
  if (!hasActivePolicy(set, scope)) return done(undefined)
  const granted = grants(set, scope, right, actorSituation(actor, affected))
  if (!granted.ok) return granted
  return granted.value.length > 0 ? done(undefined) : refuse({ reason: 'right_missing', scope, right })
}

/** The realms whose users it may be done to, if there is no list of everybody's for this actor. A policy that names users
 *  grants no list of their realm. */
export function permittedRealms(
  set: PolicySet,
  actor: Actor,
  right: Right,
  realms: Iterable<string>,
): 'everywhere' | readonly string[] {
  if (checkRight(set, actor, right, 'nobody').ok) return 'everywhere'
  return [...realms].filter((realm) => {
    const granted = grants(set, actor.scope, right, actorSituation(actor, { login: '', realm }))
    return granted.ok && granted.value.some(isForAll)
  })
}

/** What of all this the actor may do at all, to whomever. */
export function grantedRights(set: PolicySet, actor: Actor, within: (right: Right) => boolean): readonly Right[] {
  const names = Object.keys(RIGHTS) as readonly Right[]
  return names.filter((right) => within(right) && checkRight(set, actor, right, 'deployment').ok)
}

/** Why these policies would lock everybody out, or undefined if somebody among these administrators may still write policies,
 *  coming from where the caller does. */
export function lockoutFault(set: PolicySet, administrators: Iterable<string>, from: Occasion): string | undefined {
  const { address, userAgent, now } = from
  const writes = (administrator: string): boolean =>
    checkRight(set, { scope: 'admin', administrator, address, userAgent, now }, 'policywrite', 'deployment').ok
  return [...administrators].some(writes)
    ? undefined
    : 'Nobody could write policies any more, coming from here: grant policywrite to an administrator of the role admin first'
}
