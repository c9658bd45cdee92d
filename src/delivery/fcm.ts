/** Handing prompts to Firebase Cloud Messaging, HTTP v1, by signed `fetch`. */
import type { DeliveryResult, Delivery, Message, Ports } from '../ports/ports.ts'
import type { Instant } from '../vocabulary.ts'
import type { Breaker } from './breaker.ts'
import { CLOSED, admit, afterSend } from './breaker.ts'
import { post } from './post.ts'
import { isWorking, readFcmResponse, tryLater } from './fcm-response.ts'
import { fcmBody } from './fcm-message.ts'
import type { ServiceAccount } from './google-token.ts'
import { googleTokens } from './google-token.ts'
import { abortAfter } from './abort-after.ts'

/** FCM refuses a payload above this; what is counted here is the whole message, which is a little more. */
const LARGEST_BODY = 4_096
/** Access token, message and one repetition together. */
const TIMEOUT_MS = 10_000

/** A delivery over FCM. `accounts` finds the service account of a message's Firebase configuration; `baseUrl` is
 *  FCM's address without a trailing slash. A delivery ends within 10 s (`timeoutMs`) and never throws.
 *
 *  `failed`, for good: `not_configured`, `too_large`, `sender_id_mismatch`, `invalid_argument`,
 *  `third_party_auth_error`, `credentials`, `not_found`, `unexpected`.
 *  `gone`, and every other message to this registration token with it: `unregistered`, `registration_token_invalid`.
 *  `later`: `quota_exceeded`, `unavailable`, `unreachable`, `timeout`, `breaker_open`. With `retryAfter` 1 s the caller
 *  backs off further from try to try. */
export function fcm(options: {
  readonly accounts: { get(firebase: string): ServiceAccount | undefined }
  readonly baseUrl: string
  readonly fetch: typeof fetch
  readonly now: () => Instant
  readonly log: Ports['log']
  readonly timeoutMs?: number
}): Delivery {
  const { accounts, baseUrl, fetch, now, log, timeoutMs = TIMEOUT_MS } = options
  const tokens = googleTokens({ fetch, now, timeoutMs })
  const breakers = new Map<ServiceAccount, Breaker>()
  const wrongProjects = new Set<ServiceAccount>()

  /** Said once for each project, and once more for each isolate: every one of its phones would say the same. */
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
    lastTry: boolean,
    signal: AbortSignal,
  ): Promise<DeliveryResult> {
    const access = await tokens.of(account, signal)
    if (!access.ok) return access.outcome
    const answer = await post(fetch, `${baseUrl}/v1/projects/${encodeURIComponent(account.projectId)}/messages:send`, {
      headers: { Authorization: `Bearer ${access.token}`, 'Content-Type': 'application/json' },
      body,
      signal,
    })
    if (!answer.ok) return tryLater(answer.why)
    const outcome = readFcmResponse(answer.value, now())
    // Google may withdraw an access token before its time: once more with a fresh one.
    if (answer.value.status !== 401 || outcome.kind !== 'failed' || outcome.why !== 'credentials') return outcome
    tokens.forget(account, access.token)
    return lastTry ? outcome : send(account, body, true, signal)
  }

  return {
    knows: (firebase) => accounts.get(firebase) !== undefined,

    async deliver(message: Message): Promise<DeliveryResult> {
      const account = accounts.get(message.firebase)
      if (account === undefined) return { kind: 'failed', why: 'not_configured' }
      const body = fcmBody(message, now())
      if (new TextEncoder().encode(body).length > LARGEST_BODY) return { kind: 'failed', why: 'too_large' }
      const entry = admit(breakers.get(account) ?? CLOSED, now())
      if (!entry.admitted) return { kind: 'later', why: 'breaker_open', retryAfter: entry.retryAfter }
      breakers.set(account, entry.next)
      const outcome = await abortAfter(timeoutMs, (signal) => send(account, body, false, signal))
      if (outcome.kind === 'failed' && outcome.why === 'sender_id_mismatch') reportWrongProject(message, account)
      breakers.set(account, afterSend(breakers.get(account) ?? CLOSED, isWorking(outcome), now()))
      return outcome
    },
  }
}
