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

/** Admits a check of this subject without a credential, if the configuration and the policies known to this isolate allow it. The
 *  owner of a token is looked up only if a policy depends on it.
 *  Refuses: `service_key_required`; `storage_unavailable`, if only the catalogue can tell whose token it is. */
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

/** Answers whether this credential may check this subject: as a service, as an administrator, or as anybody may. A key that this
 *  isolate knows is not looked up. */
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

/** Answers whether this is a service or an administrator, who may check where a caller without a credential may not. */
async function isAdmitted({ deployment }: KnownDeployment, credential: Credential): Promise<boolean> {
  if (credential.kind === 'none') return false
  const known = await deployment.cachedOrReload()
  // Revoking a key withdraws the logins it opened; deleting an administrator does not. So an administrator is looked up anew, if D1 answers.
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

/** Admits a transaction poll. As in privacyIDEA, `api_key_required` is evaluated without a user, because the caller names none.
 *  Refuses: `service_key_required`. */
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
