/** Delivers prompts over Firebase Cloud Messaging, HTTP v1. */
import { utf8 } from '../bytes.ts'
import type { Delivery, DeliveryResult, Message } from '../ports/delivery.ts'
import type { Ports } from '../ports/ports.ts'
import { withTimeLimit } from '../time-limit.ts'
import { type Instant, type Seconds, seconds } from '../vocabulary.ts'
import { admit, afterSend, type Breaker, CLOSED } from './breaker.ts'
import { probeAccount } from './fcm-probe.ts'
import { post } from './post.ts'
import { isWorking, readFcmResponse, tryLater } from './fcm-response.ts'
import { RecentFailures } from './recent-failures.ts'
import { fcmBody } from './fcm-message.ts'
import { googleTokens, type ServiceAccount } from './google-token.ts'

/** FCM refuses a larger payload (bytes). The whole message is measured here, which is a little more. */
const MAX_BODY = 4_096
/** For access token, message and one repetition together. */
const TIME_LIMIT = seconds(10)
/** For access token and the check of a message. */
const PROBE_LIMIT = seconds(3)

/** Makes the delivery over FCM. `accounts` finds the service account of a message's Firebase configuration; `baseUrl` is FCM's
 *  address without a trailing slash. A delivery ends within `timeLimit` and never throws.
 *
 *  Results: `failed`, for good: `not_configured`, `too_large`, `sender_id_mismatch`, `invalid_argument`,
 *  `third_party_auth_error`, `credentials`, `not_found`, `unexpected`. `gone`, which fails every other message to this
 *  registration token too: `unregistered`, `registration_token_invalid`. `later`: `quota_exceeded`, `unavailable`,
 *  `unreachable`, `timeout`, `breaker_open`; with a `retryAfter` of one second the caller backs off from try to try. */
export function fcm(options: {
  readonly accounts: { get(firebase: string): ServiceAccount | undefined }
  readonly baseUrl: string
  readonly fetch: typeof fetch
  readonly now: () => Instant
  readonly log: Ports['log']
  readonly timeLimit?: Seconds
}): Delivery {
  const { accounts, baseUrl, fetch, now, log, timeLimit = TIME_LIMIT } = options
  const tokens = googleTokens({ fetch, now, timeLimit })
  const breakers = new Map<ServiceAccount, Breaker>()
  const wrongProjects = new Set<ServiceAccount>()
  const failingAccounts = new RecentFailures<ServiceAccount>()
  const failingPhones = new RecentFailures<string>()

  /** Logs the wrong project once in each isolate: every phone of that project would report the same. */
  function reportWrongProject({ firebase }: Message, account: ServiceAccount): void {
    if (wrongProjects.has(account)) return
    wrongProjects.add(account)
    log('firebase_project_wrong', {
      firebase,
      project: account.projectId,
      why: 'SENDER_ID_MISMATCH: the app on the phone was built for another Firebase project than this service account',
    })
  }

  async function send(
    account: ServiceAccount,
    body: string,
    isLastTry: boolean,
    signal: AbortSignal,
  ): Promise<DeliveryResult> {
    const access = await tokens.of(account, signal)
    if (!access.ok) return access.outcome
    const response = await post(
      fetch,
      `${baseUrl}/v1/projects/${encodeURIComponent(account.projectId)}/messages:send`,
      {
        headers: { Authorization: `Bearer ${access.token}`, 'Content-Type': 'application/json' },
        body,
        signal,
      },
    )
    if (!response.ok) return tryLater(response.why)
    const outcome = readFcmResponse(response.value, now())
    // Google may withdraw an access token before it expires: tries once more with a fresh one.
    if (response.value.status !== 401 || outcome.kind !== 'failed' || outcome.why !== 'credentials') return outcome
    tokens.forget(account, access.token)
    return isLastTry ? outcome : send(account, body, true, signal)
  }

  return {
    knows: (firebase) => accounts.get(firebase) !== undefined,

    async probe(firebase) {
      const account = accounts.get(firebase)
      if (account === undefined) return undefined
      const abort = new AbortController()
      const probing = probeAccount({ tokens, baseUrl, fetch, now }, account, abort.signal)
      const probe = await withTimeLimit(probing, PROBE_LIMIT, abort)
      return probe === 'late' ? { project: account.projectId, result: 'timeout', isTokenRefused: false } : probe
    },

    hasJustFailed({ firebase, registrationToken }) {
      const account = accounts.get(firebase)
      return account === undefined || failingAccounts.has(account, now()) || failingPhones.has(registrationToken, now())
    },

    async deliver(message: Message): Promise<DeliveryResult> {
      const account = accounts.get(message.firebase)
      if (account === undefined) return { kind: 'failed', why: 'not_configured' }
      const body = fcmBody(message, now())
      if (utf8(body).length > MAX_BODY) return { kind: 'failed', why: 'too_large' }
      const entry = admit(breakers.get(account) ?? CLOSED, now())
      if (!entry.admitted) return { kind: 'later', why: 'breaker_open', retryAfter: entry.retryAfter }
      breakers.set(account, entry.next)
      const abort = new AbortController()
      const sent = await withTimeLimit(send(account, body, false, abort.signal), timeLimit, abort)
      const outcome = sent === 'late' ? tryLater('timeout') : sent
      if (outcome.kind === 'failed' && outcome.why === 'sender_id_mismatch') reportWrongProject(message, account)
      breakers.set(account, afterSend(breakers.get(account) ?? CLOSED, isWorking(outcome), now()))
      failingAccounts.note(account, !isWorking(outcome), now())
      failingPhones.note(message.registrationToken, outcome.kind !== 'delivered', now())
      return outcome
    },
  }
}
