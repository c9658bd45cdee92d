import { authorizePoll } from '../../operations/access/admission.ts'
import { pollTransaction } from '../../operations/login/poll-transaction.ts'
import { readTimeline } from '../../operations/login/timeline.ts'
import { watchLogin } from '../../operations/login/watch.ts'
import { statusDetail } from '../../protocol/login/challenge-detail.ts'
import { parseTransactionId } from '../../protocol/login/client-request.ts'
import { string } from '../../protocol/shape.ts'
import { timelineAnswer, timelineShape } from '../../protocol/login/timeline.ts'
import type { LoginStatus } from '../../vocabulary.ts'
import { seconds } from '../../vocabulary.ts'
import { protectedRoute } from '../protected-route.ts'
import type { HttpContext } from '../context.ts'
import { allowOrigin } from '../cors.ts'
import { credentialOrNone } from '../credentials.ts'
import { KEEPALIVE_COMMENT, eventText, eventStream } from '../event-stream.ts'
import { hardenEvent } from '../hardening.ts'
import { decisionBody, sendRefusal, sendOutcome } from '../respond.ts'
import { Router } from '../router.ts'
import type { RouteDescription } from '../route.ts'
import { route, addRoutes } from '../route.ts'

export const transactionRoutes = new Router()

/** An event's id: whoever comes again with that of the last event there is need not listen. Neither tells more than a
 *  transaction poll does: what was never there is over too. */
const eventId = (stands: LoginStatus | 'unknown'): string => {
  const { challenge_status: status } = statusDetail(stands).detail
  return stands === 'pending' || status !== 'pending' ? status : 'over'
}

const EVENTS: RouteDescription<string> = {
  summary: 'Listen to a login',
  description:
    'Server-sent events: one at once, one when the login is decided, each what polltransaction would answer.',
  who: 'anyone',
  reads: parseTransactionId,
  headers: { 'Last-Event-ID': 'The id of the last event there was: 204 where there is nothing more to hear of' },
  body: { 'text/event-stream': string('`data` is an envelope; `id` its `challenge_status`, or `over`') },
  refuses: [403],
  bare: { 204: 'There is nothing more to hear of' },
}

/** The answers of a transaction poll, one now and one when the login is decided, as server-sent events. */
const events = route(EVENTS, async (c, read) => {
  const asked = await read()
  if (!asked.ok) return sendRefusal(c, asked.refusal)
  const transactionId = asked.value
  const { ports } = c.var
  const may = await authorizePoll(ports, credentialOrNone(c.var.credential), c.var.source)
  if (!may.ok) return sendRefusal(c, may.refusal)
  allowOrigin(c)
  const last = c.req.header('Last-Event-ID')
  if (last !== undefined && last !== 'pending') {
    const stands = await pollTransaction(ports, { transactionId, wait: seconds(0) }, c.req.raw.signal)
    // A browser asks again and again where a stream has ended; with this it rests.
    if (stands.ok && eventId(stands.value) === last) return c.body(null, 204)
  }
  return eventStream(
    c,
    (hungUp) => watchLogin(ports, transactionId, hungUp),
    (stands) => (stands === undefined ? KEEPALIVE_COMMENT : told(c, stands)),
  )
})

function told(c: HttpContext, stands: LoginStatus | 'unknown'): string {
  const { value, detail } = statusDetail(stands)
  return eventText(eventId(stands), JSON.stringify(hardenEvent(c, decisionBody(c, value, detail))))
}

addRoutes(transactionRoutes, '/transaction/:transaction_id/events', { GET: events })

addRoutes(transactionRoutes, '/transaction/:transaction_id', {
  GET: protectedRoute(
    {
      summary: 'Tell what has happened in a login, step by step',
      who: 'timeline',
      reads: parseTransactionId,
      value: timelineShape,
      refuses: [404],
    },
    async (c, credential, id) => sendOutcome(c, await readTimeline(c.var.ports, credential, id), timelineAnswer),
  ),
})
