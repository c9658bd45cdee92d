/** Listing, enrolling and deleting tokens. `token-changes.ts` and `token-assignment.ts` have the rest below /token. */
import { enroll } from '../../operations/token/enroll.ts'
import { listTokens } from '../../operations/token/list-tokens.ts'
import { pageLinks, pageLinksShape } from '../../protocol/page.ts'
import { boolean, integer, listOf, object, string } from '../../protocol/shape.ts'
import { parseEnrollmentRequest } from '../../protocol/token/enrollment-request.ts'
import { tokenItem, tokenShape } from '../../protocol/token/token-item.ts'
import { parseTokenList } from '../../protocol/token/token-list-request.ts'
import { withoutInfo, tokenCsv } from '../../protocol/token/token-table.ts'
import { protectedRoute, protectedRouteAuthorizingFirst } from '../protected-route.ts'
import { enrollmentShape, sendEnrollment } from '../enrollment-response.ts'
import { sendRefusal, sendValue } from '../send.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'
import { joinTokenLists } from '../upstream/token-list.ts'
import { deleteTokens } from './token-changes.ts'

export const tokenRoutes = new Router()

/** Sends a page of tokens as JSON or CSV. Source: docs/protocol.md, "Token list". */
const list = protectedRoute(
  {
    summary: 'List tokens',
    description: 'The tokens that match every filter, by page. The last page takes no longer than the first.',
    access: 'self',
    parser: parseTokenList,
    value: object(
      {
        tokens: listOf(tokenShape),
        count: integer('Number of matching tokens on all pages'),
        ...pageLinksShape,
      },
      {
        upstream_unavailable: boolean(
          'true: the server that users move from does not answer, and its tokens are not listed',
        ),
      },
    ),
    body: { 'text/csv': string('With `outform=csv`: a header line, and a line for each token of the page') },
    example: { user: 'ada' },
  },
  async (c, credential, request) => {
    const listed = await listTokens(c.var.ports, credential, request)
    if (!listed.ok) return sendRefusal(c, listed.refusal)
    const { hiddenInfo, csv } = request
    const { tokens, count, owner, seesAll } = listed.value
    const items = tokens.map((token) => withoutInfo(tokenItem(token), hiddenInfo))
    const { upstream } = c.var.ports
    if (upstream?.hasAccount === true && seesAll && !csv && request.origin !== 'nod')
      return sendValue(c, await joinTokenLists(c, upstream, request, { items, count, owner }))
    if (csv)
      return c.body(tokenCsv(items), 200, {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': 'attachment; filename=tokens.csv',
      })
    return sendValue(c, { tokens: items, count, ...pageLinks(request, count) })
  },
)
addRoutes(tokenRoutes, '/token', { GET: list, DELETE: deleteTokens })

addRoutes(tokenRoutes, '/token/init', {
  POST: protectedRouteAuthorizingFirst(
    {
      summary: 'Enroll a phone',
      description:
        'The response holds the QR code to scan. It is valid once, for as long as policy says; the phone registers with it.',
      access: 'self',
      parser: parseEnrollmentRequest,
      value: boolean('true'),
      detail: enrollmentShape,
      example: { type: 'push', genkey: '1', user: 'ada', pin: '1234' },
    },
    async (c, credential, request) => {
      const enrolled = await enroll(c.var.ports, credential, c.var.source, request)
      if (!enrolled.ok) return sendRefusal(c, enrolled.refusal)
      return sendEnrollment(c, enrolled.value)
    },
  ),
})
