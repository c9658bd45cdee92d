import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  check,
  completeSignIn,
  finalize,
  follow,
  loginStatus,
  loginsCsv,
  type Outcome,
  type LoginStatus,
  signIn,
  stream as watch,
  trigger,
  wait,
} from '../../client/src/index.ts'
import { serverSentEvents } from '../../client/src/server-sent-events.ts'
import { type Answer, enveloped, refusal, settled, silence, stream, stub } from './stub.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const ID = '02659936574063359702'
const status = (word: string): Response => enveloped(word === 'accept', { detail: { challenge_status: word } })
const event = (id: string): string => `id: ${id}\ndata: {"detail":{"challenge_status":"${id}"}}\n\n`
const value = <T>(outcome: Outcome<T>): unknown => (outcome.ok ? outcome.value : outcome.failure)

describe('a login that was opened', () => {
  const opened = async (answer: Answer): Promise<unknown> => value(await trigger(stub([answer]).nod, { user: 'ada' }))

  it('tells what to show: message, option, whether a code is entered, the QR code of an enrollment', async () => {
    const entry = { serial: 'A', client_mode: 'poll', message: 'Press 7', presence_answer: '7' }
    const detail = { transaction_id: ID, message: 'Press 7', presence_answer: '7', multi_challenge: [entry] }
    expect(await opened(enveloped(1, { detail }, 'CHALLENGE'))).toEqual({
      status: 'challenge',
      transactionId: ID,
      message: 'Press 7',
      presence: '7',
      entersCode: false,
      serials: ['A'],
      enrollment: undefined,
    })
    const code = { ...detail, multi_challenge: [{ ...entry, client_mode: 'interactive' }] }
    expect(await opened(enveloped(1, { detail: code }, 'CHALLENGE'))).toMatchObject({ entersCode: true })
    const enrolling = { ...detail, image: 'data:', link: 'otpauth:', enroll_via_multichallenge_optional: true }
    expect(await opened(enveloped(false, { detail: enrolling }, 'CHALLENGE'))).toMatchObject({
      enrollment: { image: 'data:', link: 'otpauth:', isOptional: true },
    })
  })

  it('may have succeeded, been declined or been rejected at once', async () => {
    const accepted = enveloped(true, { detail: { message: 'matching 1 tokens', serial: 'A' } }, 'ACCEPT')
    expect(await opened(accepted)).toMatchObject({ status: 'accepted', serial: 'A' })
    const declined = enveloped(false, { detail: { message: 'wrong otp value' } }, 'DECLINED')
    expect(await opened(declined)).toEqual({ status: 'declined', message: 'wrong otp value' })
    expect(await opened(enveloped(false, {}, 'REJECT'))).toMatchObject({ status: 'rejected', message: '' })
    const late = enveloped(false, { detail: { message: 'Too many wrong PINs.' } }, 'REJECT')
    late.headers.set('Retry-After', '60')
    const { nod } = stub([late])
    expect(value(await check(nod, { user: 'ada', pass: 'x' }))).toMatchObject({ status: 'rejected', retryAfter: 60 })
  })

  it('is accepted by nothing but the word of Nod', async () => {
    // `value` is a number of phones here, and true elsewhere.
    for (const word of ['REJECT', 'CHALLENGE', 'DECLINED', undefined, 'accept'])
      expect(await opened(enveloped(true, { detail: {} }, word)), word).not.toMatchObject({ status: 'accepted' })
    const { nod } = stub([enveloped(true, { detail: { transaction_id: ID } }, 'CHALLENGE')])
    const finalized = await finalize(nod, { transactionId: ID, user: 'ada' })
    expect(value(finalized)).toMatchObject({ status: 'rejected' })
  })
})

