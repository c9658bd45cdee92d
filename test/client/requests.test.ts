import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  call,
  check,
  connect,
  deleteTokens,
  deleteUser,
  download,
  enableTokens,
  exchange,
  type Failure,
  listTokens,
  type Nod,
  NodError,
  orThrow,
  renamePolicy,
  savePolicy,
  tokenPages,
  trigger,
} from '../../client/src/index.ts'
import { enveloped, refusal, settled, silence, stub } from './stub.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const failureOf = async (outcome: Promise<{ readonly ok: boolean; readonly failure?: Failure }>): Promise<unknown> =>
  (await settled(outcome)).failure

describe('a request', () => {
  it('has the credential in a header, and nothing secret in its address', async () => {
    const { nod, requests } = stub([enveloped(false, { detail: {} }, 'REJECT')], { key: 'nod_secret', language: 'de' })
    await check(nod, { user: 'ada', realm: 'sales', pass: '1234' })
    const [request] = requests
    expect(request?.url).toBe('https://nod.example/validate/check')
    expect(request?.headers.get('authorization')).toBe('nod_secret')
    expect(request?.headers.get('accept-language')).toBe('de')
    expect(await request?.json()).toEqual({ user: 'ada', realm: 'sales', pass: '1234' })
  })

  it('has its parameters in the path, the query of a read, and the body of a change', async () => {
    const page = { tokens: [], count: 0, prev: null, next: null }
    const { nod, requests } = stub([
      enveloped(page),
      enveloped(1),
      enveloped(1),
      enveloped(2),
      enveloped(1),
      enveloped(1),
    ])
    await listTokens(nod, { user: 'a&b', active: true, page: 2, realm: undefined })
    await deleteTokens(nod, 'PIPU/1')
    await deleteTokens(nod, { serials: ['A', 'B'] })
    await enableTokens(nod, { serials: ['A', 'B'] })
    await savePolicy(nod, 'a b', { scope: 'admin', action: { enable: true } })
    await renamePolicy(nod, 'old', 'new')
    expect(requests.map(({ method, url }) => `${method} ${url.slice('https://nod.example'.length)}`)).toEqual([
      'GET /token?user=a%26b&active=true&page=2',
      'DELETE /token/PIPU%2F1',
      'DELETE /token?serials=A%2CB',
      'POST /token/enable',
      'POST /policy/a%20b',
      'PATCH /policy/old',
    ])
    expect(await Promise.all(requests.slice(3).map((one) => one.json()))).toEqual([
      { serials: ['A', 'B'] },
      { scope: 'admin', action: { enable: true } },
      { name: 'new' },
    ])
  })

  it('that another route would get is not sent', async () => {
    const { nod, requests } = stub([])
    for (const user of ['..', '.', '']) {
      const failure = await failureOf(deleteUser(nod, { user, realm: 'sales' }))
      expect(failure).toMatchObject({ kind: 'refused', reason: 'parameter', field: 'user' })
    }
    expect(requests).toEqual([])
  })

  it('goes to the address it was given, also below a path, and to no address with a login', () => {
    expect(connect({ url: 'https://proxy.example/nod//' }).url).toBe('https://proxy.example/nod')
    for (const url of ['ftp://nod.example', 'https://ada:secret@nod.example', 'nod.example'])
      expect(() => connect({ url }), url).toThrow(TypeError)
  })

  it('shows no credential to who looks at the connection', () => {
    const nod = connect({ url: 'https://nod.example', key: 'nod_secret' })
    expect(JSON.stringify(nod)).not.toContain('nod_secret')
    expect(Object.values(nod).filter((value) => typeof value === 'string')).toEqual(['https://nod.example'])
  })
})

