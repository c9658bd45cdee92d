import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fcm } from '../../src/delivery/fcm.ts'
import type { Delivery, Message } from '../../src/ports/delivery.ts'
import { type Instant, type Seconds, instant, addSeconds, seconds } from '../../src/vocabulary.ts'
import { type Google, startGoogle } from '../simulation/google.ts'

let google: Google
let delivery: Delivery
const logged: unknown[] = []
/** How far the clock of the test is ahead. */
let ahead = seconds(0)

const now = (): Instant => addSeconds(instant(Date.now()), ahead)
const message: Message = {
  firebase: 'FB1',
  registrationToken: 'registration-1',
  prompt: { nonce: 'NONCE', title: 'Nod', question: 'Log in?', serial: 'PIPU0001' },
  validFor: seconds(120),
}

function deliverer(timeLimit?: Seconds): Delivery {
  const { serviceAccount } = google
  const account = {
    projectId: serviceAccount.project_id,
    clientEmail: serviceAccount.client_email,
    privateKey: serviceAccount.private_key,
    privateKeyId: serviceAccount.private_key_id,
    tokenUri: serviceAccount.token_uri,
  }
  return fcm({
    accounts: new Map([
      ['FB1', account],
      ['OTHER', { ...account, projectId: 'other' }],
    ]),
    baseUrl: google.url,
    fetch,
    now,
    log: (event, fields) => logged.push([event, fields]),
    timeLimit,
  })
}

beforeAll(async () => {
  google = await startGoogle()
})
afterAll(() => google.stop())
beforeEach(() => {
  google.clear()
  logged.length = 0
  ahead = seconds(0)
  delivery = deliverer()
})

const deliver = (change: Partial<Message> = {}) => delivery.deliver({ ...message, ...change })
const failed = (why: string) => ({ kind: 'failed', why })

describe('a delivery', () => {
  it('hands Google the prompt', async () => {
    expect(await deliver()).toEqual({ kind: 'delivered' })
    expect(google.messages).toMatchObject([
      { projectId: 'nod-test', registrationToken: 'registration-1', data: message.prompt, answered: 200 },
    ])
  })

  it('shares one access token with nineteen others at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, at) => deliver({ registrationToken: `registration-${at}` })),
    )
    expect(all.every(({ kind }) => kind === 'delivered')).toBe(true)
    expect(google.messages).toHaveLength(20)
    expect(google.tokenRequests).toHaveLength(1)
  })

  it('is tried once more with a fresh access token when Google has withdrawn the first', async () => {
    await deliver()
    google.revokeAccessTokens()
    expect(await deliver()).toEqual({ kind: 'delivered' })
    expect(google.messages.map(({ answered }) => answered)).toEqual([200, 401, 200])
    expect(google.tokenRequests).toHaveLength(2)
  })

  it('is not tried a third time', async () => {
    google.failNext(401, 5)
    expect(await deliver()).toEqual(failed('credentials'))
    expect(google.messages).toHaveLength(2)
  })

  it('does not mistake Apple’s missing key for our credentials', async () => {
    google.failNext({ do: 'refuse', status: 401, errorCode: 'THIRD_PARTY_AUTH_ERROR' })
    expect(await deliver()).toEqual(failed('third_party_auth_error'))
    expect(google.messages).toHaveLength(1)
  })

  it.each([
    [404, { kind: 'gone', why: 'unregistered' }],
    [403, failed('sender_id_mismatch')],
    [400, { kind: 'gone', why: 'registration_token_invalid' }],
    [429, { kind: 'later', why: 'quota_exceeded', retryAfter: 60 }],
    [500, { kind: 'later', why: 'unavailable', retryAfter: 1 }],
    [503, { kind: 'later', why: 'unavailable', retryAfter: 1 }],
  ])('that Google answers with %i', async (status, outcome) => {
    google.failNext(status)
    expect(await deliver()).toEqual(outcome)
    expect(google.messages).toHaveLength(1)
  })

  it('to a phone of another Firebase project is reported once for the project', async () => {
    google.behave({ at: 'messages', behavior: { do: 'refuse', status: 403 } })
    for (let round = 0; round < 3; round++) expect(await deliver()).toEqual(failed('sender_id_mismatch'))
    expect(logged).toMatchObject([['firebase_project_wrong', { firebase: 'FB1', project: 'nod-test' }]])
  })

  it('waits as long as Google asks', async () => {
    google.failNext({ do: 'refuse', status: 429, retryAfter: 17 })
    expect(await deliver()).toEqual({ kind: 'later', why: 'quota_exceeded', retryAfter: 17 })
  })

  it('fails without throwing when the connection breaks', async () => {
    google.failNext({ do: 'reset' })
    expect(await deliver()).toEqual({ kind: 'later', why: 'unreachable', retryAfter: 1 })
  })

  it.each(['messages', 'token'] as const)('gives up on a Google that hangs at %s', async (at) => {
    delivery = deliverer(seconds(0.05))
    google.behave({ at, behavior: { do: 'hang' } })
    expect(await deliver()).toEqual({ kind: 'later', why: 'timeout', retryAfter: 1 })
  })

  it('fails when Google does not know the account', async () => {
    google.behave({ at: 'token', behavior: { do: 'refuse', status: 400 } })
    expect(await deliver()).toEqual(failed('credentials'))
  })

  it('fails when the account may not send for its project', async () => {
    expect(await deliver({ firebase: 'OTHER' })).toMatchObject({ kind: 'failed' })
  })

  it('needs a configuration of that name', async () => {
    expect(await deliver({ firebase: 'NONE' })).toEqual(failed('not_configured'))
  })

  it('is not tried with a larger body than Google accepts', async () => {
    const room = 4_096 - bytesOf({ nonce: '' })
    expect(await deliver({ prompt: { nonce: `${'é'.repeat(9)}${'x'.repeat(room - 17)}` } })).toEqual(
      failed('too_large'),
    )
    expect(await deliver({ prompt: { nonce: `${'é'.repeat(9)}${'x'.repeat(room - 18)}` } })).toEqual({
      kind: 'delivered',
    })
    expect(google.messages).toHaveLength(1)
  })
})

