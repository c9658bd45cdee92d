import type { Ports } from '../ports/ports.ts'
import type { Standing } from '../rules/transaction.ts'
import type { TransactionId } from '../vocabulary.ts'

/** How a login stands. A forged id wakes no object; an id that names nothing stands `unknown`. Never refuses, never writes. */
export async function standingOf(ports: Pick<Ports, 'transactions'>, id: string): Promise<Standing | 'unknown'> {
  const shard = await ports.transactions.of(id as TransactionId)
  return shard === undefined ? 'unknown' : shard.standing(id as TransactionId)
}
