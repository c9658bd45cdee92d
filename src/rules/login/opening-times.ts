import { present } from '../../present.ts'
import type { Instant } from '../../vocabulary.ts'
import type { Transaction } from './transaction.ts'

/** Adds to the first step of a login when its request arrived, and when its shard stored it. */
export function withOpeningTimes(
  transaction: Transaction,
  receivedAt: Instant | undefined,
  storedAt: Instant,
): Transaction {
  const [first, ...rest] = transaction.steps
  if (first?.kind !== 'opened') return transaction
  return { ...transaction, steps: [{ ...first, storedAt, ...present({ receivedAt }) }, ...rest] }
}
