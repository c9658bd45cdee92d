import { type Instant, POLL_ONLY } from '../../vocabulary.ts'
import { NO_REGISTRATION_TOKEN, type UnreachedCause } from '../../vocabulary/phones.ts'

interface DeliverableToken {
  readonly firebase: string
  readonly registrationToken?: string
  readonly quarantinedAt?: Instant
}

/** Where FCM reaches the token's phone; undefined if it is found by polling only. */
export const deliveryTarget = ({ firebase, registrationToken, quarantinedAt }: DeliverableToken) =>
  quarantinedAt === undefined &&
  firebase !== POLL_ONLY &&
  registrationToken !== undefined &&
  registrationToken !== '' &&
  registrationToken !== NO_REGISTRATION_TOKEN
    ? { firebase, registrationToken }
    : undefined

/** Why push does not reach the token's phone; undefined if it does. A missing Firebase configuration comes first, because adding it helps
 *  all phones that name it. The same as `CAUSE` of the report on phones. */
export function unreachedCause(
  { firebase, registrationToken = '', quarantinedAt }: DeliverableToken,
  knows: (firebase: string) => boolean,
): UnreachedCause | undefined {
  if (firebase === POLL_ONLY) return 'poll_only'
  if (!knows(firebase)) return 'gateway_missing'
  if (registrationToken === '' || registrationToken === NO_REGISTRATION_TOKEN) return 'no_registration_token'
  return quarantinedAt === undefined ? undefined : 'quarantined'
}
