import { routePath } from 'hono/route'
import type { Credential } from '../operations/access/identify.ts'
import { recordKeyUse } from '../operations/access/record-key-use.ts'
import type { Ports } from '../ports/ports.ts'
import { failure } from '../protocol/envelope.ts'
import type { Instant } from '../vocabulary.ts'
import { limitBody } from './body-limit.ts'
import { cacheControlOf } from './cache-control.ts'
import type { HttpContext } from './context.ts'
import { readCredential } from './credentials.ts'
import { applyHardening } from './hardening.ts'
import { metadataRoutes } from './openapi/routes.ts'
import { pageRoutes } from './pages.ts'
import { normalizedPath, serviceKeyInPath } from './path.ts'
import { sendRefusal } from './send.ts'
import { Router } from './router.ts'
import { administratorRoutes } from './routes/administrator.ts'
import { apiKeyRoutes } from './routes/apikey.ts'
import { invitationRoutes } from './routes/invitation.ts'
import { doctorRoutes } from './routes/doctor.ts'
import { auditRoutes } from './routes/audit.ts'
import { auditArchiveRoutes } from './routes/audit-archive.ts'
import { auditProofRoutes } from './routes/audit-proof.ts'
import { administratorSignInRoutes } from './routes/auth-administrator.ts'
import { authRoutes } from './routes/auth.ts'
import { deploymentKeyRoutes } from './routes/deployment-keys.ts'
import { deploymentExportRoutes } from './routes/deployment-export.ts'
import { deploymentImportRoutes } from './routes/deployment-import.ts'
import { lostChangesRoutes } from './routes/deployment-lost-changes.ts'
import { deploymentPhonesRoutes } from './routes/deployment-phones.ts'
import { deploymentUpstreamRoutes } from './routes/deployment-upstream.ts'
import { deploymentUserDataRoutes } from './routes/deployment-user-data.ts'
import { masterKeyRoutes } from './routes/master-keys.ts'
import { policyHistoryRoutes } from './routes/policy-history.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { policySimulationRoutes } from './routes/policy-simulation.ts'
import { policyRoutes } from './routes/policy.ts'
import { realmRoutes } from './routes/realm.ts'
import { liveLoginRoutes } from './routes/live-logins.ts'
import { loginReportRoutes } from './routes/report-logins.ts'
import { sloReportRoutes } from './routes/report-slo.ts'
import { reportRoutes } from './routes/report.ts'
import { resolverRoutes } from './routes/resolver.ts'
import { smsGatewayRoutes } from './routes/smsgateway.ts'
import { systemRoutes } from './routes/system.ts'
import { tokenAssignmentRoutes } from './routes/token-assignment.ts'
import { bypassRoutes } from './routes/token-bypass.ts'
import { challengeRoutes } from './routes/token-challenges.ts'
import { tokenChangeRoutes } from './routes/token-changes.ts'
import { tokenSearchRoutes } from './routes/token-search.ts'
import { tokenRoutes } from './routes/token.ts'
import { transactionRoutes } from './routes/transaction.ts'

import { phoneRoutes } from './routes/ttype.ts'
import { userRoutes } from './routes/user.ts'
import { validateCheckRoutes } from './routes/validate-check.ts'
import { validatePollRoutes } from './routes/validate-polltransaction.ts'
import { validateTriggerRoutes } from './routes/validate-triggerchallenge.ts'
import { webhookRoutes } from './routes/webhook.ts'
import { sourceOf } from './source.ts'
import { meetUpstream } from './upstream/meet-upstream.ts'
import { passUnknownPath } from './upstream/unknown-path.ts'

/** Largest body in bytes, and the largest of an import. */
const MAX_BODY = 64 * 1024
const MAX_FILE = 512 * 1024
const TAKES_FILES = /^\/(?:policy\/import\/|deployment\/import)/

const limitRequest = limitBody(MAX_BODY)
const limitFile = limitBody(MAX_FILE)

const API = [
  authRoutes,
  administratorSignInRoutes,
  validateCheckRoutes,
  validateTriggerRoutes,
  validatePollRoutes,
  phoneRoutes,
  transactionRoutes,
  challengeRoutes,
  bypassRoutes,
  tokenSearchRoutes,
  tokenRoutes,
  tokenAssignmentRoutes,
  tokenChangeRoutes,
  policyHistoryRoutes,
  policySimulationRoutes,
  policyRoutes,
  userRoutes,
  realmRoutes,
  resolverRoutes,
  apiKeyRoutes,
  systemRoutes,
  administratorRoutes,
  deploymentKeyRoutes,
  lostChangesRoutes,
  deploymentPhonesRoutes,
  deploymentExportRoutes,
  deploymentImportRoutes,
  deploymentUpstreamRoutes,
  deploymentUserDataRoutes,
  masterKeyRoutes,
  smsGatewayRoutes,
  webhookRoutes,
  reportRoutes,
  loginReportRoutes,
  liveLoginRoutes,
  sloReportRoutes,
  metricsRoutes,
  auditRoutes,
  auditArchiveRoutes,
  auditProofRoutes,
  doctorRoutes,
  invitationRoutes,
]

