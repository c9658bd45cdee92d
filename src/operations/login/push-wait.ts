import type { Ports } from '../../ports/ports.ts'
import { encodeHex } from '../../bytes.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
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
  const caller = { id, attempt, canRepeat: comes === 'named', hasJoined: comes === 'joins' }
  const abandon = (): unknown => shard.abandon(caller)
  if (hungUp.aborted) {
    await abandon()
    return done(result)
  }
  hungUp.addEventListener('abort', abandon)
  const finalized = await shard
    .finalizeWhenAccepted({ ...caller, wait: told.wait })
    .finally(() => hungUp.removeEventListener('abort', abandon))
  return finalized.ok ? done({ ...result, finalizedBy: finalized.value }) : finalized
}
