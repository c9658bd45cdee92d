import type { Ports } from '../ports/ports.ts'
import type { Subject } from '../protocol/client-request.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import type { Caller, Role } from '../vocabulary.ts'
import type { Credential } from './identify.ts'
import { admit, callerOf } from './identify.ts'
import type { Meant } from './subject.ts'
import { findSubject } from './subject.ts'

/** Whom a login is for, and who may open it. */
export interface Approached {
  readonly meant: Meant
  readonly caller: Caller
}

const TRIGGER_ROLES: readonly Role[] = ['validate']

/** Read in one round trip to D1. With a PIN (`pinAsked`) whoever the configuration lets in is admitted, without one only
 *  who may trigger. Refuses: who may not; `storage_unavailable`. */
export async function approach(
  ports: Pick<Ports, 'catalogue' | 'deployment' | 'limits'>,
  credential: Credential,
  subject: Subject,
  pinAsked: boolean,
): Promise<Outcome<Approached>> {
  const found = await findSubject(ports, subject)
  if (!found.ok) return found
  const caller = callerOf(credential, found.value.snapshot)
  if (!caller.ok) return pinAsked ? refuse({ reason: 'service_key_required' }) : caller
  if (!pinAsked || caller.value.kind !== 'nobody') {
    const admitted = admit(caller.value, TRIGGER_ROLES)
    if (!admitted.ok) return admitted
  } else if (!ports.limits.anonymousCheck) return refuse({ reason: 'service_key_required' })
  return done({ meant: found.value, caller: caller.value })
}
