/** Reaches the upstream: the privacyIDEA or eduMFA that users move here from. */
import { utf8 } from '../bytes.ts'
import { present } from '../present.ts'
import type { Upstream, UpstreamReply, UpstreamRequest } from '../ports/upstream.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import { withTimeLimit } from '../time-limit.ts'
import { type Bytes, type Instant, type Seconds, seconds } from '../vocabulary.ts'
import { admit, afterSend, type Breaker, CLOSED } from './breaker.ts'
import { readJson } from './post.ts'
import { readText } from './read-text.ts'

/** How long a passed request waits for the first byte: as long as `push_wait` keeps one open. */
const FIRST_BYTE = seconds(60)
/** How long a passed response may pause. */
const PAUSE = seconds(60)
/** The largest passed response, and the largest that is read as a whole. */
const MOST_PASSED = 100 * 1024 * 1024
const MOST_READ = 256 * 1024
/** The number of requests of one isolate that may wait for the upstream. Each keeps its caller's connection open. */
const MOST_WAITING = 200
/** How long before its end a session is renewed, and how long it is used at most. */
const MARGIN_MS = 60_000
const SESSION_MS = 600_000

interface UpstreamOptions {
  readonly url: string
  readonly account?: { readonly login: string; readonly password: string } | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly fetch: typeof fetch
  readonly now: () => Instant
  readonly log: (event: string, fields: Readonly<Record<string, string | number | boolean>>) => void
  readonly firstByte?: Seconds
}

type Failure = 'timeout' | 'unreachable' | 'too_large' | 'gateway' | 'account'

/** Makes the client of the upstream. Call it once per isolate. What is passed and what Nod asks itself have a breaker each, so that answers
 *  which are too late for Nod do not keep callers from theirs. */
