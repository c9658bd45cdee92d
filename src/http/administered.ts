import { routePath } from 'hono/route'
import type { Credential } from '../operations/access/identify.ts'
import type { Outcome } from '../refusal.ts'
import { refuse } from '../refusal.ts'
import type { Asked } from './context.ts'
import { note } from './noted.ts'
import { refused } from './respond.ts'
import type { About, Route } from './routes.ts'
import { declared } from './routes.ts'

type Handler<T> = (c: Asked, credential: Credential, asked: T) => Promise<Response>

/** A route of the administrator's API: without a credential that reads, nothing of the request is looked at. What it
 *  changes is in the audit with the change; what it refuses is noted here. */
export const administered = <T>(about: About<T>, handler: Handler<T>): Route =>
  judging(about, async (c, credential, asked) =>
    asked.ok ? handler(c, credential, asked.value) : refused(c, asked.refusal),
  )

/** The same, where the operation judges who asks before what is asked. */
export const judging = <T>(about: About<T>, handler: Handler<Outcome<T>>): Route =>
  declared(about, async (c, asked) => {
    const { credential } = c.var
    const caller =
      credential.ok && credential.value.kind === 'none' ? refuse({ reason: 'authorization_missing' }) : credential
    const response = caller.ok ? await handler(c, caller.value, await asked()) : refused(c, caller.refusal)
    if (c.req.method !== 'GET') c.var.ports.deployment.doubt()
    const { refusal } = c.var
    if (refusal === undefined) return response
    note(c, routeOf(c), refusal, { ...(caller.ok ? whoseIs(caller.value) : {}), serial: serialInPath(c) })
    return response
  })

/** The token that a request's path names, if one. */
export const serialInPath = (c: Asked): string | undefined => c.req.param('serial')

/** Whom a credential names, for the audit. */
export const whoseIs = (credential: Credential) => ({
  by: credential,
  owner: credential.kind === 'user' ? credential.owner : undefined,
})

/** The route as privacyIDEA's audit names it: `POST /token/disable/<serial>`, lists with a slash at the end. */
function routeOf(c: Asked): string {
  const path = routePath(c).replaceAll(/:(\w+)/g, '<$1>')
  return `${c.req.method} ${/^\/(?:token|policy|user|realm|resolver|system|audit)$/.test(path) ? `${path}/` : path}`
}
