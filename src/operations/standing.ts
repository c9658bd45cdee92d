import type { Ports } from '../ports/ports.ts'
import type { PollTransaction } from '../protocol/client-request.ts'
import type { Standing } from '../rules/transaction.ts'
import type { TransactionId } from '../vocabulary.ts'

/** How a login stands: at once, or, with a wait, when it is no longer pending or the wait is over. A forged id wakes no
 *  object; an id that names nothing stands `unknown`. Never refuses, never writes. */
export async function standingOf(
  ports: Pick<Ports, 'transactions'>,
  { transactionId, wait }: PollTransaction,
): Promise<Standing | 'unknown'> {
  const id = transactionId as TransactionId
  const shard = await ports.transactions.of(id)
  return shard === undefined ? 'unknown' : shard.standing(id, wait)
}
