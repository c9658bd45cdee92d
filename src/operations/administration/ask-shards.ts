import type { Ports } from '../../ports/ports.ts'
import type { TransactionsObject } from '../../ports/transactions-object.ts'
import type { Outcome } from '../../refusal.ts'
import { withTimeLimit } from '../../time-limit.ts'
import { type Seconds, shardName } from '../../vocabulary.ts'

interface ShardAnswer<T> {
  /** `weur/0`. */
  readonly name: string
  /** Undefined: the shard did not answer in time, or refused. */
  readonly value: T | undefined
}

/** Asks every shard about the audit, and waits at most `limit` seconds for each. Why one did not answer is logged. */
export const askShards = <T>(
  { transactions, log }: Pick<Ports, 'transactions' | 'log'>,
  ask: (shard: TransactionsObject) => Promise<Outcome<T>>,
  limit: Seconds,
): Promise<readonly ShardAnswer<T>[]> =>
  Promise.all(
    transactions.shards().map(async (shard) => {
      const name = shardName(shard)
      try {
        const answer = await withTimeLimit(ask(transactions.inShard(shard)), limit)
        if (answer === 'late') throw new Error('too late')
        if (!answer.ok) throw new Error(answer.refusal.reason)
        return { name, value: answer.value }
      } catch (error) {
        log('audit_shard_unreachable', { shard: name, error: String(error) })
        return { name, value: undefined }
      }
    }),
  )
