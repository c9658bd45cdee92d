/** Which rights the policies of the scopes admin and user grant. While a scope has no active policy, everything is granted. */
import { done, refuse, type Outcome } from '../../refusal.ts'
import type { Instant, Owner, Policy } from '../../vocabulary.ts'
import { hasActivePolicy, matchingPolicies, type PolicySet, type Situation } from './policy-set.ts'
import { ALL_RIGHTS, type Right, type RightDefinition, RIGHTS } from './actions/rights.ts'

/** From where and when a request came. */
export interface RequestOrigin {
  readonly address: string
  readonly userAgent: string
  readonly now: Instant
}

/** Who wants to do something. A service is the administrator `service:<name>`, which cannot be a login. */
export interface Actor extends RequestOrigin {
  readonly scope: 'admin' | 'user'
  /** The administrator's login. */
  readonly administrator?: string | undefined
  /** The user who is signed in. */
  readonly owner?: Owner | undefined
}

/** Whom an action is about: a user, a token without an owner (`nobody`), or no user at all (`deployment`). For the deployment a
 *  policy's realms and users are ignored; for a token without an owner, a policy that has any does not match. */
export type RightTarget = Owner | 'nobody' | 'deployment'

/** The situation in which this actor acts on the target. A user only acts on their own account. */
export const actorSituation = (actor: Actor, target: RightTarget): Situation => {
  const { scope, administrator, owner, address, userAgent, now } = actor
  const situation = { address, userAgent, now, administrator }
  if (scope === 'user') return { ...situation, owner }
  if (target === 'deployment') return { ...situation, concernsNoUser: true }
  return target === 'nobody' ? situation : { ...situation, owner: target }
}

/** The actions that grant a right in this scope, by its name, by that of a right that implies it, or by `*`. */
function grantingActions(scope: string, right: Right): readonly string[] {
  const { impliedBy }: RightDefinition = RIGHTS[right]
  return scope === 'user' && impliedBy !== undefined ? [right, impliedBy, ALL_RIGHTS] : [right, ALL_RIGHTS]
}

/** The policies that grant a right by the first action that grants it at all. Refuses: `condition_unknown`. */
function grantingPolicies(
  set: PolicySet,
  scope: string,
  right: Right,
  situation: Situation,
): Outcome<readonly Policy[]> {
  for (const action of grantingActions(scope, right)) {
    const found = matchingPolicies(set, scope, action, situation)
    if (!found.ok || found.value.length > 0) return found
  }
  return done([])
}

/** Sections of conditions that are about one user or one token. */
const PERSONAL_SECTIONS: ReadonlySet<unknown> = new Set(['userinfo', 'token', 'tokeninfo'])

/** Whether the policy applies to all users of a realm if it applies to one. */
const appliesToWholeRealm = ({ user, conditions }: Policy): boolean =>
  user.every((entry) => entry === '*') &&
  conditions.every((condition) => Array.isArray(condition) && !PERSONAL_SECTIONS.has(condition[0]))

/** Checks that the actor may do this to the target. Refuses: `right_missing`, `condition_unknown`. Source: docs/protocol.md, "General actions", golden 02-enroll-limits. */
export function checkRight(set: PolicySet, actor: Actor, right: Right, target: RightTarget): Outcome<void> {
  const { scope } = actor
  if (!hasActivePolicy(set, scope)) return done(undefined)
  const granting = grantingPolicies(set, scope, right, actorSituation(actor, target))
  if (!granting.ok) return granting
  return granting.value.length > 0 ? done(undefined) : refuse({ reason: 'right_missing', scope, right })
}

/** The realms whose users the actor may list; `everywhere` if there is no limit. A policy that is restricted to single users
 *  does not grant the list of their realm. */
export function permittedRealms(
  set: PolicySet,
  actor: Actor,
  right: Right,
  realms: Iterable<string>,
): 'everywhere' | readonly string[] {
  if (checkRight(set, actor, right, 'nobody').ok) return 'everywhere'
  return [...realms].filter((realm) => {
    const granting = grantingPolicies(set, actor.scope, right, actorSituation(actor, { login: '', realm }))
    return granting.ok && granting.value.some(appliesToWholeRealm)
  })
}

/** The rights that the role of the actor allows and the policies grant, for whichever target. */
export function grantedRights(
  set: PolicySet,
  actor: Actor,
  isAllowedByRole: (right: Right) => boolean,
): readonly Right[] {
  const rights = Object.keys(RIGHTS) as readonly Right[]
  return rights.filter((right) => isAllowedByRole(right) && checkRight(set, actor, right, 'deployment').ok)
}

/** Why these policies would lock all administrators out; undefined if at least one of them may still write policies from where
 *  this request came. */
export function lockoutFault(
  set: PolicySet,
  administrators: Iterable<string>,
  origin: RequestOrigin,
): string | undefined {
  const { address, userAgent, now } = origin
  const mayWrite = (administrator: string): boolean =>
    checkRight(set, { scope: 'admin', administrator, address, userAgent, now }, 'policywrite', 'deployment').ok
  return [...administrators].some(mayWrite)
    ? undefined
    : 'Nobody could write policies any more, coming from here: grant policywrite to an administrator of the role admin first'
}
