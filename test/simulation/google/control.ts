/** The simulated Google's own API, for tests that cannot hold its object because they run inside workerd:
 *  GET    /_/messages[?registration_token=…][&wait=<milliseconds>]   what came, oldest first
 *  DELETE /_/messages                                                 forget it, and all orders
 *  GET    /_/token-requests
 *  POST   /_/behave    {"at": "messages"|"token", "behavior": 503|{"do": "hang"}, "times"?, "registrationToken"?}
 *  DELETE /_/behave                                                   do the job again
 *  POST   /_/revoke-access-tokens
 *  GET    /_/service-account */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Google } from '../google.ts'
import { type Orders, readOrder } from './behavior.ts'
import type { Messages } from './messages.ts'

interface Insides {
  readonly google: Google
  readonly orders: Orders
  readonly messages: Messages
}

export async function control(
  { google, orders, messages }: Insides,
  request: IncomingMessage,
  body: string,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://google')
  const answer = (status: number, value: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(value))
  }
  switch (`${request.method} ${pathname}`) {
    case 'GET /_/messages': {
      const token = searchParams.get('registration_token')
      const fits = (message: { registrationToken: string }): boolean =>
        token === null || message.registrationToken === token
      const wait = Number(searchParams.get('wait') ?? 0)
      if (wait > 0) await messages.wait(fits, wait).catch(() => undefined)
      return answer(200, messages.all.filter(fits))
    }
    case 'DELETE /_/messages':
      google.clear()
      return answer(200, {})
    case 'GET /_/token-requests':
      return answer(200, google.tokenRequests)
    case 'POST /_/behave': {
      const order = readOrder(JSON.parse(body))
      if (order === undefined) return answer(400, { error: 'expected {at, behavior, times?, registrationToken?}' })
      orders.add(order)
      return answer(200, order)
    }
    case 'DELETE /_/behave':
      orders.clear()
      return answer(200, {})
    case 'POST /_/revoke-access-tokens':
      google.revokeAccessTokens()
      return answer(200, {})
    case 'GET /_/service-account':
      return answer(200, google.serviceAccount)
    default:
      return answer(404, { error: `no ${request.method} ${pathname} here` })
  }
}
