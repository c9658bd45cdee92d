import type { Ports } from '../../ports/ports.ts'
import type { ReceiverState } from '../../ports/journal-object.ts'
import { addSeconds, type Instant, seconds } from '../../vocabulary.ts'
import { webhookStates } from './webhooks.ts'

/** The failures in a row from which on a receiver is reported. One that is only restarting fails less often. */
const FAILURES = 3
/** How long the report names events that were given up or dropped. */
const REPORT_TIME = seconds(7 * 86_400)

/** Reports whether the receivers of webhooks get their events. */
export async function checkWebhooks(ports: Ports): Promise<{ readonly isWell: boolean; readonly info: string }> {
  const state = await webhookStates(ports)
  if (!state.ok) return { isWell: false, info: 'the webhooks or the journal do not answer' }
  const { webhooks, lost } = state.value
  const now = ports.now()
  const faults = webhooks.flatMap(({ name, receiver }) =>
    faultsOf(receiver, now).map((fault) => `webhook ${name}: ${fault}`),
  )
  if (isRecent(lost?.at, now)) faults.push(`the outbox was full: ${lost?.count ?? 0} security events are lost`)
  if (faults.length > 0) return { isWell: false, info: faults.join('; ') }
  const waiting = webhooks.reduce((sum, { receiver }) => sum + receiver.waiting, 0)
  return {
    isWell: true,
    info: webhooks.length === 0 ? 'no webhooks' : `${webhooks.length} webhooks, ${waiting} events wait`,
  }
}

const isRecent = (at: Instant | undefined, now: Instant): boolean =>
  at !== undefined && now < addSeconds(at, REPORT_TIME)

function faultsOf(receiver: ReceiverState, now: Instant): readonly string[] {
  const { failures, why = '', waiting, givenUp, givenUpAt, dropped, droppedAt } = receiver
  return [
    ...(failures >= FAILURES ? [`${failures} failures in a row, ${waiting} events wait: ${why}`] : []),
    ...(isRecent(givenUpAt, now) ? [`${givenUp} events were given up after 72 hours`] : []),
    ...(isRecent(droppedAt, now) ? [`${dropped} events were dropped because too many waited`] : []),
  ]
}
