/** Hands on the upstream's answer to a check. Source: docs/protocol.md, "The upstream". */
import type { Credential } from '../../operations/access/identify.ts'
import { findTransaction } from '../../operations/login/transaction-address.ts'
import { checkAcceptance } from '../../operations/upstream/who-serves.ts'
import type { Upstream, UpstreamReply } from '../../ports/upstream.ts'
import type { SubjectFields } from '../../protocol/login/client-request.ts'
import { readUpstreamAnswer } from '../../protocol/upstream/upstream-answer.ts'
import { seconds } from '../../vocabulary.ts'
import type { CheckResponder } from '../check-responder.ts'
import type { HttpContext } from '../context.ts'
import { recordSuccess } from '../request-audit.ts'
import { countMiss, sendReply, upstreamRequest } from './pass.ts'

/** How long Nod waits for the answer to its own request at the login of a user whom it serves. */
export const OWN_REQUEST_LIMIT = seconds(5)

/** A request to check, and how it is answered. */
export interface CheckCall {
  readonly fields: SubjectFields
  readonly credential: Credential
  readonly responder: CheckResponder
  /** The route, as the audit names it. */
  readonly action: string
}

/** Passes a request to check, and hands the answer on unless it accepts what it must not. The upstream may know a user by a name that Nod
 *  does not know, such as their mail address: so the token that it names is looked at, also where it serves the user.
 *  `isOpenedThere`: it is the second leg of a login that only the upstream can have opened. `isServedThere`: by the name, the upstream serves
 *  the user, who does not need Nod's database. */
export async function passInspected(
  c: HttpContext,
  upstream: Upstream,
  call: CheckCall,
  { isOpenedThere = false, isServedThere = false }: { isOpenedThere?: boolean; isServedThere?: boolean } = {},
): Promise<Response> {
  const { responder, fields } = call
  // RADIUS servers are answered without a body, which would tell nothing here.
  const request = upstreamRequest(c, { path: CHECK })
  if (!request.ok) return responder.sendRefusal(c, request.refusal)
  const asked = await upstream.passWhole(request.value)
  if (!asked.ok) return responder.sendRefusal(c, asked.refusal)
  await countMiss(c, asked.value.status)
  const answer = readUpstreamAnswer(asked.value.text)
  if (answer?.kind !== 'accept') return sendAnswer(c, upstream, responder, asked.value)
  const counts = await checkAcceptance(c.var.ports, fields, c.var.source, answer.serial, isOpenedThere)
  const isLost = !counts.ok && counts.refusal.reason === 'storage_unavailable'
  if (counts.ok || (isLost && isServedThere)) return sendAnswer(c, upstream, responder, asked.value)
  if (counts.refusal.reason !== 'no_suitable_token') return responder.sendRefusal(c, counts.refusal)
  return responder.sendDecision(c, false, { message: NOT_COUNTED })
}

const CHECK = '/validate/check'
/** What a caller is told whom the upstream may not let in. */
export const NOT_COUNTED = 'No suitable token found for authentication.'

/** Sends the caller's request to the upstream as a request of Nod's own. */
export function askCheck(c: HttpContext, upstream: Upstream, replace?: { readonly text: string; readonly by: string }) {
  const request = upstreamRequest(c, { path: CHECK, ...(replace === undefined ? {} : { replace }) })
  return request.ok ? upstream.ask(request.value, OWN_REQUEST_LIMIT) : request
}

/** Sends the upstream's answer to a check in the form that the caller asked for. */
export function sendAnswer(
  c: HttpContext,
  upstream: Upstream,
  { isByStatus }: CheckResponder,
  reply: UpstreamReply,
): Response {
  if (!isByStatus) return sendReply(c, upstream, reply)
  const accepted = readUpstreamAnswer(reply.text)?.kind === 'accept'
  const status = accepted ? 204 : reply.status >= 400 ? reply.status : 400
  return sendReply(c, upstream, { status, headers: new Headers({ 'Content-Type': 'text/plain' }), text: '' })
}

export function sendAccepted(
  c: HttpContext,
  upstream: Upstream,
  { fields, action, responder, credential }: CheckCall,
  reply: UpstreamReply,
  serial: string,
): Response {
  const { user, realm } = fields
  const subject = {
    ...(user === undefined ? {} : { user }),
    ...(realm === undefined ? {} : { realm }),
    caller: credential,
  }
  recordSuccess(c, action, `accepted by the upstream, token ${serial.slice(0, 40)}`, subject, 'ACCEPT')
  return sendAnswer(c, upstream, responder, reply)
}

/** Withdraws a login that was finished with a token of the upstream, so that its phone no longer shows it. */
export async function withdraw(c: HttpContext, id: string): Promise<void> {
  const { ports } = c.var
  const found = await findTransaction(ports, id)
  const withdrawn = await found?.shard.withdraw({ id: found.id, withdrawal: { cause: 'other_token' } })
  if (withdrawn?.ok === false) ports.log('login_not_withdrawn', { reason: withdrawn.refusal.reason })
}
