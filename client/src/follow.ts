import type { Nod } from './connection.ts'
import { LOGIN_STATUS, type LoginStatus } from './login.ts'
import { done, type Outcome } from './outcome.ts'
import type { ServerSentEvent } from './server-sent-events.ts'
import { stream, type StreamOptions } from './stream.ts'

/** Yields how a login stands now, and again when it is decided, as soon as Nod tells it; then ends. A stream that breaks off is resumed.
 *  If it cannot be, the last that it yields is the failure. */
export async function* follow(
  nod: Nod,
  transactionId: string,
  options: StreamOptions = {},
): AsyncGenerator<Outcome<LoginStatus>, void, undefined> {
  let last: LoginStatus | undefined
  const route = 'GET /transaction/{transaction_id}/events'
  for await (const event of stream(nod, route, { transaction_id: transactionId }, { ...options, isLast })) {
    const status: Outcome<LoginStatus> = event.ok ? done(statusOf(event.value)) : event
    if (!status.ok || status.value !== last) yield status
    if (status.ok) last = status.value
  }
}

const isLast = (event: ServerSentEvent): boolean => statusOf(event) !== 'pending'

/** The id of an event is its status in the words of polltransaction, or `over`. */
const statusOf = ({ id = '' }: ServerSentEvent): LoginStatus =>
  id === 'over' ? 'over' : ((LOGIN_STATUS as Readonly<Record<string, LoginStatus>>)[id] ?? 'pending')
