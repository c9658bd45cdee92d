import { HonoBase } from 'hono/hono-base'
import { TrieRouter } from 'hono/router/trie-router'
import type { HttpEnv } from './context.ts'

/** Routes of one kind, or all of them. `Hono` itself would try a router first that cannot tell `/token/challenges/expired`
 *  from `/token/challenges/:serial`, in every new isolate, and then end up with this one. */
export class Router extends HonoBase<HttpEnv> {
  constructor(options: { readonly getPath?: (request: Request) => string } = {}) {
    super({ ...options, router: new TrieRouter() })
  }
}
