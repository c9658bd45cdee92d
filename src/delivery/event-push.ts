/** Pushes security event tokens to the receivers of webhooks. Source: RFC 8935. */
import type { EventPush, PushResult } from '../ports/webhooks.ts'
import { withTimeLimit } from '../time-limit.ts'
import { type Instant, type Seconds, seconds } from '../vocabulary.ts'
import { readJson, readRetryAfter } from './post.ts'

/** How long a receiver may take for its whole answer. */
const LIMIT = seconds(5)
/** How many bytes of an answer are read at most. */
const MOST_BYTES = 4096
/** Source: RFC 8935, section 2.4, "Security Event Token Error Codes". */
const ERRORS = [
  'invalid_request',
  'invalid_key',
  'invalid_issuer',
  'invalid_audience',
  'authentication_failed',
  'access_denied',
]

/** Returns what pushes tokens. `faultOf` says why an address is not allowed: it was checked when the webhook was added, but a later
 *  version may have stricter rules. */
export const eventPush = (options: {
  readonly fetch: typeof fetch
  readonly now: () => Instant
  readonly faultOf: (url: string, isLocal: boolean) => string | undefined
}): EventPush => ({
  async send(url, token, isLocal) {
    const fault = options.faultOf(url, isLocal)
    if (fault !== undefined) return failed(`the address ${fault}`)
    const abort = new AbortController()
    try {
      const result = await withTimeLimit(push(options, url, token, abort.signal), LIMIT, abort)
      return result === 'late' ? failed(`no answer in ${LIMIT} seconds`) : result
    } catch {
      return failed('no connection')
    }
  },
})

async function push(
  { fetch, now }: Pick<Parameters<typeof eventPush>[0], 'fetch' | 'now'>,
  url: string,
  token: string,
  signal: AbortSignal,
): Promise<PushResult> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/secevent+jwt', Accept: 'application/json' },
    body: token,
    redirect: 'manual',
    signal,
  })
  const { status } = response
  const error = status === 400 ? errorIn(await firstBytes(response)) : undefined
  await response.body?.cancel().catch(() => undefined)
  if (status === 202) return { kind: 'accepted' }
  const retryAfter: Seconds | undefined = readRetryAfter(response.headers.get('Retry-After'), now())
  const why = `HTTP ${status} where 202 is expected${error === undefined ? '' : `: ${error}`}`
  return {
    ...failed(why),
    status,
    ...(error === undefined ? {} : { error }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
}

const failed = (why: string) => ({ kind: 'failed', why }) as const

/** Returns the receiver's error code, and nothing else of its answer: the address may be one that Nod should not have called. */
function errorIn(text: string): string | undefined {
  const body = readJson(text)
  const code = typeof body === 'object' && body !== null && 'err' in body ? body.err : undefined
  return ERRORS.find((one) => one === code)
}

async function firstBytes(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  if (reader === undefined) return ''
  const decoder = new TextDecoder()
  let text = ''
  for (let read = 0; read < MOST_BYTES;) {
    const { done, value } = await reader.read()
    if (done) break
    read += value.length
    text += decoder.decode(value, { stream: true })
  }
  reader.releaseLock()
  return text
}
