import { changeGateway, listGateways } from '../../operations/administration/gateways.ts'
import type { Credential } from '../../operations/access/identify.ts'
import { parseGateway, parseName } from '../../protocol/administration/deployment-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { integer, listOf, object, string } from '../../protocol/shape.ts'
import { protectedRoute } from '../protected-route.ts'
import type { HttpContext } from '../context.ts'
import { sendOutcome } from '../respond.ts'
import { Router } from '../router.ts'
import { addRoutes } from '../route.ts'

/** The Firebase configurations, which privacyIDEA keeps among its SMS gateways. Source: docs/protocol.md, "Firebase gateways". */
export const smsGatewayRoutes = new Router()

const value = listOf(
  object({
    id: integer('Place in the list'),
    name: string('Name'),
    providermodule: string("privacyIDEA's name for Firebase"),
    description: string('The secret it is'),
    options: object({}),
    headers: object({}),
  }),
)

async function list(c: HttpContext, credential: Credential, wanted?: string): Promise<Response> {
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
      .filter(({ id, name }) => wanted === undefined || wanted === name || wanted === String(id)),
  )
}

const change = (summary: string) =>
  protectedRoute({ summary, who: 'admin', reads: parseGateway, refuses: [501] }, async (c, credential, { name = '' }) =>
    sendOutcome(c, await changeGateway(c.var.ports, credential, name), () => 0),
  )

addRoutes(smsGatewayRoutes, '/smsgateway', {
  GET: protectedRoute(
    { summary: 'List the Firebase configurations', who: 'admin', reads: parseNothing, value },
    async (c, credential) => list(c, credential),
  ),
  POST: change('Refused: a Firebase configuration is a secret of the deployment'),
})
addRoutes(smsGatewayRoutes, '/smsgateway/:name', {
  GET: protectedRoute({ summary: 'Show one Firebase configuration', who: 'admin', reads: parseName, value }, list),
  DELETE: change('Refused: a Firebase configuration is a secret of the deployment'),
})