export function upstream(options: UpstreamOptions): Upstream {
  const { url, account, fetch, now, log, firstByte = FIRST_BYTE } = options
  // In lower case, like the headers of a request, so that they replace a caller's header of the same name.
  const headers = Object.fromEntries(
    Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const breakers: Record<'pass' | 'ask', Breaker> = { pass: CLOSED, ask: CLOSED }
  let waiting = 0
  let session: { readonly token: string; readonly until: number } | undefined

  const succeed = (kind: 'pass' | 'ask'): void => {
    breakers[kind] = afterSend(breakers[kind], true, now())
  }

  function fail(kind: 'pass' | 'ask', why: Failure): ReturnType<typeof refuse> {
    breakers[kind] = afterSend(breakers[kind], false, now())
    log('upstream_failed', { kind, why })
    return unavailable()
  }

  /** Sends a request and waits for the response's head. `signal` aborts the request, its response included. */
  async function send(
    kind: 'pass' | 'ask',
    { method, target, headers: given, body }: UpstreamRequest,
    limit: Seconds,
    signal: AbortController,
  ): Promise<Outcome<Response>> {
    const admitted = admit(breakers[kind], now())
    if (!admitted.admitted) return unavailable(admitted.retryAfter)
    if (waiting >= MOST_WAITING) return unavailable()
    breakers[kind] = admitted.next
    waiting += 1
    const timer = setTimeout(() => signal.abort(), limit * 1000)
    try {
      const response = await fetch(url + target, {
        method,
        headers: { ...given, ...headers },
        redirect: 'manual',
        signal: signal.signal,
        ...present({ body: method === 'GET' ? undefined : body }),
      })
      // Of the gateway before it.
      const isAway = response.status >= 502 && response.status <= 504
      if (!isAway) return done(response)
      await response.body?.cancel().catch(() => undefined)
      return fail(kind, 'gateway')
    } catch {
      return fail(kind, signal.signal.aborted ? 'timeout' : 'unreachable')
    } finally {
      clearTimeout(timer)
      waiting -= 1
    }
  }

  async function read(
    kind: 'pass' | 'ask',
    request: UpstreamRequest,
    limit: Seconds,
    isOwnRequest: boolean,
  ): Promise<Outcome<UpstreamReply>> {
    const controller = new AbortController()
    const marked = isOwnRequest ? { ...request, headers: { ...request.headers, 'nod-own-request': '1' } } : request
    const work = async (): Promise<Outcome<UpstreamReply> | 'too_large'> => {
      const sent = await send(kind, marked, limit, controller)
      if (!sent.ok) return sent
      const text = await readText(sent.value, MOST_READ)
      const { status, headers: answered } = sent.value
      return text === undefined ? 'too_large' : done({ status, headers: answered, text })
    }
    const reply = await withTimeLimit(
      work().catch(() => 'broken' as const),
      limit,
    )
    if (typeof reply !== 'string') {
      if (reply.ok) succeed(kind)
      return reply
    }
    controller.abort()
    return fail(kind, reply === 'too_large' ? reply : reply === 'late' ? 'timeout' : 'unreachable')
  }

  async function signIn(limit: Seconds): Promise<Outcome<string>> {
    if (account === undefined) return unavailable()
    if (session !== undefined && now() < session.until) return done(session.token)
    const form = new URLSearchParams({ username: account.login, password: account.password })
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = utf8(form.toString())
    const reply = await read('ask', { method: 'POST', target: '/auth', headers: type, body }, limit, false)
    if (!reply.ok) return reply
    const token = tokenIn(reply.value.text)
    if (token === undefined) return fail('ask', 'account')
    session = { token, until: Math.min(now() + SESSION_MS, expiryOf(token) - MARGIN_MS) }
    return done(token)
  }

  return {
    url,
    hasAccount: account !== undefined,
    ask: (request, limit) => read('ask', request, limit, true),
    passWhole: (request) => read('pass', request, firstByte, false),
    async pass(request) {
      const controller = new AbortController()
      const sent = await send('pass', request, firstByte, controller)
      if (!sent.ok) return sent
      succeed('pass')
      const { status, headers: answered, body } = sent.value
      const stream = body === null ? null : limited(body, () => controller.abort())
      return done(new Response(stream, { status, headers: answered }))
    },
    async askAsAccount(request, limit, isOwnRequest) {
      const token = await signIn(limit)
      if (!token.ok) return token
      const { 'pi-authorization': _, ...rest } = request.headers
      const asAccount = { ...request, headers: { ...rest, authorization: token.value } }
      const reply = await read('ask', asAccount, limit, isOwnRequest)
      // The next request signs in anew.
      if (reply.ok && reply.value.status === 401) session = undefined
      return reply
    },
  }
}

const unavailable = (retryAfter = seconds(5)) => refuse({ reason: 'upstream_unavailable', retryAfter })

/** Returns the same stream, which fails if it is too long or pauses too long. It is read as fast as the caller reads. */
function limited(body: ReadableStream<Bytes>, abort: () => void): ReadableStream<Bytes> {
  const reader = body.getReader()
  let size = 0
  return new ReadableStream({
    async pull(controller) {
      const read = await withTimeLimit(
        reader.read().catch(() => 'broken' as const),
        PAUSE,
      )
      if (read === 'late' || read === 'broken' || size > MOST_PASSED) {
        abort()
        controller.error(new Error('the upstream’s answer broke off, or is too large'))
        return
      }
      if (read.done) {
        controller.close()
        return
      }
      size += read.value.length
      controller.enqueue(read.value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
}

function tokenIn(text: string): string | undefined {
  const { result } = (readJson(text) ?? {}) as { readonly result?: { readonly value?: { readonly token?: unknown } } }
  const token = result?.value?.token
  return typeof token === 'string' ? token : undefined
}

/** When the JWT ends, in epoch milliseconds; 0 if it does not say. */
function expiryOf(token: string): number {
  try {
    const payload = atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))
    const { exp } = JSON.parse(payload) as { readonly exp?: unknown }
    return typeof exp === 'number' ? exp * 1000 : 0
  } catch {
    return 0
  }
}
