import { searchTokens } from '../../operations/token/search-tokens.ts'
import { parseTokenSearch, tokenSearchShape, tokenSearchValue } from '../../protocol/token/token-search-request.ts'
import { protectedRoute } from '../protected-route.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'
import { sendOutcome } from '../send.ts'

export const tokenSearchRoutes = new Router()

addRoutes(tokenSearchRoutes, '/token/search', {
  GET: protectedRoute(
    {
      summary: 'Search for tokens as you type',
      description:
        'By the beginning of user, serial or description: first those found by the user, then by the serial, then by the description. A page stays where it is while tokens come and go: the next one begins after its last token. A page may have fewer tokens than its limit, even none, and go on, because a request looks at a thousand tokens of a range at most.',
      access: 'helpdesk',
      parser: parseTokenSearch,
      value: tokenSearchShape,
      example: { q: 'ada' },
    },
    async (c, credential, request) =>
      sendOutcome(c, await searchTokens(c.var.ports, credential, request), (found) => tokenSearchValue(found, request)),
  ),
})
