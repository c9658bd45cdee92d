import { present } from '../../present.ts'
import type { CancelRequest } from '../../ports/transactions-object.ts'
import type { Ports } from '../../ports/ports.ts'
import { encodeHex } from '../../bytes.ts'
import type { CheckFinalize, SubjectFields } from '../../protocol/login/client-request.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { FinalizedLogin } from '../../rules/login/transaction.ts'
import type { Source } from '../../vocabulary.ts'
import { admitAnonymous, isAdmittedToCheck } from '../access/admission.ts'
import type { Credential } from '../access/identify.ts'
import { findTransaction } from './find-transaction.ts'
import type { PolicySource } from './login-subject.ts'
import { userInputOf, loginOwner } from './login-subject.ts'

/**
 * The accepted login is used, once. Nothing of it is looked up in the catalogue: it goes on while D1 is down. Only whom a
 * serial alone means is, for whoever brings no key, where a policy keeps some users' logins for services with one. `source`: as
 * it is believed.
 * Refuses: `transaction_unknown` for an id that is forged, used up, another owner's or another key's; `not_accepted`;
 * `attempts_exceeded` or `no_suitable_token` when the token changed meanwhile; `service_key_required`; `logins_limited`;
 * `storage_unavailable`.
 */
export async function finalize(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: CheckFinalize,
  route: string,
): Promise<Outcome<FinalizedLogin>> {
  const may = credential.kind === 'none' ? await admitAnonymous(ports, source, request) : done(undefined)
  if (!may.ok) return may
  const found = await findTransaction(ports, request.transactionId)
  if (found === undefined) return refuse({ reason: 'transaction_unknown' })
  const attempt = encodeHex(ports.random(8))
  const by = { action: route, address: source.address, userAgent: source.userAgent }
  const bearer = await bearerOf(ports, credential, source, request)
  return found.shard.finalize({ id: found.id, entry: request.entry, by, attempt, ...bearer })
}

/** Who comes with a transaction, and whether the endpoint admits whoever it is; whoever brings no credential has been admitted
 *  already. The catalogue is asked only where the isolate knows nothing of the deployment yet, or nothing of this key. */
export async function bearerOf(
  ports: Pick<Ports, 'limits' | 'subjects' | 'tokens' | 'deployment' | 'now'>,
  credential: Credential,
  from: PolicySource,
  subject: SubjectFields,
): Promise<Omit<CancelRequest, 'id'>> {
  const userInput = userInputOf(subject)
  const snapshot = userInput === undefined ? undefined : await ports.deployment.cachedOrReload()
  return {
    admitted: credential.kind === 'none' || (await isAdmittedToCheck(ports, credential, from, subject)),
    userInput,
    ...(userInput !== undefined && snapshot?.ok === true
      ? { owner: loginOwner(userInput, snapshot.value, from, ports.now()) }
      : {}),
    ...present({ serial: subject.serial }),
    ...(credential.kind === 'key' ? { keyHash: credential.hash } : {}),
  }
}
