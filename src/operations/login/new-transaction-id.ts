import type { Ports } from '../../ports/ports.ts'
import type { Bytes, Region, TransactionId } from '../../vocabulary.ts'

/** Makes the id of a new login. It names a shard in the region its caller is in: an object elsewhere would be far from all who
 *  use it. The same seed gives the same id, from the same region: requests are repeated from where they were made. */
export function newTransactionId(
  { identifiers, limits, random }: Pick<Ports, 'identifiers' | 'limits' | 'random'>,
  region: Region,
  seed?: Bytes,
): Promise<TransactionId> {
  const number = (seed ?? random(1)).at(-1) ?? 0
  return identifiers.draw({ region, number: number % limits.shards }, seed)
}
