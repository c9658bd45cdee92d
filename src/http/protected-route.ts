import { routePath } from 'hono/route'
import type { Credential } from '../operations/access/identify.ts'
import type { Outcome } from '../refusal.ts'
import { refuse } from '../refusal.ts'
import type { HttpContext } from './context.ts'
import { recordRefusal } from './request-audit.ts'
import { sendRefusal } from './respond.ts'
import type { RouteDescription, Route } from './route.ts'
import { route } from './route.ts'

type Handler<T> = (c: HttpContext, credential: Credential, asked: T) => Promise<Response>

/** A route of the administrator's API: without a credential that reads, nothing of the request is looked at. What it
 *  changes is in the audit with the change; what it refuses is noted here. */
export const protectedRoute = <T>(about: RouteDescription<T>, handler: Handler<T>): Route =>
  protectedRouteAuthorizingFirst(about, async (c, credential, asked) =>
    asked.ok ? handler(c, credential, asked.value) : sendRefusal(c, asked.refusal),
  )

/** The same, where the operation judges who asks before what is asked. */
export const protectedRouteAuthorizingFirst = <T>(about: RouteDescription<T>, handler: Handler<Outcome<T>>): Route =>
  route(about, async (c, asked) => {
    const { credential } = c.var
    const caller =
      credential.ok && credential.value.kind === 'none' ? refuse({ reason: 'authorization_missing' }) : credential
    const response = caller.ok ? await handler(c, caller.value, await asked()) : sendRefusal(c, caller.refusal)
    if (c.req.method !== 'GET') c.var.ports.deployment.doubt()
    const { refusal } = c.var
    if (refusal === undefined) return response
    recordRefusal(c, routeOf(c), refusal, { ...(caller.ok ? callerFields(caller.value) : {}), serial: serialInPath(c) })
    return response
  })

/** The token that a request's path names, if one. */
export const serialInPath = (c: HttpContext): string | undefined => c.req.param('serial')

/** Whom a credential names, for the audit. */
export const callerFields = (credential: Credential) => ({
  by: credential,
  owner: credential.kind === 'user' ? credential.owner : undefined,
})

/** The route as privacyIDEA's audit names it: `POST /token/disable/<serial>`, lists with a slash at the end. */
function routeOf(c: HttpContext): string {
  const path = routePath(c).replaceAll(/:(\w+)/g, '<$1>')
  return `${c.req.method} ${/^\/(?:token|policy|user|realm|resolver|system|audit)$/.test(path) ? `${path}/` : path}`
}
