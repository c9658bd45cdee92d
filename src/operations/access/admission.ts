import type { Ports, Snapshot } from '../../ports/ports.ts'
import type { SubjectFields } from '../../protocol/login/client-request.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { isActionUsed } from '../../rules/policy/policy-set.ts'
import { isKeyRequired } from '../../rules/login/authorization-policy.ts'
import type { Credential } from './identify.ts'
import { requireRole, identifyCaller } from './identify.ts'
import type { PolicySource } from '../login/login-subject.ts'
import { userInputOf, situationOf, findOwner } from '../login/login-subject.ts'

type KnownDeployment = Pick<Ports, 'limits' | 'deployment' | 'now'>

const KEY_REQUIRED = { reason: 'service_key_required' } as const

/** Whether a check of this subject is open to whoever comes: the configuration says so, and no policy forbids it, as far as
 *  this isolate knows them; whom it is about is looked up where it has to be.
 *  Refuses: `service_key_required`; `storage_unavailable`, where only the catalogue can tell whose a token is. */
export async function admitAnonymous(
  ports: KnownDeployment & Pick<Ports, 'tokens'>,
  from: PolicySource,
  subject: SubjectFields,
): Promise<Outcome<void>> {
  if (!ports.limits.anonymousCheck) return refuse(KEY_REQUIRED)
  const snapshot = await ports.deployment.cachedOrReload()
  if (!snapshot.ok || !isActionUsed(snapshot.value.policySet, 'authorization', 'api_key_required'))
    return done(undefined)
  const owner = await findOwner(ports, subject, snapshot.value, from)
  if (!owner.ok) return owner
  const situation = situationOf({ owner: owner.value, userInput: userInputOf(subject) }, from, ports.now())
  const required = isKeyRequired(snapshot.value.policySet, situation)
  return required.ok && !required.value ? done(undefined) : refuse(KEY_REQUIRED)
}

/** Whether whoever brings this may check this subject: as a service or an administrator, or as anybody may. For a key that
 *  this isolate knows nothing is looked up. */
export async function isAdmittedToCheck(
  ports: KnownDeployment & Pick<Ports, 'tokens'>,
  credential: Credential,
  from: PolicySource,
  subject: SubjectFields,
): Promise<boolean> {
  const known = await ports.deployment.cachedOrReload()
  if (credential.kind === 'key' && known.ok && mayCheck(credential, known.value)) return true
  return (await admitAnonymous(ports, from, subject)).ok || isAdmitted(ports, credential)
}

/** Whether this is a service, or an administrator, who may check where nobody may. */
async function isAdmitted({ deployment }: KnownDeployment, credential: Credential): Promise<boolean> {
  if (credential.kind === 'none') return false
  const known = await deployment.cachedOrReload()
  // Revoking a key withdraws what it opened; deleting an administrator does not: so theirs is looked up anew, D1 willing.
  if (credential.kind === 'key' && known.ok && identifyCaller(credential, known.value).ok)
    return mayCheck(credential, known.value)
  const fresh = await deployment.reload()
  if (fresh.ok) return mayCheck(credential, fresh.value)
  return credential.kind !== 'key' && known.ok && mayCheck(credential, known.value)
}

function mayCheck(credential: Credential, snapshot: Snapshot): boolean {
  const caller = identifyCaller(credential, snapshot)
  return caller.ok && requireRole(caller.value, ['validate']).ok
}

/** Whether this caller may ask how a login stands. As in privacyIDEA the policy is asked without a user: nobody has said whose
 *  login it is. Refuses: `service_key_required`. */
export async function authorizePoll(
  ports: KnownDeployment,
  credential: Credential,
  from: PolicySource,
): Promise<Outcome<void>> {
  const snapshot = await ports.deployment.cachedOrReload()
  if (!snapshot.ok || !isActionUsed(snapshot.value.policySet, 'authorization', 'api_key_required'))
    return done(undefined)
  const required = isKeyRequired(snapshot.value.policySet, situationOf({}, from, ports.now()))
  if (required.ok && !required.value) return done(undefined)
  return (await isAdmitted(ports, credential)) ? done(undefined) : refuse(KEY_REQUIRED)
}
