import { changeResolver, listRealms } from '../../operations/administration/realms.ts'
import { parseName, parseRefusedChange } from '../../protocol/administration/deployment-request.ts'
import { resolverItems, resolversShape } from '../../protocol/administration/user-items.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../send.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'

/** The one built-in resolver. Source: docs/protocol.md, "Users, realms, resolvers". */
export const resolverRoutes = new Router()

const refusedChange = (right: 'resolverwrite' | 'resolverdelete') =>
  protectedRoute(
    {
      summary: 'Refused: the one resolver is built in',
      access: 'admin',
      parser: parseRefusedChange,
      refuses: [501],
    },
    async (c, credential) => sendOutcome(c, await changeResolver(c.var.ports, credential, right), () => 0),
  )
addRoutes(resolverRoutes, '/resolver', {
  GET: protectedRoute(
    {
      summary: 'List the resolvers: the built-in one',
      access: 'helpdesk',
      parser: parseNothing,
      value: resolversShape,
    },
    async (c, credential) => sendOutcome(c, await listRealms(c.var.ports, credential), () => resolverItems()),
  ),
})
addRoutes(resolverRoutes, '/resolver/:name', {
  GET: protectedRoute(
    {
      summary: 'Show a resolver; empty unless it is the built-in one',
      access: 'helpdesk',
      parser: parseName,
      value: resolversShape,
      example: { name: 'nod' },
    },
    async (c, credential, name) => sendOutcome(c, await listRealms(c.var.ports, credential), () => resolverItems(name)),
  ),
  POST: refusedChange('resolverwrite'),
  DELETE: refusedChange('resolverdelete'),
})
