import type { AnswerRequest } from '../ports/phone-object.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import type { PhoneState } from '../rules/token/phone-state.ts'
import type { PhoneReply } from '../rules/login/transaction.ts'
import type { Serial, TransactionId } from '../vocabulary.ts'

type Prompt = Readonly<Record<string, string>>

/** The prompts that wait among these transactions, at most so many: the first in the order given. One call per shard;
 *  a shard that fails is left out. */
export async function pendingPrompts(
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
    const prompts = await shard?.pendingPrompts({ serial, ids: group, most })
    if (prompts?.ok) for (const { id, prompt } of prompts.value) found.set(id, prompt)
  })
  await Promise.allSettled(asked)
  const waiting = ids.flatMap((id) => {
    const prompt = found.get(id)
    return prompt === undefined ? [] : [[id, prompt] as const]
  })
  return new Map(waiting.slice(0, most))
}

/** An answer is offered to these transactions, the first of which may take it. Refuses: `storage_unavailable`, where none
 *  has and one could not be asked, for which it may have been meant. */
export async function offerAnswer(
  { transactions }: Pick<Ports, 'transactions'>,
  ids: readonly TransactionId[],
  answer: AnswerRequest,
): Promise<Outcome<PhoneReply>> {
  let reply: Outcome<PhoneReply> = done({ accepted: false, unheard: true })
  for (const id of ids) {
    const said = await (await transactions.of(id))?.answer({ id, answer })
    // Said anew, as every reply of another object: handed on as it came, it would keep this call open.
    if (said?.ok === true && said.value.accepted) return done(said.value)
    if (said?.ok === false) reply = refuse(said.refusal)
  }
  return reply
}

/** The phone's part in whatever it rings is taken back, as far as that can be reached: `finish` refuses the rest. */
export const withdrawRings = (
  { transactions }: Pick<Ports, 'transactions'>,
  rings: PhoneState['rings'],
  serial: Serial,
): Promise<unknown> =>
  Promise.allSettled(
    rings.map(async ({ transaction: id }) =>
      (await transactions.of(id))?.withdraw({ id, serial, withdrawal: { cause: 'token_changed' } }),
    ),
  )
