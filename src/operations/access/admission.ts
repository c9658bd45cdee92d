import type { Ports, Snapshot } from '../../ports/ports.ts'
import type { Subject } from '../../protocol/login/client-request.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { isNamed } from '../../rules/policy/policy.ts'
import { keyRequired } from '../../rules/login/terms.ts'
import type { Credential } from './identify.ts'
import { admit, callerOf } from './identify.ts'
import type { From } from '../login/subject.ts'
import { givenOf, situationOf, whose } from '../login/subject.ts'

type Known = Pick<Ports, 'limits' | 'deployment' | 'now'>

const KEY_REQUIRED = { reason: 'service_key_required' } as const

/** Whether a check of this subject is open to whoever comes: the configuration says so, and no policy forbids it, as far as
 *  this isolate knows them; whom it is about is looked up where it has to be.
 *  Refuses: `service_key_required`; `storage_unavailable`, where only the catalogue can tell whose a token is. */
export async function admitNobody(
  ports: Known & Pick<Ports, 'catalogue'>,
  from: From,
  subject: Subject,
): Promise<Outcome<void>> {
  if (!ports.limits.anonymousCheck) return refuse(KEY_REQUIRED)
  const snapshot = await ports.deployment.any()
  if (!snapshot.ok || !isNamed(snapshot.value.policySet, 'authorization', 'api_key_required')) return done(undefined)
  const owner = await whose(ports, subject, snapshot.value, from)
  if (!owner.ok) return owner
  const situation = situationOf({ owner: owner.value, given: givenOf(subject) }, from, ports.now())
  const required = keyRequired(snapshot.value.policySet, situation)
  return required.ok && !required.value ? done(undefined) : refuse(KEY_REQUIRED)
}

/** Whether whoever brings this may check this subject: as a service or an administrator, or as anybody may. For a key that
 *  this isolate knows nothing is looked up. */
export async function isAdmittedTo(
  ports: Known & Pick<Ports, 'catalogue'>,
  credential: Credential,
  from: From,
  subject: Subject,
): Promise<boolean> {
  const known = await ports.deployment.any()
  if (credential.kind === 'key' && known.ok && mayCheck(credential, known.value)) return true
  return (await admitNobody(ports, from, subject)).ok || isAdmitted(ports, credential)
}

/** Whether this is a service, or an administrator, who may check where nobody may. */
async function isAdmitted({ deployment }: Known, credential: Credential): Promise<boolean> {
  if (credential.kind === 'none') return false
  const known = await deployment.any()
  // Revoking a key withdraws what it opened; deleting an administrator does not: so theirs is looked up anew, D1 willing.
  if (credential.kind === 'key' && known.ok && callerOf(credential, known.value).ok)
    return mayCheck(credential, known.value)
  const fresh = await deployment.fresh()
  if (fresh.ok) return mayCheck(credential, fresh.value)
  return credential.kind !== 'key' && known.ok && mayCheck(credential, known.value)
}

function mayCheck(credential: Credential, snapshot: Snapshot): boolean {
  const caller = callerOf(credential, snapshot)
  return caller.ok && admit(caller.value, ['validate']).ok
}

/** Whether this caller may ask how a login stands. As in privacyIDEA the policy is asked without a user: nobody has said whose
 *  login it is. Refuses: `service_key_required`. */
export async function mayPoll(ports: Known, credential: Credential, from: From): Promise<Outcome<void>> {
  const snapshot = await ports.deployment.any()
  if (!snapshot.ok || !isNamed(snapshot.value.policySet, 'authorization', 'api_key_required')) return done(undefined)
  const required = keyRequired(snapshot.value.policySet, situationOf({}, from, ports.now()))
  if (required.ok && !required.value) return done(undefined)
  return (await isAdmitted(ports, credential)) ? done(undefined) : refuse(KEY_REQUIRED)
}
