import type { HttpContext } from './context.ts'
import { serviceKeyInPath } from './path.ts'

/** A login page of a configured origin may read this answer. Never under a service key: that belongs on servers only. */
export function allowOrigin(c: HttpContext): void {
  const { corsOrigins } = c.var.ports.limits
  const origin = c.req.header('Origin')
  if (origin === undefined || serviceKeyInPath(c.var.url) !== undefined) return
  c.header('Vary', 'Origin')
  if (corsOrigins.includes('*')) c.header('Access-Control-Allow-Origin', '*')
  else if (corsOrigins.includes(origin)) c.header('Access-Control-Allow-Origin', origin)
}
