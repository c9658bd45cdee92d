import type { Ports } from '../../ports/ports.ts'
import type { SubjectFields } from '../../protocol/login/client-request.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { Situation } from '../../rules/policy/policy-set.ts'
import type { AuthorizationPolicy } from '../../rules/login/authorization-policy.ts'
import { authorizationPolicy } from '../../rules/login/authorization-policy.ts'
import type { Caller, Role, Source } from '../../vocabulary.ts'
import type { Credential } from '../access/identify.ts'
import { requireRole, identifyCaller, ownerAuthorization } from '../access/identify.ts'
import type { LoginSubject } from './login-subject.ts'
import { resolveSource, findLoginSubject, situationOf } from './login-subject.ts'

/** Whom a login is for, who may open it, and what policy makes of it. */
export interface AuthorizedLogin {
  readonly meant: LoginSubject
  readonly caller: Caller
  /** With the end user's address, where somebody believed has told it. */
  readonly source: Source
  readonly situation: Situation
  readonly terms: AuthorizationPolicy
}

/** What a login is opened by: the PIN, no PIN where the caller may trigger, or the PIN of who signs in to Nod itself, which
 *  is open to everybody. */
export type LoginMethod = 'pin' | 'trigger' | 'sign in'

const TRIGGER_ROLES: readonly Role[] = ['validate']

/** Read in one round trip to D1. With a PIN whoever the configuration and policies let in is admitted, without one only who
 *  may trigger. Refuses: who may not; `not_authorized`; `policy_conflict`; `storage_unavailable`. */
export async function authorizeLogin(
  ports: Pick<Ports, 'subjects' | 'deployment' | 'limits' | 'now'>,
  credential: Credential,
  from: Source,
  subject: SubjectFields,
  method: LoginMethod,
): Promise<Outcome<AuthorizedLogin>> {
  const found = await findLoginSubject(ports, subject, from)
  if (!found.ok) return found
  const meant = found.value
  const { snapshot, owner } = meant
  const source = resolveSource(from, snapshot)
  const caller = identifyCaller(credential, snapshot)
  if (!caller.ok) return method === 'trigger' ? caller : refuse({ reason: 'service_key_required' })
  const isNobody = caller.value.kind === 'nobody'
  const admitted =
    method === 'sign in' || (method === 'pin' && isNobody) ? caller : requireRole(caller.value, TRIGGER_ROLES)
  if (!admitted.ok) return admitted
  if (method === 'pin' && isNobody && !ports.limits.anonymousCheck) return refuse({ reason: 'service_key_required' })
  if (method === 'trigger') {
    const may = ownerAuthorization(
      caller.value,
      snapshot,
      { ...source, now: ports.now() },
      'triggerchallenge',
    ).authorizeFor(owner)
    if (!may.ok) return may
  }
  const situation = situationOf(meant, source, ports.now())
  const terms = authorizationPolicy(snapshot.policySet, situation)
  if (!terms.ok) return terms
  if (terms.value.keyRequired && method === 'pin' && isNobody) return refuse({ reason: 'service_key_required' })
  return done({ meant, caller: caller.value, source, situation, terms: terms.value })
}
