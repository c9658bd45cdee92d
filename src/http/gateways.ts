import { changeGateway, listGateways } from '../operations/administration/gateways.ts'
import type { Credential } from '../operations/access/identify.ts'
import { parseGateway, parseName } from '../protocol/administration/deployment-request.ts'
import { readingNothing } from '../protocol/parameters.ts'
import { integer, listOf, object, string } from '../protocol/shape.ts'
import { administered } from './administered.ts'
import type { Asked } from './context.ts'
import { replied } from './respond.ts'
import { Room } from './room.ts'
import { methods } from './routes.ts'

/** The Firebase configurations, which privacyIDEA keeps among its SMS gateways. Source: contract 13.8. */
export const gateways = new Room()

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

async function list(c: Asked, credential: Credential, wanted?: string): Promise<Response> {
  return replied(c, await listGateways(c.var.ports, credential), (names) =>
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
  administered({ summary, who: 'admin', reads: parseGateway, refuses: [501] }, async (c, credential, { name = '' }) =>
    replied(c, await changeGateway(c.var.ports, credential, name), () => 0),
  )

methods(gateways, '/smsgateway', {
  GET: administered(
    { summary: 'List the Firebase configurations', who: 'admin', reads: readingNothing, value },
    async (c, credential) => list(c, credential),
  ),
  POST: change('Refused: a Firebase configuration is a secret of the deployment'),
})
methods(gateways, '/smsgateway/:name', {
  GET: administered({ summary: 'Show one Firebase configuration', who: 'admin', reads: parseName, value }, list),
  DELETE: change('Refused: a Firebase configuration is a secret of the deployment'),
})
