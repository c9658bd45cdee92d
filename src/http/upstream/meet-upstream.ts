import type { MiddlewareHandler } from 'hono'
import { readInTime } from '../body-limit.ts'
import type { HttpEnv } from '../context.ts'
import { sendRefusal } from '../send.ts'
import { pass } from './pass.ts'
import { presentsForeignToken } from './trigger.ts'

/** The paths that administer tokens, users and the server. Both servers have them. */
const ADMINISTRATION =
  /^\/(?:token|user|realm|defaultrealm|resolver|policy|system|audit|smsgateway|auth\/rights)(?:\/|$)/

/** Where there is an upstream: keeps the body of a request, which may have to be sent on, and passes administration with an API token that
 *  Nod did not issue. Its holder may do there what the upstream lets them, and here nothing. */
export const meetUpstream: MiddlewareHandler<HttpEnv> = async (c, next) => {
  const { upstream } = c.var.ports
  if (upstream === undefined) return next()
  if (c.req.method !== 'GET' && c.req.raw.body !== null) {
    const body = await readInTime(c.req.raw.arrayBuffer())
    if (!body.ok) return sendRefusal(c, body.refusal)
    c.set('body', new Uint8Array(body.value))
    c.req.raw = new Request(c.req.raw, { method: c.req.method, body: body.value })
  }
  return ADMINISTRATION.test(c.req.path) && presentsForeignToken(c) ? pass(c, upstream) : next()
}
