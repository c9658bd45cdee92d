import type { Ports } from '../../ports/ports.ts'
import type { LoginStatus } from '../../vocabulary.ts'
import { seconds } from '../../vocabulary.ts'
import { pollTransaction } from './poll-transaction.ts'

/** How long nothing need be said: whoever has gone is found out when something is. */
const TURN = seconds(15)

/** A login as it stands, over and over, until that is decided or nobody listens; `undefined` where it has stood as before
 *  for a while. It ends early where there is no room to wait: the caller may come again. */
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
    const asked = ports.now()
    const next = await pollTransaction(ports, { transactionId, wait: TURN }, signal)
    if (!next.ok) return
    stands = next.value
    if (stands !== 'pending') yield stands
    else if (ports.now() - asked < TURN * 500) return
    else yield undefined
  }
}
