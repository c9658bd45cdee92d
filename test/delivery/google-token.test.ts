import { createPublicKey } from 'node:crypto'
import { decodeProtectedHeader, jwtVerify } from 'jose'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type AccessTokens, type ServiceAccount, googleTokens } from '../../src/delivery/google-token.ts'
import { type Instant, instant, addSeconds, seconds } from '../../src/vocabulary.ts'
import { SERVICE_ACCOUNT_KEY } from '../simulation/keys.ts'

const account: ServiceAccount = {
  projectId: 'nod-test',
  clientEmail: 'sender@nod-test.iam.gserviceaccount.com',
  privateKey: SERVICE_ACCOUNT_KEY,
  privateKeyId: 'c0ffee00',
  tokenUri: 'https://oauth2.googleapis.com/token',
}
const other = { ...account, projectId: 'other' }
const patience = AbortSignal.timeout(60_000)

let now: Instant
let requests: { readonly url: string; readonly init: RequestInit }[]
let answer: () => Promise<Response> | Response
let tokens: AccessTokens

const granted = (expiresIn: number | undefined = 3599): Response =>
  Response.json({ access_token: `token-${requests.length}`, expires_in: expiresIn, token_type: 'Bearer' })

beforeEach(() => {
  now = instant(1_795_504_057_900)
  requests = []
  answer = () => granted()
  tokens = googleTokens({
    fetch: async (url, init = {}) => {
      requests.push({ url: typeof url === 'string' ? url : '', init })
      return answer()
    },
    now: () => now,
    timeLimit: seconds(30), // of real time only for a renewal that hangs, whose callers give up before
  })
})

const pass = (count: number): void => {
  now = addSeconds(now, seconds(count))
}
const tokenOf = async (one = account): Promise<string | undefined> => {
  const access = await tokens.of(one, patience)
  return access.ok ? access.token : undefined
}
const outcomeOf = async () => {
  const access = await tokens.of(account, patience)
  return access.ok ? undefined : access.outcome
}

describe('an access token', () => {
  it('is asked for as docs/protocol.md, "Google access token" says, with the least scope', async () => {
    await tokenOf()
    const [request] = requests
    expect(request?.url).toBe(account.tokenUri)
    expect(request?.init).toMatchObject({ method: 'POST', redirect: 'manual' })
    const body = request?.init.body
    const form = new URLSearchParams(typeof body === 'string' ? body : '')
    expect([...form.keys()]).toEqual(['grant_type', 'assertion'])
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    const assertion = form.get('assertion') ?? ''
    expect(decodeProtectedHeader(assertion)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'c0ffee00' })
    const key = createPublicKey(SERVICE_ACCOUNT_KEY)
    const { payload } = await jwtVerify(assertion, key, { currentDate: new Date(now) })
    expect(payload).toEqual({
      iss: account.clientEmail,
      scope: 'https://www.googleapis.com/auth/firebase.messaging',
      aud: account.tokenUri,
      iat: 1_795_504_057,
      exp: 1_795_507_657,
    })
  })

  it('is kept until five minutes before its end', async () => {
    expect(await tokenOf()).toBe('token-1')
    pass(3_298)
    expect(await tokenOf()).toBe('token-1')
    pass(1)
    expect(await tokenOf()).toBe('token-2')
  })

  it('with a short life is used for half of it', async () => {
    answer = () => granted(60)
    expect(await tokenOf()).toBe('token-1')
    pass(29)
    expect(await tokenOf()).toBe('token-1')
    pass(1)
    expect(await tokenOf()).toBe('token-2')
  })

  it('is asked for once when many need it at once', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => tokenOf()))
    expect(new Set(all)).toEqual(new Set(['token-1']))
    expect(requests).toHaveLength(1)
  })

  it('is requested for each account', async () => {
    expect([await tokenOf(), await tokenOf(other), await tokenOf()]).toEqual(['token-1', 'token-2', 'token-1'])
  })

  it('is not used again once it is dropped; a newer one stays', async () => {
    expect(await tokenOf()).toBe('token-1')
    tokens.forget(account, 'token-1')
    expect(await tokenOf()).toBe('token-2')
    tokens.forget(account, 'token-1')
    expect(await tokenOf()).toBe('token-2')
  })
})

describe('without an access token', () => {
  it.each<[string, Response, unknown]>([
    [
      'invalid_grant',
      Response.json({ error: 'invalid_grant' }, { status: 400 }),
      { kind: 'failed', why: 'credentials' },
    ],
    ['a disabled account', new Response('', { status: 401 }), { kind: 'failed', why: 'credentials' }],
    [
      'too many requests',
      new Response('', { status: 429, headers: { 'Retry-After': '5' } }),
      { kind: 'later', why: 'unavailable', retryAfter: 5 },
    ],
    ['trouble at Google', new Response('', { status: 503 }), { kind: 'later', why: 'unavailable', retryAfter: 1 }],
    ['a redirect', new Response('', { status: 302 }), { kind: 'later', why: 'unavailable', retryAfter: 1 }],
    ['no JSON', new Response('<html>'), { kind: 'later', why: 'unavailable', retryAfter: 1 }],
    ['no token in it', Response.json({ id_token: 'x' }), { kind: 'later', why: 'unavailable', retryAfter: 1 }],
  ])('%s', async (_, response, outcome) => {
    answer = () => response
    expect(await outcomeOf()).toEqual(outcome)
  })

  it('fails when there is no connection, and asks again the next time', async () => {
    answer = () => Promise.reject(new TypeError('fetch failed'))
    expect(await outcomeOf()).toEqual({ kind: 'later', why: 'unreachable', retryAfter: 1 })
    answer = () => granted()
    expect(await tokenOf()).toBe('token-2')
  })

  it('fails when the key is not a key', async () => {
    const access = await tokens.of({ ...account, privateKey: 'none' }, patience)
    expect(access).toEqual({ ok: false, outcome: { kind: 'failed', why: 'credentials' } })
    expect(requests).toHaveLength(0)
  })

  it('no caller waits longer than its own time, nor for a renewal that died', async () => {
    answer = () => new Promise(() => undefined)
    const caller = new AbortController()
    const waiting = [tokens.of(account, caller.signal), tokens.of(account, AbortSignal.abort())]
    await vi.waitFor(() => expect(requests).toHaveLength(1), 20_000)
    caller.abort()
    const late = { ok: false, outcome: { kind: 'later', why: 'timeout', retryAfter: 1 } }
    expect(await Promise.all(waiting)).toEqual([late, late])
    expect(requests).toHaveLength(1)
    pass(30)
    answer = () => granted()
    expect(await tokenOf()).toBe('token-2')
  })

  it('assumes an hour if Google does not say how long it lives', async () => {
    answer = () => Response.json({ access_token: 'unsaid' })
    expect(await tokenOf()).toBe('unsaid')
    pass(3_299)
    expect(await tokenOf()).toBe('unsaid')
    expect(requests).toHaveLength(1)
  })
})
