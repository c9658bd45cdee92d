import { listTokens } from '../../operations/token/list-tokens.ts'
import { pageLinks, pageLinksShape } from '../../protocol/page.ts'
import { integer, listOf, object, string } from '../../protocol/shape.ts'
import { tokenItem, tokenShape } from '../../protocol/token/token-item.ts'
import { parseTokenList } from '../../protocol/token/token-list-request.ts'
import { withoutInfo, tokenCsv } from '../../protocol/token/token-table.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendValue, sendRefusal } from '../respond.ts'

/** A page of tokens, as JSON or as a table. Source: docs/protocol.md, "Token list". */
export const listTokensRoute = protectedRoute(
  {
    summary: 'List tokens',
    description: 'Those of which all holds that is asked, a page at a time; any page costs what the first does.',
    who: 'self',
    reads: parseTokenList,
    value: object({
      tokens: listOf(tokenShape),
      count: integer('Those of other pages included'),
      ...pageLinksShape,
    }),
    body: { 'text/csv': string('With `outform=csv`: a line for the columns and one for each token of the page') },
    example: { user: 'ada' },
  },
  async (c, credential, asked) => {
    const listed = await listTokens(c.var.ports, credential, asked)
    if (!listed.ok) return sendRefusal(c, listed.refusal)
    const { hidden, csv } = asked
    const { tokens, count } = listed.value
    const items = tokens.map((token) => withoutInfo(tokenItem(token), hidden))
    if (csv)
      return c.body(tokenCsv(items), 200, {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': 'attachment; filename=tokens.csv',
      })
    return sendValue(c, { tokens: items, count, ...pageLinks(asked, count) })
  },
)
