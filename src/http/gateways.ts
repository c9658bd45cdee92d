import { Hono } from 'hono'
import { changeGateway, listGateways } from '../operations/gateways.ts'
import { administered } from './administered.ts'
import type { Known } from './context.ts'
import { replied } from './respond.ts'
import { methods } from './routes.ts'

/** The Firebase configurations, which privacyIDEA keeps among its SMS gateways. Source: contract 13.8. */
export const gateways = new Hono<Known>()

const list = administered(async (c, credential) => {
  const wanted = c.req.param('name')
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
})

const change = administered(async (c, credential, params) => {
  const { name } = params
  return replied(c, await changeGateway(c.var.ports, credential, typeof name === 'string' ? name : ''), () => 0)
})

methods(gateways, '/smsgateway', { GET: list, POST: change })
methods(gateways, '/smsgateway/:name', { GET: list, DELETE: change })
