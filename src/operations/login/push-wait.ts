import { encodeHex } from '../../bytes.ts'
import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { LoginReply } from '../../rules/login/login-reply.ts'
import type { TransactionAddress } from '../../vocabulary.ts'
import type { LoginRequest, OpenedLogin } from './login-request.ts'

/** How a request that waits came to its login. */
export interface Waiting {
  /** Its caller named it by `Idempotency-Key` and may send it again. */
  readonly canRepeat?: boolean
  /** It joined a login that another request opened. */
  readonly hasJoined?: boolean
}

/** Answers the reply of an open login; with `push_wait`, only once the phone has answered and the login is finalized, or the wait
 *  is over. If the caller disconnects, nobody would hear of an acceptance: see `abandon` of the shard.
 *  Refuses: `delivery_failed`, and as `finalizeWhenAccepted` of the shard.
 *  Source: docs/protocol.md, "Requests that wait". */
export async function waitForPhone(
  { transactions, random, trace }: Pick<Ports, 'transactions' | 'random' | 'trace'>,
  address: TransactionAddress,
  reply: LoginReply,
  { signal }: LoginRequest,
  { canRepeat = false, hasJoined = false }: Waiting,
): Promise<Outcome<OpenedLogin>> {
  if (reply.undelivered) return refuse({ reason: 'delivery_failed' })
  const { id } = address
  const opened = { transaction: id, ...reply }
  if (reply.wait <= 0) return done(opened)
  const shard = transactions.of(address)
  const caller = { id, attempt: encodeHex(random(8)), canRepeat, hasJoined }
  const abandon = (): unknown => shard.abandon(caller)
  if (signal.aborted) {
    await abandon()
    return done(opened)
  }
  signal.addEventListener('abort', abandon)
  const finalized = await trace
    .step('login.wait', () => shard.finalizeWhenAccepted({ ...caller, wait: reply.wait }))
    .finally(() => signal.removeEventListener('abort', abandon))
  if (finalized.ok) return done({ ...opened, finalized: finalized.value })
  const { refusal } = finalized
  return refusal.reason === 'declined' || refusal.reason === 'unanswered'
    ? refuse({ ...refusal, transaction: id })
    : finalized
}
