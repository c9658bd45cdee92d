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
 * Finalizes an accepted login, once. Works while D1 is down, because nothing is looked up in the catalogue, with one exception: the
 * owner of a token that is named by serial alone, for a caller without a key, if `api_key_required` is for some users. `source`: the
 * address that is believed.
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

/** Who finalizes a login, and whether the endpoint admits the caller; a caller without a credential has been admitted already. The
 *  catalogue is asked only if this isolate does not know the deployment, or this key, yet. */
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