describe('waiting', () => {
  it('asks by requests that Nod keeps open, until there is an answer', async () => {
    const kept = async (): Promise<Response> => {
      await new Promise((resolve) => setTimeout(resolve, 25_000))
      return status('pending')
    }
    const { nod, requests } = stub([kept, kept, status('accept')])
    expect(value(await settled(wait(nod, ID)))).toBe('accepted')
    expect(requests.map(({ url }) => new URL(url).searchParams.get('wait'))).toEqual(['25', '25', '25'])
  })

  it('ends when its time is over, with one last look', async () => {
    const kept = async (request: Request): Promise<Response> => {
      const seconds = Number(new URL(request.url).searchParams.get('wait'))
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
      return status('pending')
    }
    const { nod } = stub([kept, kept, kept, kept])
    expect(value(await settled(wait(nod, ID, { patience: 30_000 })))).toBe('pending')
  })

  it('ends soon for a login that is over, about which Nod lets nobody wait', async () => {
    const { nod, requests } = stub([status('pending'), status('pending')])
    expect(value(await settled(wait(nod, ID)))).toBe('over')
    expect(requests).toHaveLength(2)
  })

  it('ends with the caller’s signal', async () => {
    const stop = new AbortController()
    const { nod } = stub([silence])
    const waiting = wait(nod, ID, { signal: stop.signal })
    stop.abort()
    expect(value(await settled(waiting))).toMatchObject({ kind: 'aborted' })
  })

  it('is not needed to know how a login stands now', async () => {
    const { nod, requests } = stub([status('cancelled')])
    expect(value(await loginStatus(nod, ID))).toBe('cancelled')
    expect(requests[0]?.url).toBe(`https://nod.example/validate/polltransaction/${ID}`)
  })
})

describe('following', () => {
  async function followed(answers: readonly Answer[], signal?: AbortSignal) {
    const { nod, requests } = stub(answers)
    const seen: unknown[] = []
    const all = (async () => {
      for await (const one of follow(nod, ID, { retries: 2, signal })) seen.push(value<LoginStatus>(one))
    })()
    await settled(all)
    return { seen, last: requests.map(({ headers }) => headers.get('last-event-id')) }
  }

  it('tells each status once, in whatever pieces it comes', async () => {
    const text = `: pending\n\n${event('pending')}: pending\n\n${event('accept')}`
    for (const size of [1, 3, 7, 1000]) {
      const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []
      expect((await followed([stream(pieces)])).seen).toEqual(['pending', 'accepted'])
    }
  })

  it('goes on where a stream breaks off, and says where it was', async () => {
    const broken = new Response(new ReadableStream({ pull: (c) => c.error(new TypeError('terminated')) }), {
      headers: { 'Content-Type': 'text/event-stream' },
    })
    const { seen, last } = await followed([
      stream([event('pending')]),
      broken,
      new TypeError('fetch failed'),
      stream([event('pending'), event('declined')]),
    ])
    expect(seen).toEqual(['pending', 'declined'])
    expect(last).toEqual([null, 'pending', 'pending', 'pending'])
  })

  it('tells whether it is connected', async () => {
    const { nod } = stub([new TypeError('fetch failed'), stream([event('pending'), event('accept')])])
    const told: boolean[] = []
    const isLast = ({ id }: { readonly id: string | undefined }): boolean => id === 'accept'
    const all = (async () => {
      const options = { isLast, onConnection: (isOpen: boolean) => void told.push(isOpen) }
      const route = 'GET /transaction/{transaction_id}/events'
      for await (const one of watch(nod, route, { transaction_id: ID }, options)) expect(one.ok).toBe(true)
    })()
    await settled(all)
    expect(told).toEqual([false, true])
  })

  it('goes on when a connection has been quiet for too long', async () => {
    const quiet = ({ signal }: Request): Response => stream([event('pending')], signal)
    expect((await followed([quiet, stream([event('accept')])])).seen).toEqual(['pending', 'accepted'])
  })

  it('ends when there is nothing more to hear', async () => {
    expect((await followed([stream([event('over')])])).seen).toEqual(['over'])
    expect((await followed([new Response(null, { status: 204 })])).seen).toEqual([])
  })

  it('ends with the failure that it cannot overcome', async () => {
    expect((await followed([refusal(403, 303, 'No.')])).seen).toMatchObject([{ kind: 'refused', status: 403 }])
    expect((await followed([new Response('<h1>Hello</h1>')])).seen).toMatchObject([{ kind: 'invalid_response' }])
    const lost = (): Answer => new TypeError('fetch failed')
    expect((await followed([lost(), lost(), lost()])).seen).toMatchObject([{ kind: 'transport' }])
    expect((await followed([], AbortSignal.abort('enough'))).seen).toMatchObject([{ kind: 'aborted', cause: 'enough' }])
  })

  it('closes its connection when nobody listens any more', async () => {
    const { nod, requests } = stub([({ signal }) => stream([event('pending')], signal)])
    for await (const _ of follow(nod, ID)) break
    expect(requests[0]?.signal.aborted).toBe(true)
  })
})

