import { type Instant, POLL_ONLY } from '../../vocabulary.ts'
import { NO_REGISTRATION_TOKEN } from '../../vocabulary/phones.ts'

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
