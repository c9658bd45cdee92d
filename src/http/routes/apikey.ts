import { addServiceKey, deleteServiceKey, listServiceKeys } from '../../operations/administration/service-keys.ts'
import { parseName, parseServiceKey } from '../../protocol/administration/deployment-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { integer, listOf, object, oneOf, string } from '../../protocol/shape.ts'
import { ROLES } from '../../vocabulary.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../send.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'

/** Service keys. Source: docs/protocol.md, "Service keys and administrators". */
export const apiKeyRoutes = new Router()

addRoutes(apiKeyRoutes, '/apikey', {
  GET: protectedRoute(
    {
      summary: 'List the service keys',
      description: 'Without the keys themselves.',
      access: 'admin',
      parser: parseNothing,
      value: listOf(
        object({ name: string('Name'), role: oneOf('Role', ...ROLES), createdAt: integer('Milliseconds since 1970') }),
      ),
    },
    async (c, credential) => sendOutcome(c, await listServiceKeys(c.var.ports, credential), (keys) => keys),
  ),
  POST: protectedRoute(
    {
      summary: 'Create a service key',
      description: 'The key is shown only once: Nod stores its hash.',
      access: 'admin',
      parser: parseServiceKey,
      value: object({ key: string('The key, which the service sends in place of an API token') }),
      example: { name: 'vpn', role: 'validate' },
    },
    async (c, credential, request) =>
      sendOutcome(c, await addServiceKey(c.var.ports, credential, c.var.source, request), (key) => ({ key })),
  ),
})
addRoutes(apiKeyRoutes, '/apikey/:name', {
  DELETE: protectedRoute(
    {
      summary: 'Revoke a service key and withdraw the logins it opened',
      access: 'admin',
      parser: parseName,
      value: integer('1'),
    },
    async (c, credential, name) =>
      sendOutcome(c, await deleteServiceKey(c.var.ports, credential, c.var.source, name), () => 1),
  ),
})
