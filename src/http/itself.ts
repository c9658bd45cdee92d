import { docsPage } from './openapi/docs/page.ts'
import { STYLE } from './openapi/docs/style.ts'
import { encodeBase64 } from '../bytes.ts'
import { readingNothing } from '../protocol/parameters.ts'
import { object, string } from '../protocol/shape.ts'
import type { OpenApi } from './openapi/document.ts'
import { describe } from './openapi/document.ts'
import { Room } from './room.ts'
import { declared, declaredIn, methods } from './routes.ts'

const who = 'anyone'
const reads = readingNothing
/** Another release says something else: an hour is soon enough. */
const KEPT = { 'Cache-Control': 'public, max-age=3600' }

/** What Nod says of itself: whether it is there, and what it understands in these rooms and this one. */
export function itself(others: readonly Room[]): Room {
  const room = new Room()
  // Made when first asked for, once per isolate: nobody who logs in waits for it.
  let document: OpenApi | undefined
  const described = () => (document ??= describe(declaredIn([...others, room])))
  let json: string | undefined
  let page: { readonly html: string; readonly policy: string } | undefined

  methods(room, '/healthz', {
    GET: declared(
      {
        summary: 'Tell that requests are served',
        who,
        reads,
        body: { 'application/json': object({ status: string('ok') }) },
      },
      (c) => c.json({ status: 'ok' }),
    ),
  })
  methods(room, '/openapi.json', {
    GET: declared(
      { summary: 'This description', who, reads, body: { 'application/json': object({ openapi: string('3.1.0') }) } },
      (c) => c.body((json ??= JSON.stringify(described())), 200, { ...KEPT, 'Content-Type': 'application/json' }),
    ),
  })
  methods(room, '/docs', {
    GET: declared(
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
