import type { Ports, Snapshot } from '../../ports/ports.ts'
import type { SubjectFields } from '../../protocol/login/client-request.ts'
import { done, type Outcome, type Refusal, refuse } from '../../refusal.ts'
import { isActionUsed } from '../../rules/policy/policy-set.ts'
import { isKeyRequired } from '../../rules/login/authorization-policy.ts'
import type { Caller } from '../../vocabulary.ts'
import { type Credential, identifyCaller, requireRole } from './identify.ts'
import { findOwner, type PolicySource, situationOf, userInputOf } from '../login/login-subject.ts'

type KnownDeployment = Pick<Ports, 'limits' | 'deployment' | 'now'>

type KnownTokens = KnownDeployment & Pick<Ports, 'tokens'>

/** The refusal of a caller without a service key, which tells an API token from nothing. */
export const serviceKeyRequired = ({ kind }: Pick<Credential | Caller, 'kind'>): Refusal =>
  kind === 'administrator' || kind === 'user'
    ? { reason: 'service_key_required', withApiToken: true }
    : { reason: 'service_key_required' }

/** Whether the policy `api_key_required` keeps checks of this subject for services with a key, as far as this isolate knows the
 *  policies. Refuses: `storage_unavailable`, where only the catalogue can tell whose a token is. */
async function requiresKey(ports: KnownTokens, from: PolicySource, subject: SubjectFields): Promise<Outcome<boolean>> {
  const required = async (snapshot: Snapshot): Promise<Outcome<boolean>> => {
    if (!isActionUsed(snapshot.policySet, 'authorization', 'api_key_required')) return done(false)
    const owner = await findOwner(ports, subject, snapshot, from)
    if (!owner.ok) return owner
    const situation = situationOf({ owner: owner.value, userInput: userInputOf(subject) }, from, ports.now())
    const found = isKeyRequired(snapshot.policySet, situation)
    return done(!found.ok || found.value)
  }
  const known = await ports.deployment.cachedOrReload()
  if (!known.ok) return done(false)
  const first = await required(known.value)
  if (!first.ok || !first.value) return first
  const latest = await latestFor(ports, known.value)
  return latest === undefined ? first : required(latest)
}

/** Reads the deployment for a request that its snapshot `known` refuses: an isolate that has just started has that of a replica, which may
 *  be late. Undefined if `known` is the latest, or D1 does not answer. */
async function latestFor({ deployment }: Pick<Ports, 'deployment'>, known: Snapshot): Promise<Snapshot | undefined> {
  if (deployment.recent() === known) return undefined
  const latest = await deployment.reloadForUnknown()
  return latest.ok && latest.value !== known ? latest.value : undefined
}

/** Admits a caller without a credential to check this subject, where the configuration lets anonymous callers in and no policy
 *  requires a key. Refuses: `service_key_required`; as `requiresKey`. */
export async function admitAnonymous(
  ports: KnownTokens,
  from: PolicySource,
  subject: SubjectFields,
): Promise<Outcome<void>> {
  if (!ports.limits.anonymousCheck) return refuse({ reason: 'service_key_required' })
  const required = await requiresKey(ports, from, subject)
  if (!required.ok) return required
  return required.value ? refuse({ reason: 'service_key_required' }) : done(undefined)
}

/** Whether the holder of this credential may check this subject: services; where no policy requires a key also administrators,
 *  and everybody if anonymous callers may. For a key that this isolate knows nothing is looked up. */
export async function isAdmittedToCheck(
  ports: KnownTokens,
  credential: Credential,
  from: PolicySource,
  subject: SubjectFields,
): Promise<boolean> {
  const known = await ports.deployment.cachedOrReload()
  // The catalogue does not answer an isolate that knows nothing: it is not asked again, because each time takes seconds.
  if (!known.ok) return ports.limits.anonymousCheck
  if (credential.kind === 'key' && mayCheck(credential, known.value)) return true
  const required = await requiresKey(ports, from, subject)
  const needsNoKey = required.ok && !required.value
  if (needsNoKey && ports.limits.anonymousCheck) return true
  return (needsNoKey || credential.kind === 'key') && isAdmitted(ports, credential)
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
  const requires = ({ policySet }: Snapshot): boolean => {
    if (!isActionUsed(policySet, 'authorization', 'api_key_required')) return false
    const required = isKeyRequired(policySet, situationOf({}, from, ports.now()))
    return !required.ok || required.value
  }
  const known = await ports.deployment.cachedOrReload()
  if (!known.ok || !requires(known.value)) return done(undefined)
  const isService = credential.kind === 'key' && (await isAdmitted(ports, credential))
  if (isService) return done(undefined)
  const latest = await latestFor(ports, known.value)
  return latest === undefined || requires(latest) ? refuse(serviceKeyRequired(credential)) : done(undefined)
}
