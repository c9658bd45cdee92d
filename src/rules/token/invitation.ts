/** How an invitation to enroll a phone stands. */
import { addSeconds, type Instant, seconds } from '../../vocabulary.ts'

/** `open`: nothing has happened. `begun`: a QR code was shown. `registered`: a phone has registered; it cannot be used again. */
export type InvitationState = 'open' | 'begun' | 'registered'

/** How long after its phone has registered an invitation still tells so, and rings it to confirm. */
const CONFIRM_TIME = seconds(600)

interface Facts {
  readonly begunAt?: Instant
  readonly expiresAt: Instant
  /** Its token; absent before a QR code was shown, and when somebody has deleted it. */
  readonly token?: {
    readonly state: 'clientwait' | 'enrolled'
    readonly revoked: boolean
    readonly registeredAt?: Instant | undefined
  }
}

/** The state of an invitation; undefined if it does not count any more: it has expired, its phone registered more than ten minutes ago,
 *  or its token was deleted or revoked. */
export function invitationState({ begunAt, expiresAt, token }: Facts, now: Instant): InvitationState | undefined {
  // Once a QR code was shown, no other token is made in place of a deleted one.
  if (token === undefined) return begunAt === undefined && now < expiresAt ? 'open' : undefined
  if (token.revoked) return undefined
  if (token.state === 'clientwait') return now < expiresAt ? 'begun' : undefined
  const { registeredAt } = token
  return registeredAt !== undefined && now < addSeconds(registeredAt, CONFIRM_TIME) ? 'registered' : undefined
}
