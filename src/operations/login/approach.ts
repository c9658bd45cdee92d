import type { Ports } from '../../ports/ports.ts'
import type { Subject } from '../../protocol/login/client-request.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { Situation } from '../../rules/policy/policy.ts'
import type { Terms } from '../../rules/login/terms.ts'
import { loginTerms } from '../../rules/login/terms.ts'
import type { Caller, Role, Source } from '../../vocabulary.ts'
import type { Credential } from '../access/identify.ts'
import { admit, callerOf, reachFor } from '../access/identify.ts'
import type { Meant } from './subject.ts'
import { believed, findLogin, situationOf } from './subject.ts'

/** Whom a login is for, who may open it, and what policy makes of it. */
export interface Approached {
  readonly meant: Meant
  readonly caller: Caller
  /** With the end user's address, where somebody believed has told it. */
  readonly source: Source
  readonly situation: Situation
  readonly terms: Terms
}

/** What a login is opened by: the PIN, no PIN where the caller may trigger, or the PIN of who signs in to Nod itself, which
 *  is open to everybody. */
export type Way = 'pin' | 'trigger' | 'sign in'

const TRIGGER_ROLES: readonly Role[] = ['validate']

/** Read in one round trip to D1. With a PIN whoever the configuration and policies let in is admitted, without one only who
 *  may trigger. Refuses: who may not; `not_authorized`; `policy_conflict`; `storage_unavailable`. */
export async function approach(
  ports: Pick<Ports, 'catalogue' | 'deployment' | 'limits' | 'now'>,
  credential: Credential,
  from: Source,
  subject: Subject,
  way: Way,
): Promise<Outcome<Approached>> {
  const found = await findLogin(ports, subject, from)
  if (!found.ok) return found
  const meant = found.value
  const { snapshot, owner } = meant
  const source = believed(from, snapshot)
  const caller = callerOf(credential, snapshot)
  if (!caller.ok) return way === 'trigger' ? caller : refuse({ reason: 'service_key_required' })
  const isNobody = caller.value.kind === 'nobody'
  const admitted = way === 'sign in' || (way === 'pin' && isNobody) ? caller : admit(caller.value, TRIGGER_ROLES)
  if (!admitted.ok) return admitted
  if (way === 'pin' && isNobody && !ports.limits.anonymousCheck) return refuse({ reason: 'service_key_required' })
  if (way === 'trigger') {
    const may = reachFor(caller.value, snapshot, { ...source, now: ports.now() }, 'triggerchallenge').over(owner)
    if (!may.ok) return may
  }
  const situation = situationOf(meant, source, ports.now())
  const terms = loginTerms(snapshot.policySet, situation)
  if (!terms.ok) return terms
  if (terms.value.keyRequired && way === 'pin' && isNobody) return refuse({ reason: 'service_key_required' })
  return done({ meant, caller: caller.value, source, situation, terms: terms.value })
}
