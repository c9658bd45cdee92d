import type { AnswerRequest } from '../ports/phone-object.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import { groupByShard } from '../rules/login/group-by-shard.ts'
import type { PhoneState } from '../rules/token/phone-state.ts'
import type { PhoneReply } from '../rules/login/transaction.ts'
import type { Serial, TransactionId } from '../vocabulary.ts'

type Prompt = Readonly<Record<string, string>>

/** Collects the prompts of these transactions that the phone may still answer, at most `most`, in the order of `ids`. Calls each
 *  shard once; a shard that fails is left out. */
export async function pendingPrompts(
  ports: Pick<Ports, 'identifiers' | 'transactions'>,
  serial: Serial,
  ids: readonly TransactionId[],
  most: number,
): Promise<ReadonlyMap<TransactionId, Prompt>> {
  const groups = groupByShard(await Promise.all(ids.map((id) => ports.identifiers.locate(id))))
  const found = new Map<TransactionId, Prompt>()
  const calls = groups.map(async ({ shard, ids: group }) => {
    const prompts = await ports.transactions.inShard(shard).pendingPrompts({ serial, ids: group, most })
    if (prompts.ok) for (const { id, prompt } of prompts.value) found.set(id, prompt)
  })
  await Promise.allSettled(calls)
  const pending = ids.flatMap((id) => {
    const prompt = found.get(id)
    return prompt === undefined ? [] : [[id, prompt] as const]
  })
  return new Map(pending.slice(0, most))
}

/** Offers an answer to these transactions, in order, until one accepts it.
 *  Refuses: `storage_unavailable` if none accepts it and one could not be reached, for it may be the answer to that one. */
export async function offerAnswer(
  { identifiers, transactions }: Pick<Ports, 'identifiers' | 'transactions'>,
  ids: readonly TransactionId[],
  answer: AnswerRequest,
): Promise<Outcome<PhoneReply>> {
  let reply: Outcome<PhoneReply> = done({ accepted: false, unmatched: true })
  for (const id of ids) {
    const address = await identifiers.locate(id)
    if (address === undefined) continue
    const offered = await transactions.of(address).answer({ id, answer })
    // A copy: returning another object's reply as it came would keep this call open.
    if (offered.ok && offered.value.accepted) return done(offered.value)
    if (!offered.ok) reply = refuse(offered.refusal)
  }
  return reply
}

/** Withdraws the phone's part in every login it rings for, as far as the shards can be reached; the phone's `finalize` refuses
 *  the others. */
export const withdrawRings = (
  { identifiers, transactions }: Pick<Ports, 'identifiers' | 'transactions'>,
  rings: PhoneState['rings'],
  serial: Serial,
): Promise<unknown> =>
  Promise.allSettled(
    rings.map(async ({ transaction: id }) => {
      const address = await identifiers.locate(id)
      if (address !== undefined)
        await transactions.of(address).withdraw({ id, serial, withdrawal: { cause: 'token_changed' } })
    }),
  )
