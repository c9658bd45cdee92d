import { type Instant, type Seconds, seconds } from '../vocabulary.ts'

/** What is needed of a response. */
export interface HttpResponse {
  readonly status: number
  readonly retryAfter: string | null
  readonly body: string
  /** The server's time, if it tells. */
  readonly date?: string | null
}

/** Sends one POST and returns the whole response. Reads the body to its end, so that the connection is free again. Follows no
 *  redirect: what is sent is secret and for this address only.
 *  Fails with `timeout` when the signal is aborted, and with `unreachable` when there is no connection or it breaks. */
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
    // After a 200 the message is delivered: if its body breaks off, a second try would ring the phone twice.
    const body = status === 200 ? await response.text().catch(() => '') : await response.text()
    return { ok: true, value: { status, retryAfter: headers.get('Retry-After'), body, date: headers.get('Date') } }
  } catch {
    return { ok: false, why: request.signal.aborted ? 'timeout' : 'unreachable' }
  }
}

const MAX_WAIT = 86_400

/** Reads a Retry-After header, a number of seconds or an HTTP date, as one second to one day, so that no response causes a tight
 *  loop; undefined when the header is missing or unreadable. Source: RFC 9110, 10.2.3. */
export function readRetryAfter(text: string | null, now: Instant): Seconds | undefined {
  const value = text?.trim() ?? ''
  const wait = /^\d+$/.test(value)
    ? Number(value)
    : value.endsWith(' GMT')
      ? (Date.parse(value) - now) / 1000
      : Number.NaN
  return Number.isNaN(wait) ? undefined : seconds(Math.min(MAX_WAIT, Math.max(1, Math.ceil(wait))))
}

/** Parses JSON; undefined when the text is not JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