describe('a failure', () => {
  it('of Nod’s refusal has status, code, message and reason, and the field it is about', async () => {
    const message = "ERR905: Unknown parameter 'users'. Did you mean 'user'?"
    expect(await failureOf(listTokens(stub([refusal(400, 905, message)]).nod))).toEqual({
      kind: 'refused',
      status: 400,
      code: 905,
      reason: 'parameter',
      field: 'users',
      message,
    })
    const waiting = refusal(401, 4031, 'Authentication failed.', { 'Retry-After': '60' })
    expect(await failureOf(call(stub([waiting]).nod, 'POST /auth/logout'))).toMatchObject({
      reason: 'credentials_wrong',
      retryAfter: 60,
    })
    expect(await failureOf(listTokens(stub([refusal(400, 4711, 'New.')]).nod))).toMatchObject({ reason: 'other' })
  })

  it('of a server that cannot answer says when to try again', async () => {
    const busy = refusal(503, 903, 'ERR903: Busy.', { 'Retry-After': '30' })
    const failure = { kind: 'unavailable', status: 503, message: 'ERR903: Busy.', retryAfter: 30 }
    expect(await failureOf(listTokens(stub([busy]).nod))).toEqual(failure)
    const page = new Response('<h1>Bad gateway</h1>', { status: 502 })
    expect(await failureOf(trigger(stub([page], { retries: 0 }).nod, { user: 'ada' }))).toMatchObject({
      kind: 'unavailable',
      status: 502,
    })
  })

  it('of a connection has its cause, a time limit its length, a signal its reason', async () => {
    const cause = new TypeError('fetch failed')
    expect(await failureOf(enableTokens(stub([cause]).nod, 'A'))).toMatchObject({ kind: 'transport', cause })
    const timedOut = await enableTokens(stub([silence]).nod, 'A', { timeout: 20 })
    expect(timedOut).toMatchObject({ failure: { kind: 'timeout', after: 20 } })
    const stop = new AbortController()
    const aborted = enableTokens(stub([silence]).nod, 'A', { signal: stop.signal })
    stop.abort('enough')
    expect(await failureOf(aborted)).toMatchObject({ kind: 'aborted', cause: 'enough' })
    const late = enableTokens(stub([silence]).nod, 'A', { signal: AbortSignal.abort('before') })
    expect(await failureOf(late)).toMatchObject({ kind: 'aborted', cause: 'before' })
  })

  it('of an answer that breaks off is one of the connection', async () => {
    const half = () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.error(new TypeError('terminated')),
        }),
      )
    expect(await failureOf(enableTokens(stub([half]).nod, 'A'))).toMatchObject({ kind: 'transport' })
  })

  it('is told of an answer that is none of Nod’s', async () => {
    const redirect = new Response(null, { status: 302, headers: { Location: 'https://login.example' } })
    const strange = [new Response('<h1>Welcome</h1>'), Response.json({ ok: true }), Response.json(null), redirect]
    for (const answer of strange)
      expect(await failureOf(listTokens(stub([answer]).nod))).toMatchObject({ kind: 'invalid_response' })
    const noFile = await download(stub([refusal(403, 303, 'No.')]).nod, 'GET /audit/{file}', { file: 'a.csv' })
    expect(noFile).toMatchObject({ failure: { kind: 'refused', reason: 'not_permitted' } })
  })

  it('is thrown where the caller wants that, as an error with the failure in it', async () => {
    const outcome = await listTokens(stub([refusal(403, 303, 'No.')]).nod)
    const thrown = (() => {
      try {
        return orThrow(outcome)
      } catch (error) {
        return error
      }
    })()
    expect(thrown).toBeInstanceOf(NodError)
    expect(thrown).toMatchObject({ message: 'No.', failure: { kind: 'refused', status: 403 } })
  })
})

