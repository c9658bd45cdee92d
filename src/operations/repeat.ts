import type { Ports } from '../ports/ports.ts'
import type { Told } from '../rules/transaction.ts'
import type { Bytes, Caller, Region, TransactionId } from '../vocabulary.ts'
import type { TriggerRequest } from './trigger.ts'

// A request that is repeated joins the login it opened only where its caller says that it is the same one: whoever could
// join by anything less would ride on another's approval.

/** What a request's id is made of where it may be repeated: the same for the same request under the same
 *  `Idempotency-Key` of the same caller, PIN and all. A caller whom nobody knows cannot repeat: another could. */
export async function seedOf(
  { identifiers }: Pick<Ports, 'identifiers'>,
  caller: Caller,
  { idempotencyKey, subject, pin, exception, route }: TriggerRequest,
): Promise<Bytes | undefined> {
  if (idempotencyKey === undefined || caller.kind === 'nobody' || caller.kind === 'user') return undefined
  const whose = caller.kind === 'service' ? caller.keyHash : caller.name
  const { user = null, realm = null, serial = null } = subject
  const whole = [idempotencyKey, caller.kind, whose, route, user, realm, serial, pin?.given ?? null, exception]
  return identifiers.digest(JSON.stringify(whole))
}

/** The id of a new login, in the region its caller is in: an object elsewhere would be far from all who use it. The same for
 *  the same seed, from the same region: requests are repeated from where they were made. */
export function drawId(
  { identifiers, limits, random }: Pick<Ports, 'identifiers' | 'limits' | 'random'>,
  region: Region,
  seed?: Bytes,
): Promise<TransactionId> {
  const number = (seed ?? random(1)).at(-1) ?? 0
  return identifiers.draw({ region, number: number % limits.shards }, seed)
}

/** What the login was told when it opened, if it has. */
export async function toldBefore(
  { transactions }: Pick<Ports, 'transactions'>,
  id: TransactionId,
): Promise<Told | undefined> {
  return (await transactions.of(id))?.told(id)
}
