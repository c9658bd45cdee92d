/** The pages of console/: static assets of the Worker. */
import type { HttpContext } from './context.ts'
import { Router } from './router.ts'
import { sendRefusal } from './send.ts'

/** Pages whose script tells the addresses below them apart: an address without a file leads to the page. */
const PAGES = ['/console', '/invited', '/me'] as const
/** Where every address has a file of its own: the documentation, and what the pages load. */
const FILES = ['/docs', '/docs/*', '/assets/*'] as const

export const pageRoutes = new Router()

pageRoutes.get('/', (c) => c.redirect(`${PAGES[0]}/`))
for (const page of PAGES) {
  // The router takes an address with a last slash for the one without.
  pageRoutes.get(page, async (c) =>
    c.var.url.pathname === page ? c.redirect(`${page}/${c.var.url.search}`) : sendPage(c, page),
  )
  pageRoutes.get(`${page}/*`, (c) => sendPage(c, page))
}
for (const path of FILES) pageRoutes.get(path, (c) => sendFile(c))

/** Sends the file of this name; an address that lacks its last slash is sent there. */
async function sendFile(c: HttpContext): Promise<Response> {
  const file = await c.env.ASSETS.fetch(new Request(c.var.url, { redirect: 'manual' }))
  return file.status === 404 ? sendRefusal(c, { reason: 'path_unknown' }) : file
}

/** Sends the page. Below it, a file of that name if there is one. Cloudflare serves files without asking the Worker; `npm start` asks
 *  it. */
async function sendPage(c: HttpContext, page: string): Promise<Response> {
  const { ASSETS } = c.env
  const file = await ASSETS.fetch(c.var.url)
  return file.status === 404 ? ASSETS.fetch(new URL(`${page}/`, c.var.url)) : file
}
