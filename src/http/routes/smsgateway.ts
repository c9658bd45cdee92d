import { changeGateway, listGateways } from '../../operations/administration/gateways.ts'
import type { Credential } from '../../operations/access/identify.ts'
import { parseName, parseRefusedChange } from '../../protocol/administration/deployment-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { integer, listOf, object, string } from '../../protocol/shape.ts'
import { protectedRoute } from '../protected-route.ts'
import type { HttpContext } from '../context.ts'
import { sendOutcome } from '../send.ts'
import { Router } from '../router.ts'
import { addRoutes } from '../route.ts'

/** Firebase configurations, which privacyIDEA lists as SMS gateways. Source: docs/protocol.md, "Firebase gateways". */
export const smsGatewayRoutes = new Router()

const value = listOf(
  object({
    id: integer('Position in the list'),
    name: string('Name'),
    providermodule: string("privacyIDEA's name for Firebase"),
    description: string('The secret that holds it'),
    options: object({}),
    headers: object({}),
  }),
)

async function sendGateways(c: HttpContext, credential: Credential, filter?: string): Promise<Response> {
  return sendOutcome(c, await listGateways(c.var.ports, credential), (names) =>
    names
      .map((name, index) => ({
        id: index + 1,
        name,
        providermodule: 'privacyidea.lib.smsprovider.FirebaseProvider.FirebaseProvider',
        description: `The secret FIREBASE_${name}`,
        options: {},
        headers: {},
      }))
      .filter(({ id, name }) => filter === undefined || filter === name || filter === String(id)),
  )
}

const refusedChange = (summary: string) =>
  protectedRoute(
    { summary, access: 'admin', parser: parseRefusedChange, refuses: [501] },
    async (c, credential, { name = '' }) => sendOutcome(c, await changeGateway(c.var.ports, credential, name), () => 0),
  )

addRoutes(smsGatewayRoutes, '/smsgateway', {
  GET: protectedRoute(
    { summary: 'List the Firebase configurations', access: 'admin', parser: parseNothing, value },
    async (c, credential) => sendGateways(c, credential),
  ),
  POST: refusedChange('Refused: Firebase configurations are secrets of the deployment'),
})
addRoutes(smsGatewayRoutes, '/smsgateway/:name', {
  GET: protectedRoute(
    { summary: 'Show one Firebase configuration', access: 'admin', parser: parseName, value },
    sendGateways,
  ),
  DELETE: refusedChange('Refused: Firebase configurations are secrets of the deployment'),
})