describe('a repetition', () => {
  const lost = (): Error => new TypeError('connection reset')

  it('is sent for reads, when the connection fails or Nod is busy for a moment', async () => {
    const page = enveloped({ tokens: [], count: 0, prev: null, next: null })
    const busy = refusal(503, 903, 'Busy.', { 'Retry-After': '1' })
    const { nod, requests } = stub([lost(), busy, page])
    expect(await settled(listTokens(nod))).toMatchObject({ ok: true })
    expect(requests).toHaveLength(3)
  })

  it('ends after two, or as many as the connection says', async () => {
    const { nod, requests } = stub([lost(), lost(), lost()])
    expect(await failureOf(listTokens(nod))).toMatchObject({ kind: 'transport' })
    expect(requests).toHaveLength(3)
    const none = stub([lost()], { retries: 0 })
    await settled(listTokens(none.nod))
    expect(none.requests).toHaveLength(1)
  })

  it('is sent for a login with the same idempotency key, which no other login has', async () => {
    const answer = () => enveloped(1, { detail: { multi_challenge: [] } }, 'ACCEPT')
    const { nod, requests } = stub([lost(), answer, answer, answer])
    await settled(trigger(nod, { user: 'ada' }))
    await settled(trigger(nod, { user: 'ada' }))
    await settled(trigger(nod, { user: 'ada' }, { idempotencyKey: 'mine' }))
    const keys = requests.map(({ headers }) => headers.get('idempotency-key'))
    expect(keys[0]).toBe(keys[1])
    expect(keys[0]).not.toBe(keys[2])
    expect(keys[2]).toMatch(/^[0-9a-f]{32}$/)
    expect(keys[3]).toBe('mine')
  })

  it('is not sent for changes, over a limit, after a refusal or where the server wants a long pause', async () => {
    const limited = refusal(429, 903, 'Too many.', { 'Retry-After': '1' })
    const long = refusal(503, 903, 'Busy.', { 'Retry-After': '600' })
    for (const [answer, ask] of [
      [lost(), (nod: Nod) => enableTokens(nod, 'A')],
      [limited, listTokens],
      [long, listTokens],
      [refusal(403, 303, 'No.'), listTokens],
    ] as const) {
      const { nod, requests } = stub([answer])
      expect(await settled<unknown>(ask(nod))).toMatchObject({ ok: false })
      expect(requests).toHaveLength(1)
    }
  })

  it('ends with the caller’s signal, also in a pause', async () => {
    const stop = new AbortController()
    const { nod, requests } = stub([lost(), lost()])
    const asked = listTokens(nod, {}, { signal: stop.signal })
    await vi.advanceTimersByTimeAsync(50)
    stop.abort('enough')
    expect(await failureOf(asked)).toMatchObject({ kind: 'aborted', cause: 'enough' })
    expect(requests.length).toBeLessThanOrEqual(2)
  })
})

describe('an account', () => {
  const credentials = { login: 'plugin', password: 'secret' }
  const session = (token: string) => enveloped({ token })
  const page = (): Response => enveloped({ tokens: [], count: 0, prev: null, next: null })

  it('signs in once for calls at the same time, and again when its API token has expired', async () => {
    const expired = refusal(401, 4305, 'Expired.')
    const { nod, requests } = stub([session('one'), page, page, expired, session('two'), page], { credentials })
    await Promise.all([listTokens(nod), listTokens(nod)])
    expect(await settled(listTokens(nod))).toMatchObject({ ok: true })
    expect(requests.map(({ url, headers }) => [new URL(url).pathname, headers.get('authorization')])).toEqual([
      ['/auth', null],
      ['/token', 'one'],
      ['/token', 'one'],
      ['/token', 'one'],
      ['/auth', null],
      ['/token', 'two'],
    ])
  })

  it('is asked again after a sign-in that failed, and is told if it needs its phone', async () => {
    const { nod } = stub([refusal(401, 4031, 'Authentication failed.'), session('one'), page], { credentials })
    expect(await failureOf(listTokens(nod))).toMatchObject({ kind: 'refused', reason: 'credentials_wrong' })
    expect(await settled(listTokens(nod))).toMatchObject({ ok: true })
    const withPhone = stub([enveloped(false, { detail: { message: 'Enter the code.' } }, 'CHALLENGE')], { credentials })
    expect(await failureOf(listTokens(withPhone.nod))).toMatchObject({ reason: 'second_factor_required' })
  })
})

it('pages are fetched until one says that there is no next, or fails', async () => {
  const page = (next: number | null) => enveloped({ tokens: [], count: 3, prev: null, next })
  const { nod, requests } = stub([page(2), page(null)])
  const seen: unknown[] = []
  for await (const one of tokenPages(nod, { realm: 'sales' })) seen.push(one.ok && one.value.next)
  expect(seen).toEqual([2, null])
  expect(requests.map(({ url }) => url.split('?')[1])).toEqual([
    'pagesize=500&realm=sales&page=1',
    'pagesize=500&realm=sales&page=2',
  ])
  const failing = stub([page(2), refusal(403, 303, 'No.')])
  const outcomes: boolean[] = []
  for await (const one of tokenPages(failing.nod)) outcomes.push(one.ok)
  expect(outcomes).toEqual([true, false])
})

it('an answer has its detail and its word, where the caller asks for them', async () => {
  const { nod } = stub([enveloped(1, { detail: { pin: '4711' } })])
  const answer = await exchange(nod, 'POST /token/setrandompin', { serial: 'A' })
  expect(answer).toMatchObject({ ok: true, value: { value: 1, detail: { pin: '4711' } } })
})
