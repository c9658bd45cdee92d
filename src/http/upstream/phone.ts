/** Phones that are registered at the upstream, and those that are registered here and may have prompts of the upstream's.
 *  Source: docs/protocol.md, "The upstream". */
import { limitCaller } from '../../operations/access/rate-limits.ts'
import { mayUpstreamRing } from '../../operations/upstream/who-serves.ts'
import type { Upstream } from '../../ports/upstream.ts'
import type { PhoneAnswer, RefreshRequest, RegisterRequest } from '../../protocol/phone/phone-request.ts'
import { readPrompts } from '../../protocol/upstream/upstream-prompts.ts'
import type { Outcome } from '../../refusal.ts'
import { seconds } from '../../vocabulary.ts'
import type { HttpContext } from '../context.ts'
import { wireForm } from '../respond.ts'
import { sendRefusal, sendValue } from '../send.ts'
import { pass, passAdmitted, upstreamRequest } from './pass.ts'

/** How long the poll of a phone waits for the upstream's prompts, beside Nod's own. */
const POLL_LIMIT = seconds(3)

/** Passes a registration whose credential Nod did not make, and an answer whose nonce Nod did not make; undefined for Nod's own, for a
 *  refresh, and for an answer without a nonce, which Nod's phone is asked about first. */
export async function passPhonePost(
  c: HttpContext,
  upstream: Upstream,
  request: RegisterRequest | PhoneAnswer | RefreshRequest,
): Promise<Response | undefined> {
  const { identifiers } = c.var.ports
  switch (request.kind) {
    case 'register':
      return (await identifiers.isOwnCredential(request.serial, request.credential)) ? undefined : pass(c, upstream)
    case 'answer':
      if (request.nonce === undefined || (await identifiers.transactionOf(request.nonce)) !== undefined)
        return undefined
      return passAnswer(c, upstream)
    case 'refresh':
      return undefined
  }
}

/** Passes an answer. If the upstream does not answer, the phone keeps the prompt: on any JSON the app takes it off its screen. */
export async function passAnswer(c: HttpContext, upstream: Upstream): Promise<Response> {
  const { ports, source } = c.var
  const limited = await limitCaller(ports, source, await c.var.credential())
  const response = limited.ok ? await passAdmitted(c, upstream) : sendRefusal(c, limited.refusal)
  const { refusal } = c.var
  if (refusal === undefined) return response
  const wire = wireForm(refusal)
  const isTemporary = refusal.reason === 'upstream_unavailable' || refusal.reason === 'too_many_requests'
  return isTemporary && wire.kind === 'error' ? c.text(wire.message, wire.status, wire.headers) : response
}

/** Sends a phone's new registration token to the upstream too, which may ring the phone now or after a way back. Nobody waits for this. */
export function repeatThere(c: HttpContext, upstream: Upstream): void {
  const request = upstreamRequest(c)
  if (request.ok) c.executionCtx.waitUntil(upstream.ask(request.value, POLL_LIMIT))
}

type Prompts = readonly Readonly<Record<string, string>>[]

/** Answers the poll of a phone: of one that Nod does not know as the upstream does, of one that it knows with the prompts of both. Undefined
 *  if Nod answers alone. */
export async function answerPhonePoll(
  c: HttpContext,
  upstream: Upstream,
  prompts: Outcome<Prompts>,
): Promise<Response | undefined> {
  if (!prompts.ok) return prompts.refusal.reason === 'signature_invalid' ? pass(c, upstream) : undefined
  if (!(await mayUpstreamRing(c.var.ports))) return undefined
  const request = upstreamRequest(c)
  const asked = request.ok ? await upstream.ask(request.value, POLL_LIMIT) : request
  const theirs = asked.ok && asked.value.status === 200 ? readPrompts(asked.value.text) : []
  return sendValue(c, [...prompts.value, ...theirs])
}
