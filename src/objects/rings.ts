import type { AnswerRequest } from '../ports/phone-object.ts'
import type { Ports } from '../ports/ports.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import { groupByShard } from '../rules/login/group-by-shard.ts'
import { openRings } from '../rules/token/fair-rings.ts'
import type { PhoneState } from '../rules/token/phone-state.ts'
import type { PhoneReply } from '../rules/login/transaction.ts'
import { seconds, type Serial, type TransactionId } from '../vocabulary.ts'

type Prompt = Readonly<Record<string, string>>

/** A phone poll shows at most so many prompts, and an answer without a nonce is offered to their logins. */
const MAX_PROMPTS = 5
/** It is offered to so many others: its login may no longer be pending, because the answer was taken and is sent again. */
const MAX_OTHERS = 2

interface PendingPrompts {
  readonly prompts: ReadonlyMap<TransactionId, Prompt>
  /** False if a shard could not be reached: its prompts are left out. */
  readonly isComplete: boolean
}

export const NOTHING_PENDING: PendingPrompts = { prompts: new Map(), isComplete: true }

/** Collects the prompts of these transactions that the phone may still answer. Calls each shard once. */
export async function pendingPrompts(
  ports: Pick<Ports, 'identifiers' | 'transactions'>,
  serial: Serial,
  ids: readonly TransactionId[],
): Promise<PendingPrompts> {
  const groups = groupByShard(await Promise.all(ids.map((id) => ports.identifiers.locate(id))))
  const prompts = new Map<TransactionId, Prompt>()
  const calls = groups.map(async ({ shard, ids: group }) => {
    const found = await ports.transactions.inShard(shard).pendingPrompts({ serial, ids: group, most: group.length })
    if (found.ok) for (const { id, prompt } of found.value) prompts.set(id, prompt)
    return found.ok
  })
  const reached = await Promise.allSettled(calls)
  return { prompts, isComplete: reached.every((one) => one.status === 'fulfilled' && one.value) }
}

/** Collects the five prompts that a poll shows, in the fair order. Asks the shards about all rings first: a login that is over must
 *  not take the place of one that waits, nor the turn of its source. */
export async function shownPrompts(
  ports: Pick<Ports, 'identifiers' | 'transactions' | 'now'>,
  serial: Serial,
  memory: PhoneState,
): Promise<PendingPrompts> {
  const now = ports.now()
  const ids = openRings(memory, now).map(({ transaction }) => transaction)
  const { prompts, isComplete } = await pendingPrompts(ports, serial, ids)
  const rings = memory.rings.filter(({ transaction }) => prompts.has(transaction))
  const shown = openRings({ ...memory, rings }, now).slice(0, MAX_PROMPTS)
  const entries = shown.flatMap(({ transaction: id }) => {
    const prompt = prompts.get(id)
    return prompt === undefined ? [] : [[id, prompt] as const]
  })
  return { prompts: new Map(entries), isComplete }
}

/** Offers an answer that names no login to these notices, to the logins that a poll would show, then to two of the others, until one
 *  accepts it: only the one whose nonce was signed does. So a signature is verified once for each notice, and seven times at most besides.
 *  Refuses: `storage_unavailable` if none accepts it and one could not be reached, for it may be the answer to that one. */
export async function offerAnswer(
  ports: Pick<Ports, 'identifiers' | 'transactions' | 'now'>,
  memory: PhoneState,
  notices: readonly TransactionId[],
  answer: AnswerRequest,
): Promise<Outcome<PhoneReply>> {
  const { identifiers, transactions } = ports
  const { prompts, isComplete } = await shownPrompts(ports, answer.serial, memory)
  const others = openRings(memory, ports.now())
    .map(({ transaction }) => transaction)
    .filter((id) => !prompts.has(id))
    .slice(0, MAX_OTHERS)
  let reply: Outcome<PhoneReply> = isComplete
    ? done({ accepted: false, unmatched: true })
    : refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) })
  for (const id of [...notices, ...prompts.keys(), ...others]) {
    const address = await identifiers.locate(id)
    if (address === undefined) continue
    const offered = await transactions.of(address).answer({ id, answer })
    // A copy: returning another object's reply as it came would keep this call open.
    if (offered.ok && offered.value.accepted) return done(offered.value)
    if (!offered.ok) reply = refuse(offered.refusal)
  }
  return reply
}

/** Withdraws the phone's part in these logins, as far as their shards can be reached. After a change of the token the phone's
 *  `finalize` refuses the others. */
export const withdrawRings = (
  { identifiers, transactions }: Pick<Ports, 'identifiers' | 'transactions'>,
  ids: readonly TransactionId[],
  serial: Serial,
  cause: 'token_changed' | 'superseded',
): Promise<unknown> =>
  Promise.allSettled(
    ids.map(async (id) => {
      const address = await identifiers.locate(id)
      if (address !== undefined) await transactions.of(address).withdraw({ id, serial, withdrawal: { cause } })
    }),
  )
