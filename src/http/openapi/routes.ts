/** The routes about Nod itself: its health, and the description of its API. */
import { deepHealth } from '../../operations/administration/deep-health.ts'
import { parseHealthQuery } from '../../protocol/administration/deployment-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { boolean, listOf, object, oneOf, string } from '../../protocol/shape.ts'
import { VERSION } from '../../protocol/version.ts'
import type { HttpContext } from '../context.ts'
import { sendRefusal, sendValue } from '../send.ts'
import { addRoutes, registeredRoutes, route } from '../route.ts'
import { Router } from '../router.ts'
import { type OpenApi, openApiDocument } from './document.ts'

const PUBLIC = { access: 'anyone', parser: parseNothing } as const

/** The probes of privacyIDEA, and its words. Like every request they fail while the configuration has faults, and readiness
 *  also while the database lacks migrations. A database that does not answer makes none of them fail: without it accepted logins are
 *  still finalized, so an instance must stay in service. */
const PROBES = [
  ['/healthz/startupz', 'Check that Nod has started', 'started'],
  ['/healthz/livez', 'Check that Nod runs', 'OK'],
  ['/healthz/readyz', 'Check that Nod is ready for requests', 'ready'],
] as const

/** The description changes with a release only. After one, caches may be an hour out of date. */
const CACHED = { 'Cache-Control': 'public, max-age=3600' }

/** Makes the routes `/healthz…` and `/openapi.json`, which describe these routers and themselves. */
export function metadataRoutes(described: readonly Router[]): Router {
  const router = new Router()
  // Generated on the first request for it, once per isolate, so that no login waits for it.
  let cachedDocument: OpenApi | undefined
  const document = () => (cachedDocument ??= openApiDocument(registeredRoutes([...described, router])))
  let json: string | undefined

  addRoutes(router, '/healthz', {
    GET: route(
      {
        access: 'anyone',
        parser: parseHealthQuery,
        summary: 'Check that Nod serves requests',
        description:
          'For administrators, with `deep=1`, whether there is something to attend to. D1 is read and written, an object and the ' +
          'archive are asked, a prompt is signed and Google is asked whether it would take a message.',
        body: {
          'application/json': object(
            { status: oneOf('`attention`: a check has found something to do', 'ok', 'attention') },
            {
              version: string('The version of Nod; left out for strangers under the policy `hide_version`'),
              is_version: boolean('Whether `version_id` is the id of the version that answers'),
              checks: listOf(
                object({
                  name: string('What was looked at'),
                  ok: boolean('Whether all is well'),
                  info: string('What was found'),
                }),
              ),
            },
          ),
        },
        refuses: [401, 403, 503],
      },
      async (c, parse) => {
        const query = await parse()
        if (!query.ok) return c.json({ status: 'ok', version: VERSION })
        const { deep, version_id: id } = query.value
        if (deep) return sendDeepHealth(c)
        return c.json({ status: 'ok', version: VERSION, ...(id === undefined ? {} : { is_version: isVersion(c, id) }) })
      },
    ),
  })
  for (const [path, summary, status] of PROBES)
    addRoutes(router, path, {
      GET: route({ ...PUBLIC, summary, value: object({ status: oneOf('Status', status) }), refuses: [503] }, (c) =>
        sendValue(c, { status }),
      ),
    })
  addRoutes(router, '/openapi.json', {
    GET: route(
      {
        ...PUBLIC,
        summary: 'Get this description as OpenAPI',
        body: { 'application/json': object({ openapi: string('3.1.0') }) },
      },
      (c) => c.body((json ??= JSON.stringify(document())), 200, { ...CACHED, 'Content-Type': 'application/json' }),
    ),
  })
  return router
}

/** Says whether that version answers, and never which one does: while two versions are deployed, whoever knows the id of the one before
 *  can have it answer. */
const isVersion = (c: HttpContext, version: string): boolean => c.var.ports.limits.versionId === version

/** A stranger learns nothing of the deployment's state. */
async function sendDeepHealth(c: HttpContext): Promise<Response> {
  const credential = await c.var.credential()
  const health = credential.ok ? await deepHealth(c.var.ports, credential.value, c.var.source.region) : credential
  if (!health.ok) return sendRefusal(c, health.refusal)
  const checks = health.value.map(({ name, isWell, info }) => ({ name, ok: isWell, info }))
  return c.json({ status: checks.every(({ ok }) => ok) ? 'ok' : 'attention', version: VERSION, checks })
}
