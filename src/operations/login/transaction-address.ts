/** Where a login is: its id names the shard that has it. */
import type { Ports } from '../../ports/ports.ts'
import type { TransactionsObject } from '../../ports/transactions-object.ts'
import type { Bytes, Region, TransactionAddress, TransactionId } from '../../vocabulary.ts'

/** Draws the id of a new login. It names a shard in the region its caller is in: an object elsewhere would be far from all who
 *  use it. The same seed gives the same id, from the same region: requests are repeated from where they were made. */
export async function newTransaction(
  { identifiers, limits, random }: Pick<Ports, 'identifiers' | 'limits' | 'random'>,
  region: Region,
  seed?: Bytes,
): Promise<TransactionAddress> {
  const number = (seed ?? random(1)).at(-1) ?? 0
  const shard = { region, number: number % limits.shards }
  return { id: await identifiers.draw(shard, seed), shard }
}

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
