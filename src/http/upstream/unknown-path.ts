import { limitCaller } from '../../operations/access/rate-limits.ts'
import { checkAcceptance, whoServes } from '../../operations/upstream/who-serves.ts'
import type { Upstream } from '../../ports/upstream.ts'
import type { SubjectFields } from '../../protocol/login/client-request.ts'
import { readUpstreamAnswer } from '../../protocol/upstream/upstream-answer.ts'
import type { HttpContext } from '../context.ts'
import { readParameters } from '../parameters.ts'
import { sendDecision, sendRefusal } from '../send.ts'
import { NOT_COUNTED } from './answers.ts'
import { countMiss, pass, sendReply, upstreamRequest } from './pass.ts'

/** Other ways to log in, such as eduMFA's `/validate/samlcheck`. */
const LOGINS = /^\/validate\/(?!initialize$|offlinerefill$)/

/** Passes a request for a path that Nod does not have. A login by such a path is passed for users outside of the share only, and the upstream
 *  does not accept there what it may not accept at a check. */
export async function passUnknownPath(c: HttpContext, upstream: Upstream): Promise<Response> {
  if (!LOGINS.test(c.req.path)) return pass(c, upstream)
  const parameters = await readParameters(c)
  if (!parameters.ok) return sendRefusal(c, parameters.refusal)
  const { user, realm, transaction_id: id, state } = parameters.value
  const fields = {
    ...(typeof user === 'string' ? { user } : {}),
    ...(typeof realm === 'string' && realm !== '' ? { realm } : {}),
  }
  const server = await whoServes(c.var.ports, fields, c.var.source)
  if (server !== 'upstream') return sendRefusal(c, { reason: 'path_unknown' })
  return passLogin(c, upstream, fields, id !== undefined || state !== undefined)
}

async function passLogin(
  c: HttpContext,
  upstream: Upstream,
  fields: SubjectFields,
  isOpenedThere: boolean,
): Promise<Response> {
  const { ports, source } = c.var
  const limited = await limitCaller(ports, source, await c.var.credential())
  const request = limited.ok ? upstreamRequest(c) : limited
  const asked = request.ok ? await upstream.passWhole(request.value) : request
  if (!asked.ok) return sendRefusal(c, asked.refusal)
  await countMiss(c, asked.value.status)
  const answer = readUpstreamAnswer(asked.value.text)
  if (answer?.kind === 'accept' && answer.serial !== undefined) {
    const counts = await checkAcceptance(ports, fields, source, answer.serial, isOpenedThere)
    if (!counts.ok && counts.refusal.reason === 'no_suitable_token')
      return sendDecision(c, false, { message: NOT_COUNTED })
  }
  return sendReply(c, upstream, asked.value)
}
