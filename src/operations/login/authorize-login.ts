import type { Ports } from '../../ports/ports.ts'
import type { SubjectFields } from '../../protocol/login/client-request.ts'
import { done, type Outcome, type Refusal, refuse } from '../../refusal.ts'
import type { Situation } from '../../rules/policy/policy-set.ts'
import { isServedHere } from '../../rules/deployment/cut-over.ts'
import { type AuthorizationPolicy, authorizationPolicy, isKeyRequired } from '../../rules/login/authorization-policy.ts'
import type { Caller, Source } from '../../vocabulary.ts'
import { serviceKeyRequired } from '../access/admission.ts'
import { type Credential, identifyCaller, ownerAuthorization, requireRole } from '../access/identify.ts'
import { resolveSource } from '../access/believed-address.ts'
import { findLoginSubject, type LoginSubject, situationOf } from './login-subject.ts'

/** A login that its caller may open: whose it is, and what policies make of it. */
export interface AuthorizedLogin {
  readonly subject: LoginSubject
  readonly caller: Caller
  /** With the end user's address, if a trusted proxy or service told it. */
  readonly source: Source
  /** The address that the request itself came from. */
  readonly peerAddress: string
  readonly situation: Situation
  /** What policies were asked about: the situation, and those of single tokens. */
  readonly situations: Set<Situation>
  readonly policy: AuthorizationPolicy
}

/** The refusal of a check whose credential does not hold. */
const keyRequiredAfter = ({ reason }: Refusal): Refusal =>
  reason === 'service_key_expired'
    ? { reason: 'service_key_required', expired: true }
    : { reason: 'service_key_required' }

/** How a login is opened: with the user's PIN, without one by a service that may, or with the PIN at Nod's own sign-in, which is
 *  open to everybody. */
export type LoginMethod = 'pin' | 'trigger' | 'sign_in'

/** Finds the subject of a login in D1's primary, in one round trip, and authorizes the caller to open it.
 *  Refuses: as `findLoginSubject` and `authorizeSubject`. */
export async function authorizeLogin(
  ports: Pick<Ports, 'subjects' | 'deployment' | 'limits' | 'now' | 'upstream'>,
  credential: Credential,
  peer: Source,
  fields: SubjectFields,
  method: LoginMethod,
): Promise<Outcome<AuthorizedLogin>> {
  const subject = await findLoginSubject(ports, fields, peer)
  return subject.ok ? authorizeSubject(ports, credential, peer, subject.value, method) : subject
}

/** Authorizes the caller to open a login of this subject. With a PIN, the configuration and policies may let anonymous callers in;
 *  without one, the caller needs the role and the right to trigger.
 *  Refuses: `served_upstream`; `service_key_required`; without a PIN also `authorization_missing`, `authorization_undecodable`,
 *  `role_insufficient`, `right_missing`; `not_authorized`, `policy_conflict`, `condition_unknown`. */
export function authorizeSubject(
  ports: Pick<Ports, 'limits' | 'now' | 'upstream'>,
  credential: Credential,
  peer: Source,
  subject: LoginSubject,
  method: LoginMethod,
): Outcome<AuthorizedLogin> {
  const { snapshot, owner } = subject
  // The upstream's own rules say who may ask it for a user whom it serves.
  const isElsewhere = ports.upstream !== undefined && !isServedHere(snapshot.settings, owner)
  if (isElsewhere && method !== 'trigger') return refuse({ reason: 'served_upstream' })
  const source = resolveSource(peer, snapshot)
  const identified = identifyCaller(credential, snapshot)
  if (!identified.ok) return method === 'trigger' ? identified : refuse(keyRequiredAfter(identified.refusal))
  const caller = identified.value
  const situation = situationOf(subject, source, ports.now())
  const isAnonymous = method === 'pin' && caller.kind === 'nobody'
  // As in privacyIDEA, an API token is no service key, whatever its holder's role.
  if (method === 'pin' && (caller.kind === 'administrator' || caller.kind === 'user')) {
    const required = isKeyRequired(snapshot.policySet, situation)
    if (!required.ok) return required
    if (required.value) return refuse(serviceKeyRequired(caller))
  }
  const admitted = method === 'sign_in' || isAnonymous ? identified : requireRole(caller, ['validate'])
  if (!admitted.ok) return admitted
  if (isAnonymous && !ports.limits.anonymousCheck) return refuse({ reason: 'service_key_required' })
  if (method === 'trigger') {
    const rights = ownerAuthorization(caller, snapshot, { ...source, now: ports.now() }, 'triggerchallenge')
    const permitted = rights.authorizeFor(owner)
    if (!permitted.ok) return permitted
    if (isElsewhere) return refuse({ reason: 'served_upstream' })
  }
  const policy = authorizationPolicy(snapshot.policySet, situation)
  if (!policy.ok) return policy
  if (isAnonymous && policy.value.requiresKey) return refuse({ reason: 'service_key_required' })
  const peerAddress = peer.address
  const situations = new Set([situation])
  return done({ subject, caller, source, peerAddress, situation, situations, policy: policy.value })
}
