import type { Ports } from '../ports/ports.ts'
import type { Serial, TransactionId } from '../vocabulary.ts'

type Prompt = Readonly<Record<string, string>>

/** The prompts of these transactions for one phone, in their order: one call per shard; a shard that fails is left out. */
export async function promptsOf(
  ports: Pick<Ports, 'identifiers' | 'transactions'>,
  serial: Serial,
  ids: readonly TransactionId[],
): Promise<readonly Prompt[]> {
  const shards = await Promise.all(ids.map((id) => ports.identifiers.shardOf(id)))
  const byShard = Map.groupBy(ids, (_, index) => JSON.stringify(shards[index]))
  const found = new Map<TransactionId, Prompt>()
  const asked = [...byShard.values()].map(async (group) => {
    const [first] = group
    const shard = first === undefined ? undefined : await ports.transactions.of(first)
    const prompts = (await shard?.prompts(serial, group)) ?? []
    for (const [index, id] of group.entries()) {
      const prompt = prompts[index]
      if (prompt !== undefined) found.set(id, prompt)
    }
  })
  await Promise.allSettled(asked)
  return ids.map((id) => found.get(id)).filter((prompt) => prompt !== undefined)
}
