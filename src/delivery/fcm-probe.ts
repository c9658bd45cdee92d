/** Asks Google whether a Firebase configuration can send, without sending: FCM checks a message with `validate_only` and delivers
 *  nothing. */
import type { FirebaseProbe } from '../vocabulary/doctor.ts'
import type { Instant } from '../vocabulary.ts'
import { readFcmResponse } from './fcm-response.ts'
import type { AccessTokens, ServiceAccount } from './google-token.ts'
import { post } from './post.ts'

/** No phone has it: FCM complains of it once account and project may send. */
const NO_TOKEN = 'nod-doctor'

/** Sends the check of one account. Never throws. */
export async function probeAccount(
  options: {
    readonly tokens: AccessTokens
    readonly baseUrl: string
    readonly fetch: typeof fetch
    readonly now: () => Instant
  },
  account: ServiceAccount,
  signal: AbortSignal,
): Promise<FirebaseProbe> {
  const { tokens, baseUrl, fetch, now } = options
  const project = account.projectId
  const access = await tokens.of(account, signal)
  if (!access.ok)
    return { project, result: access.outcome.why, isTokenRefused: true, ...clockAhead(access.date, now()) }
  const response = await post(fetch, `${baseUrl}/v1/projects/${encodeURIComponent(project)}/messages:send`, {
    headers: { Authorization: `Bearer ${access.token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ validate_only: true, message: { token: NO_TOKEN, data: { check: 'doctor' } } }),
    signal,
  })
  if (!response.ok) return { project, result: response.why, isTokenRefused: false }
  const outcome = readFcmResponse(response.value, now())
  return {
    project,
    // `gone` is about the token alone, and a project that is only checked may take it.
    result: outcome.kind === 'delivered' || outcome.kind === 'gone' ? 'ready' : outcome.why,
    isTokenRefused: false,
    ...clockAhead(response.value.date, now()),
  }
}

/** How far the server's clock is ahead of ours. The header has whole seconds: on average it is half a second behind. */
function clockAhead(date: string | null | undefined, now: Instant): Pick<FirebaseProbe, 'clockAhead'> {
  const at = Date.parse(date ?? '')
  return Number.isNaN(at) ? {} : { clockAhead: at + 500 - now }
}
