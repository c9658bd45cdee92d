/** Invitations, for those who are invited: whoever has the secret, without an account. */
import type { Invitation } from '../../ports/invitations.ts'
import type { Ports } from '../../ports/ports.ts'
import type { EnrollmentRequest } from '../../protocol/token/enrollment-request.ts'
import { present } from '../../present.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { type InvitationState, invitationState } from '../../rules/token/invitation.ts'
import { addSeconds, type Seconds, type Source } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { checkLimit, checkRepeats } from '../access/rate-limits.ts'
import { digest } from '../access/digest.ts'
import { ringToTest } from '../doctor/test-push.ts'
import type { OpenedLogin } from '../login/login-request.ts'
import { findSubject } from '../login/login-subject.ts'
import { enrollmentPolicyFor, enrollmentReply, type EnrollmentReply } from '../token/enrollment-code.ts'
import { limitRefusal, prepareToken } from '../token/prepare-token.ts'
import { voidCode } from './invitations.ts'

/** How often a caller that waits looks, in milliseconds: one row of D1 each time. */
const LOOK_EVERY = 1000
/** How often an invitation rings its phone, in milliseconds. */
const RING_EVERY = 10_000

interface LiveInvitation {
  readonly invitation: Invitation
  readonly state: InvitationState
  /** Its token, once a QR code was shown. */
  readonly token?: Token
}

/** Every invitation that does not count, for whatever reason, looks the same. */
const UNKNOWN = refuse({ reason: 'entry_unknown', entry: 'invitation', name: 'of this secret' })

/** Finds the invitation of a secret, as far as it counts. Refuses: `entry_unknown` also for one that has expired, was withdrawn, or was
 *  used more than ten minutes ago; `too_many_requests` for a network that has guessed too often; `storage_unavailable`. */
async function findLive(ports: Ports, source: Source, secret: string): Promise<Outcome<LiveInvitation>> {
  const limited = checkLimit(ports, 'miss', source)
  if (!limited.ok) return limited
  const found = await ports.invitations.byHash(await digest(secret))
  if (!found.ok) return found
  const invitation = found.value
  if (invitation === undefined) return UNKNOWN
  const existing = await ports.tokens.enrollment(invitation.serial)
  if (!existing.ok) return existing
  const { token, registeredAt } = existing.value ?? {}
  const state = invitationState({ ...invitation, ...(token && { token: { ...token, registeredAt } }) }, ports.now())
  return state === undefined ? UNKNOWN : done({ invitation, state, ...present({ token }) })
}

/** Answers whom the invitation is for, and how it stands. With `wait` (seconds) answers when a phone has registered, or the wait is
 *  over. Refuses: as `findLive`. */
export async function lookAtInvitation(
  ports: Ports,
  source: Source,
  { secret, wait }: { readonly secret: string; readonly wait: Seconds },
  signal: AbortSignal,
): Promise<Outcome<Invitation & { readonly state: InvitationState }>> {
  const end = addSeconds(ports.now(), wait)
  for (;;) {
    const found = await findLive(ports, source, secret)
    if (!found.ok) return found
    const { invitation, state } = found.value
    if (state === 'registered' || ports.now() >= end || signal.aborted) return done({ ...invitation, state })
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY))
  }
}

const INIT: EnrollmentRequest = { type: 'push', description: '', tokenRealms: [], rollover: true }

/**
 * Shows a QR code for the invited user's phone; an earlier code of the invitation is void. All who open the page enroll the same token,
 * and one phone registers.
 * Refuses: as `findLive`; `entry_unknown` once a phone has registered; as the enrollment policies, `too_many_tokens`.
 */
export async function beginInvitation(ports: Ports, source: Source, secret: string): Promise<Outcome<EnrollmentReply>> {
  // D1 may have been put back to a state in which a used invitation was open; a new epoch has none.
  const checked = await ports.journal.check({})
  if (!checked.ok) return checked
  const found = await findLive(ports, source, secret)
  if (!found.ok) return found
  const { invitation, state, token: replaced } = found.value
  if (state === 'registered') return UNKNOWN
  const repeats = checkRepeats(ports, source, invitation.id)
  if (!repeats.ok) return repeats
  const { owner, serial, invitedBy } = invitation
  const subject = await findSubject(ports, { user: owner.login, realm: owner.realm }, owner)
  if (!subject.ok) return subject
  // The realm may have been deleted since.
  if (!subject.value.snapshot.realms.has(owner.realm) && owner.realm !== subject.value.snapshot.defaultRealm)
    return UNKNOWN
  const policy = enrollmentPolicyFor(ports, source, INIT, subject.value, serial)
  if (!policy.ok) return policy
  const input = { request: INIT, subject: subject.value, policy: policy.value, serial, replaced }
  const prepared = await prepareToken(ports, source, input)
  if (!prepared.ok) return prepared
  const { address, userAgent } = source
  const at = ports.now()
  const info = `invited by ${invitedBy}`
  const entry = { at, action: 'POST /invitation/begin', administrator: '', owner, serial, info, address, userAgent }
  const token = { ...prepared.value.token, isUnused: true }
  const stored = replaced === undefined ? await ports.tokens.add(token, entry) : await ports.tokens.renew(token, entry)
  if (!stored.ok) return stored
  if (!stored.value) return limitRefusal(ports, token, at, UNKNOWN.refusal)
  const begun = await ports.invitations.begin(invitation.id, at)
  if (!begun.ok) return begun
  if (begun.value) return enrollmentReply(prepared.value, policy.value)
  // It was withdrawn meanwhile.
  const voided = await voidCode(ports, invitation, entry)
  return voided.ok ? UNKNOWN : voided
}

/** Rings the phone that has registered, by a login that nobody can finalize. Requests of the same ten seconds get the same login.
 *  Refuses: as `findLive` and `ringToTest`; `entry_unknown` before a phone has registered. */
export async function confirmInvitation(
  ports: Ports,
  source: Source,
  secret: string,
  signal: AbortSignal,
): Promise<Outcome<OpenedLogin>> {
  const found = await findLive(ports, source, secret)
  if (!found.ok) return found
  const { invitation, state } = found.value
  if (state !== 'registered') return UNKNOWN
  const { id, serial } = invitation
  const find = () => findSubject(ports, { serial })
  // Whoever has the secret could open logins without end, each of which is stored and rings.
  const name = `${id}/${Math.floor(ports.now() / RING_EVERY)}`
  return ringToTest(ports, source, 'POST /invitation/confirm', find, signal, name)
}
