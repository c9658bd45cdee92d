import { authorizePoll } from '../../operations/access/admission.ts'
import { pollTransaction } from '../../operations/login/poll-transaction.ts'
import { issueReceipt } from '../../operations/login/receipt.ts'
import { readLogin } from '../../operations/login/timeline.ts'
import { watchLogin } from '../../operations/login/watch.ts'
import { statusDetail } from '../../protocol/login/challenge-detail.ts'
import { parseTransactionId } from '../../protocol/login/client-request.ts'
import { string } from '../../protocol/shape.ts'
import { receiptShape } from '../../protocol/login/receipt.ts'
import { loginDetail, loginDetailShape } from '../../protocol/login/timeline.ts'
import { type LoginStatus, seconds } from '../../vocabulary.ts'
import { protectedRoute } from '../protected-route.ts'
import type { HttpContext } from '../context.ts'
import { allowOrigin } from '../cors.ts'
import { credentialOrNone } from '../credentials.ts'
import { KEEPALIVE_COMMENT, eventText, eventStream } from '../event-stream.ts'
import { hardenEvent, isAuthenticated } from '../hardening.ts'
import { languageOf } from '../request-language.ts'
import { decisionBody, sendRefusal, sendOutcome } from '../send.ts'
import { Router } from '../router.ts'
import { addRoutes, route, type RouteDescription } from '../route.ts'

export const transactionRoutes = new Router()

/** The id of an event. A caller that reconnects with the id of the last event has nothing to wait for. The id tells no
 *  more than a transaction poll does: a login that never existed is `over` as well. */
const eventId = (loginStatus: LoginStatus | 'unknown'): string => {
  const { challenge_status: status } = statusDetail(loginStatus).detail
  return loginStatus === 'pending' || status !== 'pending' ? status : 'over'
}

const EVENTS: RouteDescription<string> = {
  summary: 'Stream the status of a login',
  description:
    'Server-sent events: one at once and one when the login is decided, each with the response of polltransaction.',
  access: 'anyone',
  parser: parseTransactionId,
  headers: { 'Last-Event-ID': 'The id of the last event received; 204 if no other will follow' },
  body: { 'text/event-stream': string('`data` is an envelope; `id` its `challenge_status`, or `over`') },
  refuses: [403],
  emptyResponses: { 204: 'No other event will follow' },
}

const events = route(EVENTS, async (c, parse) => {
  const request = await parse()
  if (!request.ok) return sendRefusal(c, request.refusal)
  const transactionId = request.value
  const { ports } = c.var
  const authorized = await authorizePoll(ports, credentialOrNone(await c.var.credential()), c.var.source)
  if (!authorized.ok) return sendRefusal(c, authorized.refusal)
  allowOrigin(c)
  const lastId = c.req.header('Last-Event-ID')
  if (lastId !== undefined && lastId !== 'pending') {
    const status = await pollTransaction(ports, { transactionId, wait: seconds(0) }, c.req.raw.signal)
    // A browser reconnects when a stream ends, until it gets a 204.
    if (status.ok && eventId(status.value) === lastId) return c.body(null, 204)
  }
  const isKnown = await isAuthenticated(c)
  return eventStream(
    c,
    (disconnected) => watchLogin(ports, transactionId, disconnected),
    (status) => (status === undefined ? KEEPALIVE_COMMENT : statusEvent(c, status, isKnown)),
  )
})

function statusEvent(c: HttpContext, status: LoginStatus | 'unknown', isKnown: boolean): string {
  const { value, detail } = statusDetail(status)
  return eventText(eventId(status), JSON.stringify(hardenEvent(c, decisionBody(c, value, detail), isKnown)))
}

addRoutes(transactionRoutes, '/transaction/:transaction_id/events', { GET: events })

addRoutes(transactionRoutes, '/transaction/:transaction_id', {
  GET: protectedRoute(
    {
      summary: 'Show the timeline of a login',
      access: 'timeline',
      parser: parseTransactionId,
      value: loginDetailShape,
      refuses: [404],
    },
    async (c, credential, id) =>
      sendOutcome(c, await readLogin(c.var.ports, credential, id), (login) => loginDetail(login, languageOf(c))),
  ),
})

addRoutes(transactionRoutes, '/transaction/:transaction_id/receipt', {
  GET: protectedRoute(
    {
      summary: 'Issue a receipt of a login',
      description:
        'What proves the answer of the phone, as long as the login is kept: until ten minutes after its end. ' +
        '`npm run nod -- verify` checks it.',
      access: 'timeline',
      parser: parseTransactionId,
      value: receiptShape,
      refuses: [404],
    },
    async (c, credential, id) => sendOutcome(c, await issueReceipt(c.var.ports, credential, id), (receipt) => receipt),
  ),
})
