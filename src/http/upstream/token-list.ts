import type { Upstream } from '../../ports/upstream.ts'
import { pagesThere, readTokenPage } from '../../protocol/upstream/token-pages.ts'
import type { TokenListRequest } from '../../protocol/token/token-list-request.ts'
import { pageLinks } from '../../protocol/page.ts'
import { type Owner, seconds } from '../../vocabulary.ts'
import type { HttpContext } from '../context.ts'
import { upstreamHeaders } from './pass.ts'

const LIST_LIMIT = seconds(5)
/** The parameters that Nod reads or sets itself. */
const OWN_PARAMETERS = ['page', 'pagesize', 'outform', 'origin', 'hidden_tokeninfo']

type Item = Readonly<Record<string, unknown>>

interface OwnTokens {
  readonly items: readonly Item[]
  readonly count: number
  readonly owner: Owner | undefined
}

/** Joins a page of Nod's tokens with those of the upstream that the same filter finds there, each marked with its origin. A token that was
 *  imported and is there still is listed twice. If the upstream does not answer, `upstream_unavailable` is true, and Nod's tokens are all. */
export async function joinTokenLists(
  c: HttpContext,
  upstream: Upstream,
  request: TokenListRequest,
  { items, count, owner }: OwnTokens,
): Promise<Item> {
  const own = items.map((item) => ({ ...item, origin: 'nod' }))
  const { pages, skipped } = pagesThere(request, count)
  const found = await Promise.all(pages.map((page) => pageThere(c, upstream, page, request.pageSize, owner)))
  const [first] = found
  if (first === undefined || found.includes(undefined))
    return { tokens: own, count, ...pageLinks(request, count), upstream_unavailable: true }
  const theirs = found
    .flatMap((page) => page?.tokens ?? [])
    .slice(skipped)
    .map((item) => ({ ...item, origin: 'upstream' }))
  const all = count + first.count
  return { tokens: [...own, ...theirs].slice(0, request.pageSize), count: all, ...pageLinks(request, all) }
}

async function pageThere(c: HttpContext, upstream: Upstream, page: number, size: number, owner: Owner | undefined) {
  const query = new URLSearchParams(c.var.url.search)
  for (const name of OWN_PARAMETERS) query.delete(name)
  query.set('page', String(page))
  query.set('pagesize', String(size))
  if (owner !== undefined) {
    query.set('user', owner.login)
    query.set('realm', owner.realm)
  }
  const request = { method: 'GET', target: `/token/?${query.toString()}`, headers: upstreamHeaders(c) }
  const asked = await upstream.askAsAccount(request, LIST_LIMIT, false)
  if (!asked.ok) return undefined
  // It has no such user, realm or column.
  const isRefused = asked.value.status === 400 || asked.value.status === 404
  return isRefused ? { tokens: [], count: 0 } : readTokenPage(asked.value.text)
}