/** Every router, in the order in which paths are matched: `/token/init` before `/token/:serial`. */
export const ROUTERS = [...API, metadataRoutes(API)]

type Fetch = (request: Request, env: Env, ctx: ExecutionContext) => Response | Promise<Response>

/** Makes the Worker's fetch handler. While `connect` throws, every request gets a 500, and a probe the faults of the
 *  configuration. */
export function makeApp(connect: (env: Env) => Promise<Ports>, now: () => Instant): Fetch {
  const app = makeRouter(connect, now)
  return (request, env, ctx) => {
    // Hono answers HEAD with the GET handler: a HEAD of /validate/check would ring a phone.
    if (request.method === 'HEAD' && !isProbe(normalizedPath(new URL(request.url))))
      return new Response(null, { status: 405, headers: { Allow: 'GET, POST' } })
    return app.fetch(request, env, ctx)
  }
}

/** Joins all routes with what runs before and after each: ports, source, credential, body limit and hardening. */
export function makeRouter(connect: (env: Env) => Promise<Ports>, now: () => Instant): Router {
  const app = new Router({ getPath: (request) => normalizedPath(new URL(request.url)) })

  app.use(async (c, next) => {
    const ports = await connect(c.env)
    const url = new URL(c.req.url)
    c.set('ports', ports)
    c.set('url', url)
    const unfit = await ports.masterKeys.fault((work) => c.executionCtx.waitUntil(work))
    if (unfit !== undefined) return refuseToServe(c, 'master_key_mismatch', unfit, 500)
    const misplaced = await ports.jurisdiction.fault()
    if (misplaced !== undefined) return refuseToServe(c, 'jurisdiction_mismatch', misplaced, 500)
    const outdated = ASKS_THE_DATABASE.test(c.req.path) ? await ports.schema.fault() : undefined
    if (outdated !== undefined) return refuseToServe(c, 'master_key_mismatch', outdated, 503)
    c.set('source', sourceOf(c.req.raw, url, ports.limits, ports.now()))
    const { address, userAgent } = c.get('source')
    const occasion = { address, userAgent, now: ports.now() }
    const { headers } = c.req.raw
    const presented: Credential[] = []
    c.set(
      'credential',
      once(async () => {
        const credential = await readCredential(ports, headers, serviceKeyInPath(url), occasion)
        if (credential.ok) presented.push(credential.value)
        return credential
      }),
    )
    // Set before the handler runs: Hono copies the whole response to add a header afterwards.
    c.header('Cache-Control', cacheControlOf(c.req.path))
    c.header('X-Content-Type-Options', 'nosniff')
    await next()
    await applyHardening(c)
    ports.trace.request(() => routePath(c), c.get('refusal')?.reason)
    for (const credential of presented) c.executionCtx.waitUntil(recordKeyUse(ports, credential))
    return undefined
  })
  app.use((c, next) => (TAKES_FILES.test(c.req.path) ? limitFile : limitRequest)(c, next))
  app.use(meetUpstream)
  for (const router of ROUTERS) app.route('/', router)
  app.route('/', pageRoutes)
  app.notFound((c) => {
    const { upstream } = c.var.ports
    return upstream === undefined ? sendRefusal(c, { reason: 'path_unknown' }) : passUnknownPath(c, upstream)
  })
  app.onError((error, c) => sendInternalError(error, c, now()))
  return app
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => (result ??= work())
}

/** The probes that tell whether the database fits; open logins go on without it, so no instance is restarted for that. */
const ASKS_THE_DATABASE = /^\/healthz(?:\/readyz)?$/

const isProbe = (path: string): boolean => /^\/healthz(?:\/|$)/.test(path)

/** Answers while configuration and database do not fit: before anything is read of the request, counted or written. A probe is told
 *  the reason. */
function refuseToServe(
  c: HttpContext,
  reason: 'master_key_mismatch' | 'jurisdiction_mismatch',
  why: string,
  status: 500 | 503,
): Response {
  c.header('Cache-Control', 'no-store')
  return isProbe(c.req.path) ? c.text(`Nod cannot serve:\n${why}\n`, status) : sendRefusal(c, { reason, why })
}

/** Logs an unexpected error and sends a 500 without details. A probe lists the faults of the configuration. */
function sendInternalError(error: Error, c: HttpContext, now: Instant): Response {
  const faults: unknown = 'faults' in error ? error.faults : undefined
  if (Array.isArray(faults) && isProbe(c.req.path)) return c.text(`Nod cannot start:\n${faults.join('\n')}\n`, 500)
  console.error(JSON.stringify({ event: 'unexpected', error: error.stack ?? String(error) }))
  return c.json(failure(-500, 'Internal error.', { detail: null }, now), 500)
}
