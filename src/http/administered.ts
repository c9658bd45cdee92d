import { routePath } from 'hono/route'
import type { Credential } from '../operations/identify.ts'
import type { Parameters } from '../protocol/parameters.ts'
import type { Asked } from './context.ts'
import { note } from './noted.ts'
import { parametersOf } from './parameters.ts'
import { refused } from './respond.ts'

type Handler = (c: Asked, credential: Credential, params: Parameters) => Promise<Response>

/** A handler of the administrator's API: without a credential that reads, nothing of the request is looked at. What it
 *  changes is in the audit with the change; what it refuses is noted here. */
export const administered =
  (handler: Handler) =>
  async (c: Asked): Promise<Response> => {
    const { credential } = c.var
    const response = await asked(c, handler)
    const { refusal } = c.var
    if (refusal === undefined) return response
    const administrator = credential.ok && credential.value.kind === 'administrator' ? credential.value.name : undefined
    note(c, routeOf(c), refusal, { administrator, serial: c.req.param('serial') })
    return response
  }

async function asked(c: Asked, handler: Handler): Promise<Response> {
  const { credential } = c.var
  if (!credential.ok) return refused(c, credential.refusal)
  if (credential.value.kind === 'none') return refused(c, { reason: 'authorization_missing' })
  const params = await parametersOf(c)
  return params.ok ? handler(c, credential.value, params.value) : refused(c, params.refusal)
}

/** The route as privacyIDEA's audit names it: `POST /token/disable/<serial>`, lists with a slash at the end. */
function routeOf(c: Asked): string {
  const path = routePath(c).replaceAll(/:(\w+)/g, '<$1>')
  return `${c.req.method} ${/^\/(?:token|policy|user|system|audit)$/.test(path) ? `${path}/` : path}`
}
