import type { Ports } from '../ports/ports.ts'
import type { Serial, TransactionId } from '../vocabulary.ts'

/** The prompts of these transactions for one phone: one call per shard; a shard that fails is left out. */
export async function promptsOf(
  ports: Pick<Ports, 'identifiers' | 'transactions'>,
  serial: Serial,
  ids: readonly TransactionId[],
): Promise<readonly Readonly<Record<string, string>>[]> {
  const shards = await Promise.all(ids.map((id) => ports.identifiers.shardOf(id)))
  const byShard = Map.groupBy(ids, (_, index) => JSON.stringify(shards[index]))
  const asked = [...byShard.values()].map(async (group) => {
    const [first] = group
    const shard = first === undefined ? undefined : await ports.transactions.of(first)
    return (await shard?.prompts(serial, group)) ?? []
  })
  const answers = await Promise.allSettled(asked)
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
}
