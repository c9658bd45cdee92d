import type { Token } from '../ports/catalogue.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome, Refusal } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import { firstLogin } from '../rules/first-login.ts'
import { isNamed } from '../rules/policy.ts'
import { readSystemSettings } from '../rules/system-settings.ts'
import type { Source } from '../vocabulary.ts'
import { approach } from './approach.ts'
import type { Enrolling } from './enroll-in-login.ts'
import { enrollInLogin } from './enroll-in-login.ts'
import type { Credential } from './identify.ts'
import { situationOf } from './subject.ts'
import type { TriggerRequest } from './trigger.ts'

/** What a check comes to for a user who has no token. */
export type Tokenless = { readonly kind: 'passed'; readonly policy: string } | Enrolling

/**
 * A known user whom nothing can ring because there is no token yet: passed, where policy says so, or shown a code to enroll a
 * phone with. A token whose code was shown in an earlier login, and that no phone has registered, counts as none.
 * Whom it is about is read anew: this is rare, and what was refused may have changed meanwhile.
 * Refuses: what the check was refused for, where no policy says otherwise; who may not check; `profile_contradicted`; what
 * the enrollment policies refuse; `storage_unavailable`.
 */
export async function withoutToken(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: TriggerRequest,
  refusal: Refusal,
): Promise<Outcome<Tokenless>> {
  const known = await ports.deployment.any()
  if (!known.ok || !isNamed(known.value.policySet, 'authentication', 'passOnNoToken')) return refuse(refusal)
  const once = (): Promise<Outcome<Tokenless>> => tryWithoutToken(ports, credential, source, request, refusal)
  const first = await once()
  // Another login of this user, or the phone, was faster: look once more, never a loop.
  const last = !first.ok && first.refusal.reason === 'stale' ? await once() : first
  return !last.ok && last.refusal.reason === 'stale' ? refuse(refusal) : last
}

async function tryWithoutToken(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: TriggerRequest,
  refusal: Refusal,
): Promise<Outcome<Tokenless>> {
  if (request.subject.user === undefined || request.subject.serial !== undefined) return refuse(refusal)
  const approached = await approach(ports, credential, request.subject, true)
  if (!approached.ok) return approached
  const { meant, caller } = approached.value
  const { owner } = meant
  if (owner === undefined || !meant.userKnown || !meant.tokens.every(isUnregistered)) return refuse(refusal)

  const { policySet, settings } = meant.snapshot
  const situation = situationOf(meant, source, ports.now())
  const first = firstLogin(policySet, situation)
  if (!first.ok) return first
  if (first.value === undefined) return refuse(refusal)
  const { policy, enrollment } = first.value
  if (enrollment === undefined) return done({ kind: 'passed', policy })
  return enrollInLogin(ports, {
    meant: { ...meant, owner },
    caller,
    source,
    route: request.route,
    enrollment,
    grace: readSystemSettings(settings).grace,
    waiting: meant.tokens[0],
  })
}

/** Shown in a login, and not yet on any phone. */
const isUnregistered = ({ state, revoked, enrolledIn }: Token): boolean =>
  state === 'clientwait' && !revoked && enrolledIn !== undefined
