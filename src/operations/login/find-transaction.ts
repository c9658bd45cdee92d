import type { Ports } from '../../ports/ports.ts'
import type { TransactionsObject } from '../../ports/transactions-object.ts'
import type { TransactionId } from '../../vocabulary.ts'

interface FoundTransaction {
  readonly id: TransactionId
  readonly shard: TransactionsObject
}

/** Finds the shard of the login that a caller, or a stored row, names. Undefined for an id that Nod did not make: no object wakes
 *  for a forged one. */
export async function findTransaction(
  { identifiers, transactions }: Pick<Ports, 'identifiers' | 'transactions'>,
  text: string,
): Promise<FoundTransaction | undefined> {
  const address = await identifiers.locate(text)
  return address && { id: address.id, shard: transactions.of(address) }
}
