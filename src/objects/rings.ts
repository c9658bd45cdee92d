import type { Ports } from '../ports/ports.ts'
import type { Serial, TransactionId } from '../vocabulary.ts'

type Prompt = Readonly<Record<string, string>>

/** The prompts that wait among these transactions, at most so many: the first in the order given. One call per shard;
 *  a shard that fails is left out. */
export async function promptsOf(
  ports: Pick<Ports, 'identifiers' | 'transactions'>,
  serial: Serial,
  ids: readonly TransactionId[],
  most: number,
): Promise<ReadonlyMap<TransactionId, Prompt>> {
  const shards = await Promise.all(ids.map((id) => ports.identifiers.shardOf(id)))
  const byShard = Map.groupBy(ids, (_, index) => JSON.stringify(shards[index]))
  const found = new Map<TransactionId, Prompt>()
  const asked = [...byShard.values()].map(async (group) => {
    const [first] = group
    const shard = first === undefined ? undefined : await ports.transactions.of(first)
    for (const { id, prompt } of (await shard?.prompts(serial, group, most)) ?? []) found.set(id, prompt)
  })
  await Promise.allSettled(asked)
  const waiting = ids.flatMap((id) => {
    const prompt = found.get(id)
    return prompt === undefined ? [] : [[id, prompt] as const]
  })
  return new Map(waiting.slice(0, most))
}
