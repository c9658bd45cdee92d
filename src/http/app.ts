import type { Ports } from '../ports/ports.ts'
import { failure } from '../protocol/envelope.ts'
import { Refused } from '../refusal.ts'
import type { Instant } from '../vocabulary.ts'
import { administration } from './administration.ts'
import { administrators } from './administrators.ts'
import { audit } from './audit.ts'
import { auth } from './auth.ts'
import { limited } from './body.ts'
import { bypass } from './bypass.ts'
import { challenges } from './challenges.ts'
import type { Asked } from './context.ts'
import { readCredential } from './credentials.ts'
import { gateways } from './gateways.ts'
import { itself } from './itself.ts'
import { harden } from './hardening.ts'
import { pathOf, serviceKeyOf } from './path.ts'
import { people } from './people.ts'
import { policy } from './policy.ts'
import { report } from './report.ts'
import { refused } from './respond.ts'
import { Room } from './room.ts'
import { sourceOf } from './source.ts'
import { token } from './token.ts'
import { tokenChanges } from './token-changes.ts'
import { tokenOwners } from './token-owners.ts'
import { transaction } from './transaction.ts'
import { ttype } from './ttype.ts'
import { validate } from './validate.ts'

/** No request Nod knows is larger, but for a file of policies. */
const LARGEST_BODY = 64 * 1024
const LARGEST_FILE = 512 * 1024

const limit = limited(LARGEST_BODY)
const fileLimit = limited(LARGEST_FILE)

const rooms = [
  auth,
  validate,
  ttype,
  transaction,
  challenges,
  bypass,
  token,
  tokenOwners,
  tokenChanges,
  policy,
  people,
  administration,
  administrators,
  gateways,
  report,
  audit,
]

/** What answers, in this order: the first path that fits. */
export const ROOMS = [...rooms, itself(rooms)]

type Fetch = (request: Request, env: Env, ctx: ExecutionContext) => Response | Promise<Response>

/** The HTTP side of Nod. `connect` makes the world real; while it cannot, nothing is answered but what is wrong. */
export function makeApp(connect: (env: Env) => Promise<Ports>, now: () => Instant): Fetch {
  const app = assemble(connect, now)
  return (request, env, ctx) => {
    // Hono answers HEAD by running GET: a look at /validate/check would ring a phone.
    if (request.method === 'HEAD' && pathOf(new URL(request.url)) !== '/healthz')
      return new Response(null, { status: 405, headers: { Allow: 'GET, POST' } })
    return app.fetch(request, env, ctx)
  }
}

/** All routes there are, and what goes before and after each. */
export function assemble(connect: (env: Env) => Promise<Ports>, now: () => Instant): Room {
  const app = new Room({ getPath: (request) => pathOf(new URL(request.url)) })

  app.use(async (c, next) => {
    const ports = await connect(c.env)
    const url = new URL(c.req.url)
    c.set('ports', ports)
    c.set('url', url)
    c.set('source', sourceOf(c.req.raw, url))
    const { address, userAgent } = c.var.source
    const from = { address, userAgent, now: ports.now() }
    c.set('credential', await readCredential(ports, c.req.raw.headers, serviceKeyOf(url), from))
    // Before the answer is made: a header that comes later makes a second answer of it.
    c.header('Cache-Control', 'no-cache')
    await next()
    await harden(c)
  })
  app.use((c, next) => (c.req.path.startsWith('/policy/import/') ? fileLimit : limit)(c, next))
  for (const routes of ROOMS) app.route('/', routes)
  app.notFound((c) => refused(c, { reason: 'path_unknown' }))
  app.onError((thrown, c) => (thrown instanceof Refused ? refused(c, thrown.refusal) : unexpected(thrown, c, now())))
  return app
}

/** What nobody foresaw says nothing to the outside; what is wrong with the configuration is said to whoever asks for health. */
function unexpected(thrown: Error, c: Asked, now: Instant): Response {
  const faults: unknown = 'faults' in thrown ? thrown.faults : undefined
  if (Array.isArray(faults) && c.req.path === '/healthz')
    return c.text(`Nod cannot start:\n${faults.join('\n')}\n`, 500)
  console.error(JSON.stringify({ event: 'unexpected', error: thrown.stack ?? String(thrown) }))
  return c.json(failure(-500, 'Internal error.', { detail: null }, now), 500)
}
