/** The pages of console/: static assets of the Worker. */
import type { HttpContext } from './context.ts'
import { Router } from './router.ts'
import { sendRefusal } from './send.ts'

/** The pages. Addresses below one lead to it as well: its script tells them apart. */
const PAGES = ['/console', '/invited'] as const

export const pageRoutes = new Router()

pageRoutes.get('/', (c) => c.redirect(`${PAGES[0]}/`))
for (const page of PAGES) {
  // The router takes an address with a last slash for the one without.
  pageRoutes.get(page, async (c) =>
    c.var.url.pathname === page ? c.redirect(`${page}/${c.var.url.search}`) : sendPage(c, page),
  )
  pageRoutes.get(`${page}/*`, (c) => sendPage(c, page))
}

/** Sends the file of this name, and at an address without a file the page. Cloudflare serves files without asking the Worker;
 *  `npm start` asks it. */
async function sendPage(c: HttpContext, page: string): Promise<Response> {
  const { ASSETS } = c.env
  const file = await ASSETS.fetch(c.var.url)
  if (file.status !== 404) return file
  // A dot tells nothing: login names have them.
  const isFile = c.var.url.pathname.startsWith('/console/assets/')
  return isFile ? sendRefusal(c, { reason: 'path_unknown' }) : ASSETS.fetch(new URL(`${page}/`, c.var.url))
}
