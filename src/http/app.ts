import type { Ports } from '../ports/ports.ts'
import { failure } from '../protocol/envelope.ts'
import { RefusalError } from '../refusal.ts'
import type { Instant } from '../vocabulary.ts'
import { systemRoutes } from './routes/system.ts'
import { administratorRoutes } from './routes/administrator.ts'
import { auditRoutes } from './routes/audit.ts'
import { authRoutes } from './routes/auth.ts'
import { limitBody } from './body-limit.ts'
import { bypassRoutes } from './routes/token-bypass.ts'
import { challengeRoutes } from './routes/token-challenges.ts'
import type { HttpContext } from './context.ts'
import { readCredential } from './credentials.ts'
import { smsGatewayRoutes } from './routes/smsgateway.ts'
import { metadataRoutes } from './openapi/routes.ts'
import { applyHardening } from './hardening.ts'
import { normalizedPath, serviceKeyInPath } from './path.ts'
import { userRoutes } from './routes/user.ts'
import { policyRoutes } from './routes/policy.ts'
import { reportRoutes } from './routes/report.ts'
import { sendRefusal } from './respond.ts'
import { Router } from './router.ts'
import { sourceOf } from './source.ts'
import { tokenRoutes } from './routes/token.ts'
import { tokenChangeRoutes } from './routes/token-changes.ts'
import { tokenOwnerRoutes } from './routes/token-owners.ts'
import { transactionRoutes } from './routes/transaction.ts'
import { phoneRoutes } from './routes/ttype.ts'
import { validateRoutes } from './routes/validate.ts'

/** No request Nod knows is larger, but for a file of policies. */
const LARGEST_BODY = 64 * 1024
const LARGEST_FILE = 512 * 1024

const limit = limitBody(LARGEST_BODY)
const fileLimit = limitBody(LARGEST_FILE)

const rooms = [
  authRoutes,
  validateRoutes,
  phoneRoutes,
  transactionRoutes,
  challengeRoutes,
  bypassRoutes,
  tokenRoutes,
  tokenOwnerRoutes,
  tokenChangeRoutes,
  policyRoutes,
  userRoutes,
  systemRoutes,
  administratorRoutes,
  smsGatewayRoutes,
  reportRoutes,
  auditRoutes,
]

/** What answers, in this order: the first path that fits. */
export const ROUTERS = [...rooms, metadataRoutes(rooms)]

type Fetch = (request: Request, env: Env, ctx: ExecutionContext) => Response | Promise<Response>

/** The HTTP side of Nod. `connect` makes the world real; while it cannot, nothing is answered but what is wrong. */
export function makeApp(connect: (env: Env) => Promise<Ports>, now: () => Instant): Fetch {
  const app = makeRouter(connect, now)
  return (request, env, ctx) => {
    // Hono answers HEAD by running GET: a look at /validate/check would ring a phone.
    if (request.method === 'HEAD' && normalizedPath(new URL(request.url)) !== '/healthz')
      return new Response(null, { status: 405, headers: { Allow: 'GET, POST' } })
    return app.fetch(request, env, ctx)
  }
}

/** All routes there are, and what goes before and after each. */
export function makeRouter(connect: (env: Env) => Promise<Ports>, now: () => Instant): Router {
  const app = new Router({ getPath: (request) => normalizedPath(new URL(request.url)) })

  app.use(async (c, next) => {
    const ports = await connect(c.env)
    const url = new URL(c.req.url)
    c.set('ports', ports)
    c.set('url', url)
    c.set('source', sourceOf(c.req.raw, url))
    const { address, userAgent } = c.var.source
    const from = { address, userAgent, now: ports.now() }
    c.set('credential', await readCredential(ports, c.req.raw.headers, serviceKeyInPath(url), from))
    // Before the answer is made: a header that comes later makes a second answer of it.
    c.header('Cache-Control', 'no-cache')
    await next()
    await applyHardening(c)
  })
  app.use((c, next) => (c.req.path.startsWith('/policy/import/') ? fileLimit : limit)(c, next))
  for (const routes of ROUTERS) app.route('/', routes)
  app.notFound((c) => sendRefusal(c, { reason: 'path_unknown' }))
  app.onError((thrown, c) =>
    thrown instanceof RefusalError ? sendRefusal(c, thrown.refusal) : unexpected(thrown, c, now()),
  )
  return app
}

/** What nobody foresaw says nothing to the outside; what is wrong with the configuration is said to whoever asks for health. */
function unexpected(thrown: Error, c: HttpContext, now: Instant): Response {
  const faults: unknown = 'faults' in thrown ? thrown.faults : undefined
  if (Array.isArray(faults) && c.req.path === '/healthz')
    return c.text(`Nod cannot start:\n${faults.join('\n')}\n`, 500)
  console.error(JSON.stringify({ event: 'unexpected', error: thrown.stack ?? String(thrown) }))
  return c.json(failure(-500, 'Internal error.', { detail: null }, now), 500)
}
