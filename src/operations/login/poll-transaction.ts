import type { Ports } from '../../ports/ports.ts'
import { encodeHex } from '../../bytes.ts'
import type { PollTransaction } from '../../protocol/login/client-request.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { type LoginStatus, seconds } from '../../vocabulary.ts'
import { findTransaction } from './transaction-address.ts'

/** How long a caller without a place waits before it asks again. */
const CROWDED = seconds(5)

/** Answers a login's status: at once, or, with a wait, when it is decided, when the wait is over or when the caller has disconnected.
 *  A forged id wakes no object; an id without a login is `unknown`. Never writes.
 *  Refuses: `too_many_waiting`; `storage_unavailable`. */
export async function pollTransaction(
  ports: Pick<Ports, 'identifiers' | 'transactions' | 'random'>,
  { transactionId, wait }: PollTransaction,
  hungUp: AbortSignal,
): Promise<Outcome<LoginStatus | 'unknown'>> {
  const found = await findTransaction(ports, transactionId)
  if (found === undefined) return done('unknown')
  const { id, shard } = found
  const limit = hungUp.aborted ? seconds(0) : wait
  const waiter = limit > 0 ? encodeHex(ports.random(8)) : undefined
  const stopWaiting = (): unknown => waiter && shard.stopWaiting({ id, waiter })
  hungUp.addEventListener('abort', stopWaiting)
  const status = await shard
    .status({ id, wait: limit, waiter })
    .finally(() => hungUp.removeEventListener('abort', stopWaiting))
  if (!status.ok) return status
  return status.value === 'crowded' ? refuse({ reason: 'too_many_waiting', retryAfter: CROWDED }) : done(status.value)
}
