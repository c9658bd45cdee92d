/** Passes requests to the upstream, and its responses to the caller. Source: docs/protocol.md, "The upstream". */
import { believedAddress } from '../../operations/access/believed-address.ts'
import { limitCaller } from '../../operations/access/rate-limits.ts'
import { countRequest } from '../../operations/login/count-request.ts'
import type { Upstream, UpstreamReply, UpstreamRequest } from '../../ports/upstream.ts'
import { answeredHeaders, passedHeaders, passedPath } from '../../protocol/upstream/passed-request.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { type Bytes, seconds, SIGN_IN, type Source } from '../../vocabulary.ts'
import type { HttpContext } from '../context.ts'
import { sendRefusal } from '../send.ts'
import { withAddressClaims } from '../source.ts'

/** What is not passed as it came. */
interface Changes {
  /** Replaces the request's path. */
  readonly path?: string
  /** A text of letters and digits in query or body, and its replacement. */
  readonly replace?: { readonly text: string; readonly by: string }
}

/** Returns the request as the upstream gets it. Refuses: `path_unknown`; `upstream_unavailable` for one that came from here. */
export function upstreamRequest(c: HttpContext, { path, replace }: Changes = {}): Outcome<UpstreamRequest> {
  const { url, body } = c.var
  const passed = path ?? passedPath(url.pathname)
  if (passed === undefined) return refuse({ reason: 'path_unknown' })
  // The request has been passed already: the upstream's address leads back here.
  if (c.req.raw.headers.has('Nod-Passed')) return refuse({ reason: 'upstream_unavailable', retryAfter: seconds(60) })
  const target = passed + url.search
  const headers = upstreamHeaders(c)
  const { method } = c.req
  if (replace === undefined) return done({ method, target, headers, body })
  const changed = body && replaced(body, replace)
  return done({ method, target: target.replaceAll(replace.text, replace.by), headers, body: changed })
}

/** The headers of the request as the upstream gets them. */
export const upstreamHeaders = (c: HttpContext): Readonly<Record<string, string>> =>
  passedHeaders(c.req.raw.headers, { address: addressOf(c), addressHeader: c.var.ports.limits.addressHeader })

/** Query and body as text, to look for the name of a field. */
export const textOf = ({ var: { url, body } }: HttpContext): string =>
  url.search + (body === undefined ? '' : new TextDecoder().decode(body))

/** The header with the caller's address as Nod determined it. No other address reaches the upstream. */
function addressOf(c: HttpContext): string {
  const { source, ports } = c.var
  const claiming: Source = source.claims === undefined ? withAddressClaims(source, undefined, c.req.path) : source
  const snapshot = ports.deployment.cached()
  return snapshot === undefined ? source.address : believedAddress(claiming, snapshot).address
}

/** Replaces a text in a body of any form: a byte is a character here. */
function replaced(body: Bytes, { text, by }: { readonly text: string; readonly by: string }): Bytes {
  const latin1 = Array.from(body, (byte) => String.fromCodePoint(byte)).join('')
  return Uint8Array.from(latin1.replaceAll(text, by), (character) => character.codePointAt(0) ?? 0)
}

/** Passes the request, under the same limits for its network as any other. */
export async function pass(c: HttpContext, upstream: Upstream): Promise<Response> {
  const { ports, source } = c.var
  const limited = await limitCaller(ports, source, await c.var.credential())
  return limited.ok ? passAdmitted(c, upstream) : sendRefusal(c, limited.refusal)
}

/** Passes a request that the limits admit, and streams the response. */
export async function passAdmitted(c: HttpContext, upstream: Upstream, changes: Changes = {}): Promise<Response> {
  const request = upstreamRequest(c, changes)
  if (!request.ok) return sendRefusal(c, request.refusal)
  const passed = await upstream.pass(request.value)
  if (!passed.ok) return sendRefusal(c, passed.refusal)
  const { status, headers, body } = passed.value
  await countMiss(c, status)
  return sendPassed(c, upstream, { status, headers, body })
}

/** Sends an answer that was read as a whole, unchanged. */
export const sendReply = (c: HttpContext, upstream: Upstream, { status, headers, text }: UpstreamReply): Response =>
  sendPassed(c, upstream, { status, headers, body: status === 204 || status === 304 ? null : text })

function sendPassed(
  c: HttpContext,
  upstream: Upstream,
  answered: { readonly status: number; readonly headers: Headers; readonly body: string | ReadableStream | null },
): Response {
  c.set('isPassed', true)
  const { status, headers, body } = answered
  const answer = answeredHeaders(headers, upstream.url)
  // The types know fewer statuses than an upstream may answer.
  return body === null ? c.body(null, status as 204, answer) : c.body(body, status as 200, answer)
}

/** Counts a request that the upstream has refused, as Nod's own refusals are counted: not for a service with a key. */
export async function countMiss(c: HttpContext, status: number): Promise<void> {
  if (status < 400 || status >= 500) return
  const { ports, source } = c.var
  const credential = await c.var.credential()
  const isService =
    credential.ok &&
    credential.value.kind === 'key' &&
    ports.deployment.cached()?.serviceKeys.has(credential.value.hash) === true
  if (isService) return
  const action = `${c.req.method} ${c.req.path}`
  c.executionCtx.waitUntil(countRequest(ports, action === SIGN_IN ? 'sign_in' : 'miss', source, action))
}
