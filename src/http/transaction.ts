import { mayPoll } from '../operations/access/admission.ts'
import { standingOf } from '../operations/login/standing.ts'
import { timeline } from '../operations/login/timeline.ts'
import { watch } from '../operations/login/watch.ts'
import { statusDetail } from '../protocol/login/challenge-answer.ts'
import { parseTransactionId } from '../protocol/login/client-request.ts'
import { string } from '../protocol/shape.ts'
import { timelineAnswer, timelineShape } from '../protocol/login/timeline.ts'
import type { Standing } from '../vocabulary.ts'
import { seconds } from '../vocabulary.ts'
import { administered } from './administered.ts'
import type { Asked } from './context.ts'
import { allowOrigin } from './cors.ts'
import { forgiving } from './credentials.ts'
import { COMMENT, event, eventStream } from './event-stream.ts'
import { hardenedPart } from './hardening.ts'
import { decision, refused, replied } from './respond.ts'
import { Room } from './room.ts'
import type { About } from './routes.ts'
import { declared, methods } from './routes.ts'

export const transaction = new Room()

/** An event's id: whoever comes again with that of the last event there is need not listen. Neither tells more than a
 *  transaction poll does: what was never there is over too. */
const eventId = (stands: Standing | 'unknown'): string => {
  const { challenge_status: status } = statusDetail(stands).detail
  return stands === 'pending' || status !== 'pending' ? status : 'over'
}

const EVENTS: About<string> = {
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
const events = declared(EVENTS, async (c, read) => {
  const asked = await read()
  if (!asked.ok) return refused(c, asked.refusal)
  const transactionId = asked.value
  const { ports } = c.var
  const may = await mayPoll(ports, forgiving(c.var.credential), c.var.source)
  if (!may.ok) return refused(c, may.refusal)
  allowOrigin(c)
  const last = c.req.header('Last-Event-ID')
  if (last !== undefined && last !== 'pending') {
    const stands = await standingOf(ports, { transactionId, wait: seconds(0) }, c.req.raw.signal)
    // A browser asks again and again where a stream has ended; with this it rests.
    if (stands.ok && eventId(stands.value) === last) return c.body(null, 204)
  }
  return eventStream(
    c,
    (hungUp) => watch(ports, transactionId, hungUp),
    (stands) => (stands === undefined ? COMMENT : told(c, stands)),
  )
})

function told(c: Asked, stands: Standing | 'unknown'): string {
  const { value, detail } = statusDetail(stands)
  return event(eventId(stands), JSON.stringify(hardenedPart(c, decision(c, value, detail))))
}

methods(transaction, '/transaction/:transaction_id/events', { GET: events })

methods(transaction, '/transaction/:transaction_id', {
  GET: administered(
    {
      summary: 'Tell what has happened in a login, step by step',
      who: 'timeline',
      reads: parseTransactionId,
      value: timelineShape,
      refuses: [404],
    },
    async (c, credential, id) => replied(c, await timeline(c.var.ports, credential, id), timelineAnswer),
  ),
})
