import { docsPage } from './docs/page.ts'
import { STYLE } from './docs/style.ts'
import { encodeBase64 } from '../../bytes.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { object, string } from '../../protocol/shape.ts'
import type { OpenApi } from './document.ts'
import { openApiDocument } from './document.ts'
import { Router } from '../router.ts'
import { route, registeredRoutes, addRoutes } from '../route.ts'

const who = 'anyone'
const reads = parseNothing
/** Another release says something else: an hour is soon enough. */
const KEPT = { 'Cache-Control': 'public, max-age=3600' }

/** What Nod says of itself: whether it is there, and what it understands in these rooms and this one. */
export function metadataRoutes(others: readonly Router[]): Router {
  const room = new Router()
  // Made when first asked for, once per isolate: nobody who logs in waits for it.
  let document: OpenApi | undefined
  const described = () => (document ??= openApiDocument(registeredRoutes([...others, room])))
  let json: string | undefined
  let page: { readonly html: string; readonly policy: string } | undefined

  addRoutes(room, '/healthz', {
    GET: route(
      {
        summary: 'Tell that requests are served',
        who,
        reads,
        body: { 'application/json': object({ status: string('ok') }) },
      },
      (c) => c.json({ status: 'ok' }),
    ),
  })
  addRoutes(room, '/openapi.json', {
    GET: route(
      { summary: 'This description', who, reads, body: { 'application/json': object({ openapi: string('3.1.0') }) } },
      (c) => c.body((json ??= JSON.stringify(described())), 200, { ...KEPT, 'Content-Type': 'application/json' }),
    ),
  })
  addRoutes(room, '/docs', {
    GET: route(
      { summary: 'This description, to read', who, reads, body: { 'text/html': string('A page') } },
      async (c) => {
        page ??= { html: docsPage(described(), STYLE), policy: await policyFor(STYLE) }
        return c.html(page.html, 200, {
          ...KEPT,
          'Content-Security-Policy': page.policy,
          'Referrer-Policy': 'no-referrer',
          'X-Content-Type-Options': 'nosniff',
        })
      },
    ),
  })
  return room
}

/** Of all a page could load or run, this one style. */
async function policyFor(style: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style))
  const hash = encodeBase64(new Uint8Array(digest))
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
}
