import { HonoBase } from 'hono/hono-base'
import type { HttpEnv } from './context.ts'
import { LazyRouter } from './lazy-router.ts'

/** The routes of one path family, or of the whole Worker. It uses one of Hono's routers directly: `Hono` tries another
 *  first, which cannot tell `/token/challenges/expired` from `/token/challenges/:serial`, and fails over to this one in
 *  every new isolate. */
export class Router extends HonoBase<HttpEnv> {
  constructor(options: { readonly getPath?: (request: Request) => string } = {}) {
    super({ ...options, router: new LazyRouter() })
  }
}
