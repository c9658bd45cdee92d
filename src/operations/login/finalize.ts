import { present } from '../../present.ts'
import type { CancelRequest } from '../../ports/transactions-object.ts'
import type { Ports } from '../../ports/ports.ts'
import type { ServiceKey } from '../../ports/service-keys.ts'
import { encodeHex } from '../../bytes.ts'
import type { CheckFinalize, SubjectFields } from '../../protocol/login/client-request.ts'
import { done, type Outcome, type Refusal, refuse } from '../../refusal.ts'
import type { FinalizedLogin } from '../../rules/login/transaction.ts'
import type { Source } from '../../vocabulary.ts'
import { admitAnonymous, isAdmittedToCheck, serviceKeyRequired } from '../access/admission.ts'
import { type Credential, hasEnded } from '../access/identify.ts'
import { namedTokens } from './choose-tokens.ts'
import { findTransaction } from './transaction-address.ts'
import { findLoginSubject, loginOwner, type PolicySource, userInputOf } from './login-subject.ts'

/**
 * Finalizes an accepted login, once. Works while D1 is down, because nothing is looked up in the catalogue, with two exceptions: the
 * owner of a token that is named by serial alone, for a caller without a key, if `api_key_required` is for some users; and after a
 * refusal of an id whose login is not the caller's, or is gone, whether there is such a user or token. `source`: the address that is believed.
 * Refuses: `transaction_unknown` for an id that is forged, used up, another owner's or another key's; as `namedTokens` in its place,
 * unless the id is forged; `not_accepted`;
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
  const hasApiToken = credential.kind === 'administrator' || credential.kind === 'user'
  // To a stranger nothing is looked up for a forged id: it costs its MAC.
  if (found === undefined && !hasApiToken) return refuse({ reason: 'transaction_unknown' })
  const bearer = await bearerOf(ports, credential, source, request)
  if (bearer.hasEnded) return refuse({ reason: 'service_key_required', expired: true })
  // A service key may have opened the login, which its shard knows. An API token has not.
  if (hasApiToken && !bearer.caller.admitted) return refuse(serviceKeyRequired(credential))
  if (found === undefined) return refuse({ reason: 'transaction_unknown' })
  const attempt = encodeHex(ports.random(8))
  const { address, userAgent, receivedAt } = source
  const origin = { action: route, address, userAgent, ...present({ receivedAt }) }
  const { caller } = bearer
  const finalized = await found.shard.finalize({ id: found.id, entry: request.entry, origin, attempt, ...caller })
  if (finalized.ok || finalized.refusal.reason !== 'transaction_unknown') return finalized
  // Its shard knows the user or token of a login that it has; otherwise the catalogue is asked, which may be away.
  const isAsked = caller.admitted && finalized.refusal.isCallers !== true
  const fault = isAsked ? await subjectFault(ports, source, request) : undefined
  return refuse(fault ?? { reason: 'transaction_unknown' })
}

/** The refusal that a first leg with these fields would get, which as in privacyIDEA is also the answer to the second. Undefined if
 *  the fields name a user's token, or if the database does not answer. It tells who exists, so it is for admitted callers only. */
async function subjectFault(
  ports: Pick<Ports, 'subjects' | 'deployment' | 'now'>,
  source: Source,
  fields: SubjectFields,
): Promise<Refusal | undefined> {
  const subject = await findLoginSubject(ports, fields, source)
  const named = subject.ok ? namedTokens(subject.value, fields) : done([])
  return named.ok ? undefined : named.refusal
}

/** Finds a service key by a secret. One that this isolate does not know may be new, or made up: the catalogue is asked once in two
 *  seconds. Undefined also if it does not answer. */
async function findKey({ deployment }: Pick<Ports, 'deployment'>, hash: string): Promise<ServiceKey | undefined> {
  const known = deployment.cached()
  if (known === undefined || known.serviceKeys.has(hash)) return known?.serviceKeys.get(hash)
  const fresh = await deployment.reloadForUnknown()
  return fresh.ok ? fresh.value.serviceKeys.get(hash) : undefined
}

interface Bearer {
  readonly caller: Omit<CancelRequest, 'id'>
  /** The caller's service key has expired, or is a secret whose time is over. */
  readonly hasEnded: boolean
}

/** Who finalizes a login, and whether the endpoint admits the caller; a caller without a credential has been admitted already. The
 *  catalogue is asked only if this isolate does not know the deployment, or this key, yet. */
export async function bearerOf(
  ports: Pick<Ports, 'limits' | 'subjects' | 'tokens' | 'deployment' | 'now'>,
  credential: Credential,
  from: PolicySource,
  subject: SubjectFields,
): Promise<Bearer> {
  const userInput = userInputOf(subject)
  const admitted = credential.kind === 'none' || (await isAdmittedToCheck(ports, credential, from, subject))
  const known = userInput === undefined ? undefined : await ports.deployment.cachedOrReload()
  const snapshot = known?.ok === true ? known.value : undefined
  const key = credential.kind === 'key' ? await findKey(ports, credential.hash) : undefined
  const owner = userInput && snapshot && loginOwner(userInput, snapshot, from, ports.now())
  const caller = {
    admitted,
    userInput,
    ...present({ owner, serial: subject.serial }),
    ...(credential.kind === 'key' ? { keyHash: credential.hash, ...present({ keyHashes: key?.hashes }) } : {}),
  }
  return { caller, hasEnded: key !== undefined && hasEnded(key, ports.now()) }
}
