import type { Ports } from '../../ports/ports.ts'
import { encodeHex } from '../../bytes.ts'
import type { Outcome } from '../../refusal.ts'
import { done, outcomeOf, refuse } from '../../refusal.ts'
import type { LoginReply } from '../../rules/login/login-reply.ts'
import type { TransactionId } from '../../vocabulary.ts'
import type { OpenedLogin, TriggerRequest } from './trigger.ts'

/** How a request comes by its login: it has opened it; it is named, and may come again; or it has joined another's. */
export type RequestKind = 'opens' | 'named' | 'joins'

/** The login has opened; where the request waits for the phone, what that came to. */
export async function waitForPhone(
  { transactions, random }: Pick<Ports, 'transactions' | 'random'>,
  id: TransactionId,
  told: LoginReply,
  { hungUp }: TriggerRequest,
  comes: RequestKind,
): Promise<Outcome<OpenedLogin>> {
  if (told.undelivered) return refuse({ reason: 'delivery_failed' })
  const result = { transaction: id, ...told }
  const shard = told.wait > 0 ? await transactions.of(id) : undefined
  if (shard === undefined) return done(result)
  const attempt = encodeHex(random(8))
  const how = [comes === 'named', comes === 'joins'] as const
  const leave = (): unknown => outcomeOf(shard.hangUp(id, attempt, ...how))
  if (hungUp.aborted) {
    await leave()
    return done(result)
  }
  hungUp.addEventListener('abort', leave)
  const used = await shard
    .conclude(id, told.wait, attempt, ...how)
    .finally(() => hungUp.removeEventListener('abort', leave))
  return used.ok ? done({ ...result, finalizedBy: used.value }) : used
}
