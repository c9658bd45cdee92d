import type { Ports } from '../ports/ports.ts'
import { encodeHex } from '../bytes.ts'
import type { Outcome } from '../refusal.ts'
import { done, outcomeOf, refuse } from '../refusal.ts'
import type { Told } from '../rules/told.ts'
import type { TransactionId } from '../vocabulary.ts'
import type { Triggered, TriggerRequest } from './trigger.ts'

/** The login has opened; where the request waits for the phone, what that came to. `isNamed`: the request may come again. */
export async function concluded(
  { transactions, random }: Pick<Ports, 'transactions' | 'random'>,
  id: TransactionId,
  told: Told,
  { hungUp }: TriggerRequest,
  isNamed: boolean,
): Promise<Outcome<Triggered>> {
  if (told.undelivered) return refuse({ reason: 'delivery_failed' })
  const result = { transaction: id, ...told }
  const shard = told.wait > 0 ? await transactions.of(id) : undefined
  if (shard === undefined) return done(result)
  const attempt = encodeHex(random(8))
  const leave = (): unknown => outcomeOf(shard.hangUp(id, attempt, isNamed))
  if (hungUp.aborted) {
    await leave()
    return done(result)
  }
  hungUp.addEventListener('abort', leave)
  const used = await shard
    .conclude(id, told.wait, attempt, isNamed)
    .finally(() => hungUp.removeEventListener('abort', leave))
  return used.ok ? done({ ...result, finalizedBy: used.value }) : used
}