it('a stream of events may end its lines in each of three ways, and have several lines of data', async () => {
  const text = 'id: 1\r\ndata: a\r\n\r\nid:2\rdata: b\rdata:  c\r\rdata\n\n: comment\nevent: x\ndata: d\n\n'
  const events: unknown[] = []
  for await (const one of serverSentEvents(stream(text.split('')).body ?? new ReadableStream())) events.push(one)
  expect(events).toEqual([
    { id: '1', event: 'message', data: 'a' },
    { id: '2', event: 'message', data: 'b\n c' },
    { id: '2', event: 'message', data: '' },
    'comment',
    { id: '2', event: 'x', data: 'd' },
  ])
})

describe('signing in', () => {
  const session = { token: 'jwt', role: 'admin', username: 'admin', realm: '', rights: ['enable'], logout_time: 120 }

  it('gives a connection with the API token', async () => {
    const { nod, requests } = stub([enveloped(session, {}, 'ACCEPT'), enveloped(true)], { key: 'nod_key' })
    const signedIn = await signIn(nod, { login: 'admin', password: 'secret' })
    expect(value(signedIn)).toMatchObject({ status: 'signed_in', role: 'admin', logoutTime: 120 })
    if (signedIn.ok && signedIn.value.status === 'signed_in')
      await signedIn.value.nod.send({ method: 'GET', path: '/x' }, async () => ({ ok: true, value: 1 }))
    // Nobody signs in with somebody else's credential.
    expect(requests.map(({ headers }) => headers.get('authorization'))).toEqual([null, 'jwt'])
  })

  it('asks for the code of the phone, and goes on with it', async () => {
    const entry = { serial: 'A', client_mode: 'interactive' }
    const detail = { transaction_id: ID, message: 'Enter the code', multi_challenge: [entry] }
    const { nod, requests } = stub([enveloped(false, { detail }, 'CHALLENGE'), enveloped(session, {}, 'ACCEPT')])
    const asked = await signIn(nod, { login: 'admin', password: 'secret' })
    expect(value(asked)).toEqual({
      status: 'challenge',
      challenge: {
        transactionId: ID,
        message: 'Enter the code',
        presence: undefined,
        entersCode: true,
        serials: ['A'],
        login: 'admin',
        realm: undefined,
      },
    })
    if (!asked.ok || asked.value.status !== 'challenge') throw new Error('expected a challenge')
    expect(value(await completeSignIn(nod, asked.value.challenge, ' 123456 '))).toMatchObject({ status: 'signed_in' })
    expect(await requests[1]?.json()).toEqual({ username: 'admin', password: '123456', transaction_id: ID })
  })

  it('fails where Nod answers neither', async () => {
    const { nod } = stub([enveloped(false, { detail: {} }, 'REJECT')])
    const failed = await signIn(nod, { login: 'admin', password: 'secret' })
    expect(value(failed)).toMatchObject({ kind: 'refused', reason: 'credentials_wrong' })
  })
})

it('a table of logins has the lines of all pages under one header', async () => {
  const page = (text: string, next: Record<string, string> = {}): Response =>
    new Response(text, { headers: { 'Content-Type': 'text/csv; charset=utf-8', ...next } })
  const { nod, requests } = stub([page('user\nada\n', { 'Nod-Next': 'c1' }), page('user\nbob\n')])
  const table = await loginsCsv(nod, { outcome: 'refused' })
  expect(table.ok && (await table.value.text())).toBe('user\nada\nbob\n')
  expect(requests.map(({ url }) => new URL(url).searchParams.get('cursor'))).toEqual([null, 'c1'])
  const broken = stub([page('user\nada\n', { 'Nod-Next': 'c1' }), refusal(400, 905, 'Invalid cursor')])
  expect(await loginsCsv(broken.nod)).toMatchObject({ ok: false, failure: { kind: 'refused' } })
})
