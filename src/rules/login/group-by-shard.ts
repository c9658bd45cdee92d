import { type Shard, shardName, type TransactionAddress, type TransactionId } from '../../vocabulary.ts'

/** Groups logins by their shard, so that each shard is asked once. */
export function groupByShard(
  addresses: readonly (TransactionAddress | undefined)[],
): readonly { readonly shard: Shard; readonly ids: readonly TransactionId[] }[] {
  const known = addresses.filter((address) => address !== undefined)
  const groups = Map.groupBy(known, ({ shard }) => shardName(shard))
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [{ shard: first.shard, ids: group.map(({ id }) => id) }]
  })
}
