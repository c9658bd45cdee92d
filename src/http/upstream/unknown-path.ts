import { whoServes } from '../../operations/upstream/who-serves.ts'
import type { Upstream } from '../../ports/upstream.ts'
import type { HttpContext } from '../context.ts'
import { readParameters } from '../parameters.ts'
import { sendRefusal } from '../send.ts'
import { pass } from './pass.ts'

/** Other ways to log in, such as eduMFA's `/validate/samlcheck`: nothing of an answer there would be inspected. */
const LOGINS = /^\/validate\/(?!initialize$|offlinerefill$)/

/** Passes a request for a path that Nod does not have. A login by such a path is passed for users outside of the share only. */
export async function passUnknownPath(c: HttpContext, upstream: Upstream): Promise<Response> {
  if (!LOGINS.test(c.req.path)) return pass(c, upstream)
  const parameters = await readParameters(c)
  if (!parameters.ok) return sendRefusal(c, parameters.refusal)
  const { user, realm } = parameters.value
  const fields = {
    ...(typeof user === 'string' ? { user } : {}),
    ...(typeof realm === 'string' && realm !== '' ? { realm } : {}),
  }
  const server = await whoServes(c.var.ports, fields, c.var.source)
  return server === 'upstream' ? pass(c, upstream) : sendRefusal(c, { reason: 'path_unknown' })
}
