/** Tells what Google's response to a message means. Source: docs/protocol.md, "Delivery failures"; FCM HTTP v1, `ErrorCode`. */
import * as z from 'zod/mini'
import type { DeliveryResult } from '../ports/delivery.ts'
import { type Instant, seconds } from '../vocabulary.ts'
import { type HttpResponse, readJson, readRetryAfter } from './post.ts'

/** If Google sends no Retry-After: longer than a login lasts, so the phone has to poll. */
const QUOTA_WAIT = seconds(60)
/** If Google sends no Retry-After; the caller doubles it with each try. */
const BACK_OFF = seconds(1)

export type NotDelivered = Exclude<DeliveryResult, { readonly kind: 'delivered' }>

/** The result when Google or the way there is out of order: another try may succeed. */
export const tryLater = (why: 'unavailable' | 'unreachable' | 'timeout', retryAfter = BACK_OFF): NotDelivered => ({
  kind: 'later',
  why,
  retryAfter,
})

const failed = (why: string): NotDelivered => ({ kind: 'failed', why })

/** Tells whether the message was delivered and, if not, whether another try may succeed. A registration token counts as `gone`
 *  only by Google's error code: a bare 404 also comes from a wrong FCM_URL or a deleted project, and a bare 400 from a mistake
 *  of ours. */
export function readFcmResponse(response: HttpResponse, now: Instant): DeliveryResult {
  if (response.status === 200) return { kind: 'delivered' }
  switch (codeOf(response.body)) {
    case 'UNREGISTERED':
      return { kind: 'gone', why: 'unregistered' }
    case 'SENDER_ID_MISMATCH':
      return failed('sender_id_mismatch')
    case 'INVALID_ARGUMENT':
      return blamesToken(response.body)
        ? { kind: 'gone', why: 'registration_token_invalid' }
        : failed('invalid_argument')
    case 'THIRD_PARTY_AUTH_ERROR': // Apple's key is missing or wrong in Firebase: iPhones only
      return failed('third_party_auth_error')
    case 'QUOTA_EXCEEDED':
    case 'RESOURCE_EXHAUSTED':
      return {
        kind: 'later',
        why: 'quota_exceeded',
        retryAfter: readRetryAfter(response.retryAfter, now) ?? QUOTA_WAIT,
      }
    case 'UNAVAILABLE':
    case 'INTERNAL':
      return tryLater('unavailable', readRetryAfter(response.retryAfter, now))
    default:
      return byStatus(response, now)
  }
}

/** Whether the result shows that Google, the way there and our account work. */
export const isWorking = (outcome: DeliveryResult): boolean =>
  outcome.kind === 'delivered' || outcome.kind === 'gone' || !OUT_OF_ORDER.has(outcome.why)

const OUT_OF_ORDER: ReadonlySet<string> = new Set([
  'unavailable',
  'unreachable',
  'timeout',
  'credentials',
  'not_found',
  'unexpected',
])

function byStatus({ status, retryAfter }: HttpResponse, now: Instant): DeliveryResult {
  if (status === 429)
    return { kind: 'later', why: 'quota_exceeded', retryAfter: readRetryAfter(retryAfter, now) ?? QUOTA_WAIT }
  if (status >= 500 || status === 408) return tryLater('unavailable', readRetryAfter(retryAfter, now))
  if (status === 401 || status === 403) return failed('credentials')
  if (status === 404) return failed('not_found')
  if (status === 400) return failed('invalid_argument')
  return failed('unexpected')
}

// `z.catch` would express this in one schema, but adds 10 KB of zod to the bundle that nothing else uses.
const googleError = z.object({ error: z.object({ status: z.unknown(), details: z.unknown() }) })
const list = z.array(z.unknown())
const fcmDetail = z.object({ errorCode: z.string() })
const badRequest = z.object({ fieldViolations: z.unknown() })
const violation = z.object({ field: z.string() })

const errorOf = (body: string) => googleError.safeParse(readJson(body)).data?.error
const listed = (value: unknown): readonly unknown[] => list.safeParse(value).data ?? []
const codesIn = (details: unknown): readonly string[] =>
  listed(details).flatMap((one) => fcmDetail.safeParse(one).data?.errorCode ?? [])

/** Returns FCM's own error code, else that of Google's APIs; undefined when the body is not from Google. */
function codeOf(body: string): string | undefined {
  const error = errorOf(body)
  const status = typeof error?.status === 'string' ? error.status : undefined
  return codesIn(error?.details)[0] ?? status
}

/** Whether an INVALID_ARGUMENT is about the registration token: an FCM error without a list of fields is, and a list that names
 *  only the token. Any other field is a mistake of ours. */
function blamesToken(body: string): boolean {
  const details = errorOf(body)?.details
  const lists = listed(details).flatMap((one) => {
    const violations = badRequest.safeParse(one).data?.fieldViolations
    return violations === undefined ? [] : [listed(violations)]
  })
  if (lists.length === 0) return codesIn(details).length > 0
  const fields = lists.flat().map((one) => violation.safeParse(one).data?.field)
  return fields.length > 0 && fields.every((field) => field === 'message.token')
}