/** Counted here again, as docs/protocol.md, "FCM message" draws the message. */
function bytesOf(data: Readonly<Record<string, string>>): number {
  const shown = { title: '', body: '' }
  const apns = {
    headers: {
      'apns-priority': '10',
      'apns-push-type': 'alert',
      'apns-collapse-id': 'privacyidea.pushtoken',
      'apns-expiration': '1795504177',
    },
    payload: { aps: { alert: shown, sound: 'default', category: 'PUSH_AUTHENTICATION' } },
    fcm_options: { analytics_label: 'iOSPushToken' },
  }
  const android = { priority: 'HIGH', ttl: '120s', fcm_options: { analytics_label: 'AndroidPushToken' } }
  const whole = { message: { token: message.registrationToken, data, notification: shown, android, apns } }
  return Buffer.byteLength(JSON.stringify(whole))
}

describe('after five failures that are Google’s or ours to fix', () => {
  beforeEach(async () => {
    google.failNext(503, 5)
    for (let time = 0; time < 5; time++) await deliver()
    google.behave()
  })

  it('nothing is sent for 30 s, then one message, and all again if that one works', async () => {
    const [first, second] = [await deliver(), await deliver()]
    expect(first).toMatchObject({ kind: 'later', why: 'breaker_open' })
    expect(second).toEqual(first)
    expect(google.messages).toHaveLength(5)
    ahead = seconds(31)
    const three = await Promise.all([deliver(), deliver(), deliver()])
    expect(three.map(({ kind }) => kind)).toEqual(['delivered', 'later', 'later'])
    expect(await deliver()).toEqual({ kind: 'delivered' })
  })

  it('another configuration still sends', async () => {
    expect(await deliver({ firebase: 'OTHER' })).not.toMatchObject({ why: 'breaker_open' })
  })
})

it.each([404, 403, 400, 429])('no number of %i stops the sending', async (status) => {
  google.failNext(status, 8)
  for (let time = 0; time < 8; time++) await deliver()
  expect(await deliver()).toEqual({ kind: 'delivered' })
})

describe('a Firebase configuration that is checked', () => {
  it('is ready when Google complains of nothing but the registration token; no phone gets anything', async () => {
    expect(await delivery.probe('FB1')).toMatchObject({ project: 'nod-test', result: 'ready', isTokenRefused: false })
    expect(google.messages).toEqual([])
  })

  it('tells how far the clock is off', async () => {
    ahead = seconds(100)
    const probe = await delivery.probe('FB1')
    expect(Math.abs((probe?.clockAhead ?? 0) + 100_000)).toBeLessThan(5000)
  })

  it('is not ready for a project that the account may not send for', async () => {
    expect((await delivery.probe('OTHER'))?.result).not.toBe('ready')
    google.failNext({ do: 'refuse', status: 404 })
    expect((await delivery.probe('FB1'))?.result).not.toBe('credentials')
  })

  it('is not ready when Google gives no access token', async () => {
    google.behave({ at: 'token', behavior: { do: 'refuse', status: 400 } })
    expect(await deliverer().probe('FB1')).toMatchObject({ result: 'credentials', isTokenRefused: true })
  })

  it('is unknown under another name', async () => {
    expect(await delivery.probe('NONE')).toBeUndefined()
  })
})
