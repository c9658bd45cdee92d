import type { Hono } from 'hono'
import type { Asked, Known } from './context.ts'
import { refused } from './respond.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** A path and what each method does there; any other method is refused, naming those there are. */
export function methods(
  app: Hono<Known>,
  path: string,
  handlers: Readonly<Partial<Record<Method, (c: Asked) => Response | Promise<Response>>>>,
): void {
  for (const [method, handler] of Object.entries(handlers)) app.on(method, path, handler)
  app.all(path, (c) => refused(c, { reason: 'method_not_allowed', allowed: Object.keys(handlers) }))
}
