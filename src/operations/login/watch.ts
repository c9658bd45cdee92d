import type { Ports } from '../../ports/ports.ts'
import { type LoginStatus, seconds } from '../../vocabulary.ts'
import { pollTransaction } from './poll-transaction.ts'

/** The interval of signs of life: a listener who has disconnected is noticed when something is sent. */
const TURN = seconds(15)

/** Yields a login's status now and when it is decided, then ends; `undefined` whenever nothing has changed for a while. Ends early if
 *  nobody listens any more, or if there is no room to wait: the caller may ask again. */
export async function* watchLogin(
  ports: Pick<Ports, 'identifiers' | 'transactions' | 'random' | 'now'>,
  transactionId: string,
  signal: AbortSignal,
): AsyncGenerator<LoginStatus | 'unknown' | undefined> {
  const first = await pollTransaction(ports, { transactionId, wait: seconds(0) }, signal)
  if (!first.ok) return
  yield first.value
  let stands = first.value
  while (stands === 'pending' && !signal.aborted) {
    const startedAt = ports.now()
    const next = await pollTransaction(ports, { transactionId, wait: TURN }, signal)
    if (!next.ok) return
    stands = next.value
    if (stands !== 'pending') yield stands
    else if (ports.now() - startedAt < TURN * 500) return
    else yield undefined
  }
}
