import { present } from '../present.ts'
import type { CancelRequest } from '../ports/objects.ts'
import type { Ports } from '../ports/ports.ts'
import type { CheckFinalize, Subject } from '../protocol/client-request.ts'
import type { Outcome } from '../refusal.ts'
import { refuse } from '../refusal.ts'
import type { By } from '../rules/transaction.ts'
import type { Serial, TransactionId } from '../vocabulary.ts'
import type { Credential } from './identify.ts'
import { admit, callerOf } from './identify.ts'
import { givenOf, ownerOf } from './subject.ts'

/**
 * The accepted login is used, once. Nothing of it is looked up in the catalogue: it goes on while D1 is down.
 * Refuses: `transaction_unknown` for an id that is forged, used up, another owner's or another key's; `not_accepted`;
 * `attempts_exceeded` or `no_suitable_token` when the token changed meanwhile; `service_key_required`.
 */
export async function finalize(
  ports: Ports,
  credential: Credential,
  request: CheckFinalize,
  by: By,
): Promise<Outcome<{ readonly serial: Serial }>> {
  if (credential.kind === 'none' && !ports.limits.anonymousCheck) return refuse({ reason: 'service_key_required' })
  const id = request.transactionId as TransactionId
  const shard = await ports.transactions.of(id)
  if (shard === undefined) return refuse({ reason: 'transaction_unknown' })
  return shard.finalize({ id, entry: request.entry, by, ...(await bearerOf(ports, credential, request)) })
}

/** Who comes with a transaction, and whether the endpoint admits whoever it is. The catalogue is asked only where the isolate
 *  knows nothing of the deployment yet, or nothing of this key. */
export async function bearerOf(
  ports: Pick<Ports, 'limits' | 'deployment'>,
  credential: Credential,
  subject: Subject,
): Promise<Omit<CancelRequest, 'id'>> {
  const given = givenOf(subject)
  const snapshot = given === undefined ? undefined : await ports.deployment.any()
  return {
    admitted: await admitted(ports, credential),
    ...present({ given }),
    ...(given !== undefined && snapshot?.ok === true ? { owner: ownerOf(given, snapshot.value) } : {}),
    ...present({ serial: subject.serial }),
    ...(credential.kind === 'key' ? { keyHash: credential.hash } : {}),
  }
}

/** Whether the endpoint admits this caller to a login that no key opened. */
async function admitted(ports: Pick<Ports, 'limits' | 'deployment'>, credential: Credential): Promise<boolean> {
  if (ports.limits.anonymousCheck) return true
  const known = await ports.deployment.any()
  // Revoking a key withdraws what it opened; deleting an administrator does not: so theirs is looked up anew, D1 willing.
  if (credential.kind === 'key' && known.ok && callerOf(credential, known.value).ok) return mayFinalize(known.value)
  const fresh = await ports.deployment.fresh()
  return fresh.ok ? mayFinalize(fresh.value) : credential.kind !== 'key' && known.ok && mayFinalize(known.value)

  function mayFinalize(snapshot: Parameters<typeof callerOf>[1]): boolean {
    const caller = callerOf(credential, snapshot)
    return caller.ok && admit(caller.value, ['validate']).ok
  }
}
