import type { Ports } from '../../ports/ports.ts'
import { encodeHex } from '../../bytes.ts'
import { preferredLanguage } from '../../protocol/accept-language.ts'
import { done, type Outcome, type Refusal, refuse } from '../../refusal.ts'
import { withoutTokenPolicy, unknownUserPolicy } from '../../rules/login/without-token-policy.ts'
import { isActionUsed } from '../../rules/policy/policy-set.ts'
import type { AuthorizationPolicy } from '../../rules/login/authorization-policy.ts'
import type { SuccessDetail } from '../../rules/login/transaction.ts'
import type { Owner, Source } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { authorizeLogin } from './authorize-login.ts'
import { successDetail, successEffects } from './success-effects.ts'
import { enrollInLogin, type LoginEnrollment } from './enroll-in-login.ts'
import type { Credential } from '../access/identify.ts'
import { checkLimit } from '../access/rate-limits.ts'
import { countRequest } from './count-request.ts'
import { reserveQuotas, refuseLimited, ownerQuota } from './quotas.ts'
import type { LoginRequest } from './login-request.ts'

/** How the login of a user without a token goes on. */
export type LoginWithoutToken = PassedLogin | LoginEnrollment

interface PassedLogin {
  /** `unknown`: the user is unknown as well. */
  readonly kind: 'passed' | 'unknown'
  /** The name of the policy that lets the user pass. */
  readonly policy: string
  readonly detail?: SuccessDetail
}

/**
 * Lets a user without a token pass, or shows a code to enroll a phone with, where policies say so. A token whose code was shown in
 * an earlier login, and that no phone has registered, counts as none. The user is looked up anew: this is rare, and what the check
 * was refused for may have changed.
 * Refuses: `refusal`, for which the check was refused, where no policy says otherwise; as `authorizeLogin`;
 * `profile_contradicted`, `anonymous_enrollment_unconfirmed`; as the enrollment policies; `logins_limited`, `storage_unavailable`; `too_many_requests`, to a caller without a
 * key.
 */
export async function loginWithoutToken(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: LoginRequest,
  refusal: Refusal,
): Promise<Outcome<LoginWithoutToken>> {
  const snapshot = await ports.deployment.cachedOrReload()
  const action = refusal.reason === 'user_unknown' ? 'passOnNoUser' : 'passOnNoToken'
  if (!snapshot.ok || !isActionUsed(snapshot.value.policySet, 'authentication', action)) return refuse(refusal)
  const attempt = (): Promise<Outcome<LoginWithoutToken>> => passOrEnroll(ports, credential, source, request, refusal)
  const first = await attempt()
  if (first.ok || first.refusal.reason !== 'stale') return first
  // Another login of this user, or the phone, was faster. It is tried once more, not in a loop.
  const second = await attempt()
  return !second.ok && second.refusal.reason === 'stale' ? refuse(refusal) : second
}

async function passOrEnroll(
  ports: Ports,
  credential: Credential,
  peer: Source,
  { subject: fields, action }: LoginRequest,
  refusal: Refusal,
): Promise<Outcome<LoginWithoutToken>> {
  if (fields.user === undefined || fields.serial !== undefined) return refuse(refusal)
  const authorized = await authorizeLogin(ports, credential, peer, fields, 'pin')
  if (!authorized.ok) return authorized
  const { subject, caller, source, situation, policy } = authorized.value
  const { owner } = subject
  if (owner === undefined || !subject.tokens.every(isUnregistered)) return refuse(refusal)

  const { policySet } = subject.snapshot
  const detail = successDetail(policy.detail, subject)
  if (!subject.isUserKnown) {
    const passing = unknownUserPolicy(policySet, situation)
    if (!passing.ok) return passing
    if (passing.value === undefined) return refuse(refusal)
    return pass(ports, policy, owner, { kind: 'unknown', policy: passing.value, detail })
  }
  const language = preferredLanguage(source.header?.('Accept-Language'))
  const found = withoutTokenPolicy(policySet, situation, language, caller.kind === 'nobody')
  if (!found.ok) return found
  if (found.value === undefined) return refuse(refusal)
  const { policy: name, enrollment } = found.value
  if (enrollment === undefined) return pass(ports, policy, owner, { kind: 'passed', policy: name, detail })
  if (caller.kind === 'nobody') {
    const limited = checkLimit(ports, 'enrollment', source)
    if (!limited.ok) return limited
    await countRequest(ports, 'enrollment', source, action)
  }
  const reserved = await reserveQuotas(ports, policy, owner, undefined)
  if (!reserved.ok) return reserved
  const effects = successEffects(policy, reserved.value, subject)
  const waiting = subject.tokens[0]
  return enrollInLogin(ports, { subject: { ...subject, owner }, caller, source, action, enrollment, effects, waiting })
}

/** Its code was shown in a login, and no phone has it yet. */
const isUnregistered = ({ state, revoked, enrolledIn }: Token): boolean =>
  state === 'clientwait' && !revoked && enrolledIn !== undefined

/** Counts the passed login as a successful one. */
async function pass(
  ports: Ports,
  { successQuota }: AuthorizationPolicy,
  owner: Owner,
  passed: PassedLogin,
): Promise<Outcome<PassedLogin>> {
  if (successQuota === undefined) return done(passed)
  const quota = await ownerQuota(owner, 'successful', successQuota)
  const id = encodeHex(ports.random(10))
  const reserved = await ports.counters.of(quota.counter).reserve({ name: quota.name, id, quota })
  if (!reserved.ok) return reserved
  return reserved.value ? done(passed) : refuseLimited('successful', quota)
}
