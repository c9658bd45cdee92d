/** FCM HTTP v1's `messages:send`: what it refuses, and how it words that (docs/protocol.md, "FCM message"). */
import { fields } from '../reply.ts'

export interface FcmAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

const FCM_ERROR = 'type.googleapis.com/google.firebase.fcm.v1.FcmError'
const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest'

/** Google's error for each status: `error.status`, `error.details[].errorCode`, and a message. */
const ERRORS: Readonly<Record<number, readonly [status: string, errorCode: string | undefined, message: string]>> = {
  400: ['INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'Request contains an invalid argument.'],
  401: ['UNAUTHENTICATED', undefined, 'Request had invalid authentication credentials.'],
  403: ['PERMISSION_DENIED', 'SENDER_ID_MISMATCH', 'SenderId mismatch'],
  404: ['NOT_FOUND', 'UNREGISTERED', 'Requested entity was not found.'],
  429: ['RESOURCE_EXHAUSTED', 'QUOTA_EXCEEDED', 'Sending quota exceeded for message target.'],
  500: ['INTERNAL', 'INTERNAL', 'Internal error encountered.'],
  503: ['UNAVAILABLE', 'UNAVAILABLE', 'The service is currently unavailable.'],
}

const MESSAGE_FIELDS = ['name', 'data', 'notification', 'android', 'webpush', 'apns', 'fcm_options', 'token']
// Reserved by FCM: `from`, `message_type`, and whatever begins with `google` or `gcm`.
const RESERVED_KEY = /^(from|message_type|google.*|gcm.*)$/
const ANALYTICS_LABEL = /^[a-zA-Z0-9-_.~%]{1,50}$/
const DURATION = /^\d+(\.\d{1,9})?s$/
const LARGEST_DATA = 4096

export function fcmError(status: number, errorCode?: string, retryAfter?: number, message?: string): FcmAnswer {
  const [name, code, said] = ERRORS[status] ?? ['UNKNOWN', undefined, 'Unknown error.']
  const detail = errorCode ?? code
  const details = detail === undefined ? [] : [{ '@type': FCM_ERROR, errorCode: detail }]
  return {
    status,
    headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
    body: { error: { code: status, message: message ?? said, status: name, details } },
  }
}

export function fcmSuccess(projectId: string, number: number): FcmAnswer {
  return { status: 200, headers: {}, body: { name: `projects/${projectId}/messages/0:${Date.now()}%${number}` } }
}

/** Why Google would not take this body, as Google says it; undefined if it would. */
export function flawOf(body: unknown): FcmAnswer | undefined {
  const message = fields(body)['message']
  if (message === undefined) return violation('message', 'Message is missing.')
  const given = fields(message)
  const unknown = Object.keys(given).find((name) => !MESSAGE_FIELDS.includes(name))
  if (unknown !== undefined) return violation('message', `Unknown name "${unknown}" at 'message': Cannot find field.`)
  if (typeof given['token'] !== 'string' || given['token'] === '')
    return violation('message.token', 'The registration token is not a valid FCM registration token')
  return flawOfData(fields(given['data'])) ?? flawOfPlatforms(fields(given['android']), fields(given['apns']))
}

/** What Google says of a registration token that it never gave out; only asked where nothing is to be delivered. */
export function unknownToken(body: unknown): FcmAnswer | undefined {
  const { validate_only: isCheck, message } = fields(body)
  const token = fields(message)['token']
  const isKnown = isCheck !== true || String(token).includes(':')
  return isKnown
    ? undefined
    : violation('message.token', 'The registration token is not a valid FCM registration token')
}

function flawOfData(data: Readonly<Record<string, unknown>>): FcmAnswer | undefined {
  const entries = Object.entries(data)
  for (const [at, [name, value]] of entries.entries()) {
    if (typeof value !== 'string')
      return violation(`message.data[${at}].value`, `Invalid value (TYPE_STRING), ${JSON.stringify(value)}`)
    if (RESERVED_KEY.test(name)) return violation('message.data', `Invalid data payload key: ${name}`)
  }
  const size = entries.reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(String(value)),
    0,
  )
  return size > LARGEST_DATA ? violation('message', `Message payload is too big: ${size} bytes of data.`) : undefined
}

function flawOfPlatforms(android: Readonly<Record<string, unknown>>, apns: typeof android): FcmAnswer | undefined {
  const { ttl, priority } = android
  if (ttl !== undefined && !(typeof ttl === 'string' && DURATION.test(ttl)))
    return violation('message.android.ttl', `Invalid value (google.protobuf.Duration), ${JSON.stringify(ttl)}`)
  if (priority !== undefined && priority !== 'HIGH' && priority !== 'NORMAL')
    return violation('message.android.priority', `Invalid value (AndroidMessagePriority), ${JSON.stringify(priority)}`)
  const headers = Object.entries(fields(apns['headers']))
  const header = headers.find(([, value]) => typeof value !== 'string')
  if (header !== undefined) return violation('message.apns.headers', `Invalid value (TYPE_STRING) of ${header[0]}`)
  for (const platform of [android, apns]) {
    const label = fields(platform['fcm_options'])['analytics_label']
    if (label !== undefined && !(typeof label === 'string' && ANALYTICS_LABEL.test(label)))
      return violation('analytics_label', `Invalid analytics label: ${JSON.stringify(label)}`)
  }
  return undefined
}

function violation(field: string, description: string): FcmAnswer {
  const { status, headers } = fcmError(400)
  const details = [
    { '@type': FCM_ERROR, errorCode: 'INVALID_ARGUMENT' },
    { '@type': BAD_REQUEST, fieldViolations: [{ field, description }] },
  ]
  return { status, headers, body: { error: { code: 400, message: description, status: 'INVALID_ARGUMENT', details } } }
}
