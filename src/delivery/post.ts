import type { Instant, Seconds } from '../vocabulary.ts'
import { seconds } from '../vocabulary.ts'

/** Of a response, what its meaning depends on. */
export interface HttpResponse {
  readonly status: number
  readonly retryAfter: string | null
  readonly body: string
}

/** One POST and its whole answer, as a value. The body is read to its end, so that the connection is free again. A
 *  redirect is not followed: what is sent here is secret, and is for this address only.
 *  Refuses: `timeout` when the signal ended it, `unreachable` when there was no connection, or it broke. */
export async function post(
  fetch: typeof globalThis.fetch,
  url: string,
  request: { readonly headers: Readonly<Record<string, string>>; readonly body: string; readonly signal: AbortSignal },
): Promise<
  { readonly ok: true; readonly value: HttpResponse } | { readonly ok: false; readonly why: 'timeout' | 'unreachable' }
> {
  try {
    const response = await fetch(url, { ...request, method: 'POST', redirect: 'manual' })
    const { status, headers } = response
    // Taken is taken: a body that breaks off after a 200 must not make the phone ring twice.
    const body = status === 200 ? await response.text().catch(() => '') : await response.text()
    return { ok: true, value: { status, retryAfter: headers.get('Retry-After'), body } }
  } catch {
    return { ok: false, why: request.signal.aborted ? 'timeout' : 'unreachable' }
  }
}

const LONGEST_WAIT = 86_400

/** Seconds to wait, from 1 to a day, so that no answer makes a tight loop; undefined when there is no such header or it
 *  makes no sense. `text` is a number of seconds or an HTTP date. Source: RFC 9110, 10.2.3. */
export function readRetryAfter(text: string | null, now: Instant): Seconds | undefined {
  const said = text?.trim() ?? ''
  const wait = /^\d+$/.test(said) ? Number(said) : said.endsWith(' GMT') ? (Date.parse(said) - now) / 1000 : Number.NaN
  return Number.isNaN(wait) ? undefined : seconds(Math.min(LONGEST_WAIT, Math.max(1, Math.ceil(wait))))
}

/** The value, or undefined when the text is not JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
