import type { HttpContext } from './context.ts'
import { serviceKeyInPath } from './path.ts'

/** Lets a login page of a configured origin read this response. Not below `/s/<key>`: a service key must not be in a page. */
export function allowOrigin(c: HttpContext): void {
  const { corsOrigins } = c.var.ports.limits
  const origin = c.req.header('Origin')
  if (origin === undefined || serviceKeyInPath(c.var.url) !== undefined) return
  c.header('Vary', 'Origin')
  if (corsOrigins.includes('*')) c.header('Access-Control-Allow-Origin', '*')
  else if (corsOrigins.includes(origin)) c.header('Access-Control-Allow-Origin', origin)
}
