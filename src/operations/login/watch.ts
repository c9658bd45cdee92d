import type { Ports } from '../../ports/ports.ts'
import type { Standing } from '../../vocabulary.ts'
import { seconds } from '../../vocabulary.ts'
import { standingOf } from './standing.ts'

/** How long nothing need be said: whoever has gone is found out when something is. */
const TURN = seconds(15)

/** A login as it stands, over and over, until that is decided or nobody listens; `undefined` where it has stood as before
 *  for a while. It ends early where there is no room to wait: the caller may come again. */
export async function* watch(
  ports: Pick<Ports, 'transactions' | 'random' | 'now'>,
  transactionId: string,
  hungUp: AbortSignal,
): AsyncGenerator<Standing | 'unknown' | undefined> {
  const first = await standingOf(ports, { transactionId, wait: seconds(0) }, hungUp)
  if (!first.ok) return
  yield first.value
  let stands = first.value
  while (stands === 'pending' && !hungUp.aborted) {
    const asked = ports.now()
    const next = await standingOf(ports, { transactionId, wait: TURN }, hungUp)
    if (!next.ok) return
    stands = next.value
    if (stands !== 'pending') yield stands
    else if (ports.now() - asked < TURN * 500) return
    else yield undefined
  }
}
