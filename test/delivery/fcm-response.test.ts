import { describe, expect, it } from 'vitest'
import { readRetryAfter } from '../../src/delivery/post.ts'
import { isWorking, readFcmResponse } from '../../src/delivery/fcm-response.ts'
import { instant } from '../../src/vocabulary.ts'

const now = instant(Date.parse('Tue, 24 Nov 2026 06:43:30 GMT'))
const failed = (why: string) => ({ kind: 'failed', why })
const gone = (why: string) => ({ kind: 'gone', why })
const later = (why: string, retryAfter: number) => ({ kind: 'later', why, retryAfter })

/** As Google words it. */
const error = (code: number, status: string, errorCode?: string): string =>
  JSON.stringify({
    error: {
      code,
      status,
      message: 'said in English',
      details: [
        { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [] },
        ...(errorCode === undefined
          ? []
          : [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode }]),
      ],
    },
  })

/** An INVALID_ARGUMENT about these fields; `undefined`: FCM's own error alone. */
const invalid = (fields: readonly string[] | undefined): string => {
  const violations = fields?.map((field) => ({ field, description: 'said in English' }))
  const fcm = { '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode: 'INVALID_ARGUMENT' }
  const list = { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: violations }
  return JSON.stringify({ error: { status: 'INVALID_ARGUMENT', details: fields === undefined ? [fcm] : [list, fcm] } })
}

describe('a response of FCM', () => {
  it.each([
    // Source: docs/protocol.md, "Delivery failures", one row each.
    [404, error(404, 'NOT_FOUND', 'UNREGISTERED'), gone('unregistered'), true],
    [403, error(403, 'PERMISSION_DENIED', 'SENDER_ID_MISMATCH'), failed('sender_id_mismatch'), true],
    [400, error(400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'), failed('invalid_argument'), true],
    [400, invalid(undefined), gone('registration_token_invalid'), true],
    [400, invalid(['message.token']), gone('registration_token_invalid'), true],
    [400, invalid(['message.data[0].value']), failed('invalid_argument'), true],
    [400, invalid(['message.token', 'message.data']), failed('invalid_argument'), true],
    [400, invalid([]), failed('invalid_argument'), true],
    [401, error(401, 'UNAUTHENTICATED', 'THIRD_PARTY_AUTH_ERROR'), failed('third_party_auth_error'), true],
    [429, error(429, 'RESOURCE_EXHAUSTED', 'QUOTA_EXCEEDED'), later('quota_exceeded', 60), true],
    [503, error(503, 'UNAVAILABLE', 'UNAVAILABLE'), later('unavailable', 1), false],
    [500, error(500, 'INTERNAL', 'INTERNAL'), later('unavailable', 1), false],
    // Without FCM's own code: `error.status` says it.
    [404, error(404, 'UNREGISTERED'), gone('unregistered'), true],
    [400, error(400, 'INVALID_ARGUMENT'), failed('invalid_argument'), true],
    [429, error(429, 'RESOURCE_EXHAUSTED'), later('quota_exceeded', 60), true],
    [401, error(401, 'UNAUTHENTICATED'), failed('credentials'), false],
    [403, error(403, 'PERMISSION_DENIED'), failed('credentials'), false],
    [404, error(404, 'NOT_FOUND'), failed('not_found'), false],
    // Not Google's words at all: the HTTP status says it.
    [404, '<html>nginx</html>', failed('not_found'), false],
    [400, '', failed('invalid_argument'), true],
    [401, '[]', failed('credentials'), false],
    [403, '{"error":"no"}', failed('credentials'), false],
    [408, '', later('unavailable', 1), false],
    [429, '{"error":{"details":"many","status":429}}', later('quota_exceeded', 60), true],
    [500, 'null', later('unavailable', 1), false],
    [502, '<html>', later('unavailable', 1), false],
    [504, '', later('unavailable', 1), false],
    [302, '', failed('unexpected'), false],
    [201, '{}', failed('unexpected'), false],
    [200, 'whatever', { kind: 'delivered' }, true],
  ])('%i %s', (status, body, meaning, working) => {
    const outcome = readFcmResponse({ status, body, retryAfter: null }, now)
    expect(outcome).toEqual(meaning)
    expect(isWorking(outcome)).toBe(working)
  })

  it('waits as long as Google asks', () => {
    expect(readFcmResponse({ status: 429, body: '', retryAfter: '7' }, now)).toEqual(later('quota_exceeded', 7))
    expect(readFcmResponse({ status: 503, body: error(503, 'UNAVAILABLE'), retryAfter: '9' }, now)).toEqual(
      later('unavailable', 9),
    )
    expect(readFcmResponse({ status: 502, body: '', retryAfter: '3' }, now)).toEqual(later('unavailable', 3))
  })
})

describe('Retry-After', () => {
  it.each([
    ['30', 30],
    [' 30 ', 30],
    ['0', 1],
    ['999999999999', 86_400],
    ['Tue, 24 Nov 2026 06:44:00 GMT', 30],
    ['Tuesday, 24-Nov-26 06:44:00 GMT', 30],
    ['Tue, 24 Nov 2026 06:00:00 GMT', 1],
    [null, undefined],
    ['', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['soon GMT', undefined],
  ])('%j is %j seconds', (text, wait) => {
    expect(readRetryAfter(text, now)).toBe(wait)
  })
})
