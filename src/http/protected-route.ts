import { routePath } from 'hono/route'
import type { Credential } from '../operations/access/identify.ts'
import { limitCaller } from '../operations/access/rate-limits.ts'
import { type Outcome, refuse } from '../refusal.ts'
import type { HttpContext } from './context.ts'
import { recordRefusal } from './request-audit.ts'
import { sendRefusal } from './send.ts'
import { type Route, route, type RouteDescription } from './route.ts'

type Handler<Input> = (c: HttpContext, credential: Credential, input: Input) => Promise<Response>

/** Makes a route that needs a credential, and records its refusals in the audit. What it changes, the operation
 *  records together with the change.
 *  Refuses: `authorization_missing`, `authorization_undecodable`, `authorization_expired`; `parameter_unknown`, and as
 *  the parser does. */
export const protectedRoute = <T>(description: RouteDescription<T>, handler: Handler<T>): Route =>
  protectedRouteAuthorizingFirst(description, async (c, credential, request) =>
    request.ok ? handler(c, credential, request.value) : sendRefusal(c, request.refusal),
  )

/** Makes a protected route whose operation authorizes the caller before it reports a fault in the parameters. */
export const protectedRouteAuthorizingFirst = <T>(
  description: RouteDescription<T>,
  handler: Handler<Outcome<T>>,
): Route =>
  route(
    description,
    async (c, parse) => {
      const credential = await c.get('credential')()
      const caller =
        credential.ok && credential.value.kind === 'none' ? refuse({ reason: 'authorization_missing' }) : credential
      const limited = await limitCaller(c.get('ports'), c.get('source'), caller)
      if (!limited.ok) return sendRefusal(c, limited.refusal)
      const response = caller.ok ? await handler(c, caller.value, await parse()) : sendRefusal(c, caller.refusal)
      const { refusal } = c.var
      // The request may have changed the deployment, also if it was refused halfway: read it again.
      if (c.req.method !== 'GET') c.get('ports').deployment.markOutdated(refusal === undefined)
      if (refusal === undefined && c.req.method !== 'GET') nameShardsBehind(c, response)
      if (refusal === undefined) return response
      const subject = { ...(caller.ok ? callerFields(caller.value) : {}), serial: serialInPath(c) }
      recordRefusal(c, auditAction(c), refusal, subject)
      return response
    },
    'refused',
  )

/** Names the shards that do not know the newest settings: there a login may open by older ones, for five minutes at most.
 *  Source: docs/protocol.md, "Headers". */
function nameShardsBehind(c: HttpContext, response: Response): void {
  const behind = c.get('ports').shardsBehind()
  if (behind.length > 0) response.headers.set('Nod-Shards-Behind', behind.join(', '))
}

/** The `:serial` segment of the request's path, if the route has one. */
export const serialInPath = (c: HttpContext): string | undefined => c.req.param('serial')

/** The audit fields that identify the caller. */
export const callerFields = (credential: Credential) => ({
  caller: credential,
  owner: credential.kind === 'user' ? credential.owner : undefined,
})

/** The route as privacyIDEA's audit spells it: `POST /token/disable/<serial>`; lists end in a slash. */
function auditAction(c: HttpContext): string {
  const path = routePath(c).replaceAll(/:(\w+)/g, '<$1>')
  return `${c.req.method} ${/^\/(?:token|policy|user|realm|resolver|system|audit)$/.test(path) ? `${path}/` : path}`
}
