import { present } from '../../present.ts'
import type { Ports } from '../../ports/ports.ts'
import { encodeHex } from '../../bytes.ts'
import type { Outcome, Refusal } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { withoutTokenPolicy, unknownUserPolicy } from '../../rules/login/without-token-policy.ts'
import { isActionUsed } from '../../rules/policy/policy-set.ts'
import { readSystemSettings } from '../../rules/deployment/system-settings.ts'
import type { AuthorizationPolicy } from '../../rules/login/authorization-policy.ts'
import type { SuccessDetail } from '../../rules/login/transaction.ts'
import type { Owner, Source, TransactionId } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { authorizeLogin } from './authorize-login.ts'
import { successDetail, successEffects } from './success-effects.ts'
import type { LoginEnrollment } from './enroll-in-login.ts'
import { enrollInLogin } from './enroll-in-login.ts'
import type { Credential } from '../access/identify.ts'
import { reserveQuotas, refuseLimited, ownerQuota } from './quotas.ts'
import type { TriggerRequest } from './trigger.ts'

/** What a check comes to for a user who has no token. */
export type LoginWithoutToken = PassedLogin | LoginEnrollment

interface PassedLogin {
  /** `unknown`: as a user whom nobody knows. */
  readonly kind: 'passed' | 'unknown'
  readonly policy: string
  readonly answer?: SuccessDetail
}

/**
 * A known user whom nothing can ring because there is no token yet: passed, where policy says so, or shown a code to enroll a
 * phone with. A token whose code was shown in an earlier login, and that no phone has registered, counts as none.
 * Whom it is about is read anew: this is rare, and what was refused may have changed meanwhile.
 * Refuses: what the check was refused for, where no policy says otherwise; who may not check; `profile_contradicted`; what
 * the enrollment policies refuse; `storage_unavailable`.
 */
export async function loginWithoutToken(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: TriggerRequest,
  refusal: Refusal,
): Promise<Outcome<LoginWithoutToken>> {
  const known = await ports.deployment.cachedOrReload()
  const passes = refusal.reason === 'user_unknown' ? 'passOnNoUser' : 'passOnNoToken'
  if (!known.ok || !isActionUsed(known.value.policySet, 'authentication', passes)) return refuse(refusal)
  const once = (): Promise<Outcome<LoginWithoutToken>> => tryWithoutToken(ports, credential, source, request, refusal)
  const first = await once()
  // Another login of this user, or the phone, was faster: look once more, never a loop.
  const last = !first.ok && first.refusal.reason === 'stale' ? await once() : first
  return !last.ok && last.refusal.reason === 'stale' ? refuse(refusal) : last
}

async function tryWithoutToken(
  ports: Ports,
  credential: Credential,
  from: Source,
  request: TriggerRequest,
  refusal: Refusal,
): Promise<Outcome<LoginWithoutToken>> {
  if (request.subject.user === undefined || request.subject.serial !== undefined) return refuse(refusal)
  const approached = await authorizeLogin(ports, credential, from, request.subject, 'pin')
  if (!approached.ok) return approached
  const { meant, caller, source, situation, terms } = approached.value
  const { owner } = meant
  if (owner === undefined || !meant.tokens.every(isUnregistered)) return refuse(refusal)

  const { policySet, settings } = meant.snapshot
  const answer = successDetail(terms.answer, meant)
  if (!meant.userKnown) {
    const policy = unknownUserPolicy(policySet, situation)
    if (!policy.ok) return policy
    return policy.value === undefined
      ? refuse(refusal)
      : passed(ports, terms, owner, { kind: 'unknown', policy: policy.value, ...present({ answer }) })
  }
  const first = withoutTokenPolicy(policySet, situation)
  if (!first.ok) return first
  if (first.value === undefined) return refuse(refusal)
  const { policy, enrollment } = first.value
  if (enrollment === undefined) return passed(ports, terms, owner, { kind: 'passed', policy, ...present({ answer }) })
  const held = await reserveQuotas(ports, terms, owner, '' as TransactionId, false)
  if (!held.ok) return held
  return enrollInLogin(ports, {
    meant: { ...meant, owner },
    caller,
    source,
    route: request.route,
    enrollment,
    grace: readSystemSettings(settings).grace,
    ...present({ ending: successEffects(terms, held.value, meant) }),
    waiting: meant.tokens[0],
  })
}

/** Shown in a login, and not yet on any phone. */
const isUnregistered = ({ state, revoked, enrolledIn }: Token): boolean =>
  state === 'clientwait' && !revoked && enrolledIn !== undefined

/** A login that passes counts as one that succeeded. */
async function passed(
  ports: Ports,
  terms: AuthorizationPolicy,
  owner: Owner,
  pass: PassedLogin,
): Promise<Outcome<PassedLogin>> {
  const quota = terms.successes && (await ownerQuota(owner, 'successful', terms.successes))
  const id = encodeHex(ports.random(10))
  if (quota === undefined) return done(pass)
  const reserved = await ports.counters.of(quota.counter).reserve({ name: quota.name, id, quota })
  if (!reserved.ok) return reserved
  return reserved.value ? done(pass) : refuseLimited('successful', quota)
}
