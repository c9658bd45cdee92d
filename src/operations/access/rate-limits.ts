/** Limits requests by the network that they come from, and never by the user that they name: so nobody can use up the limit of somebody
 *  elsewhere. Only refused requests count. A network that exceeds a limit is refused whatever costs a look-up. What Nod recognizes without
 *  a look-up goes on, so that those who share the network with an attacker are not shut out. Source: decision 0050. */
import type { Ports } from '../../ports/ports.ts'
import type { SubjectFields } from '../../protocol/login/client-request.ts'
import { done, type Outcome, type Refusal, refuse } from '../../refusal.ts'
import { isLoopback, networkOf, parseAddress } from '../../rules/deployment/addresses.ts'
import type { Seconds, Source } from '../../vocabulary.ts'
import type { RateLimitName } from '../../vocabulary/rate-limits.ts'
import { believedAddress } from './believed-address.ts'
import type { Credential } from './identify.ts'

type LimitPorts = Pick<Ports, 'rateLimits' | 'deployment'>

/** Returns the network whose requests are counted: that of the believed address. Undefined where nobody vouches for an address, and for
 *  a loopback address, because a proxy on this machine may send the requests of many callers from it. */
export function limitedNetwork({ rateLimits, deployment }: LimitPorts, source: Source): string | undefined {
  if (rateLimits.status === 'off' || source.peer === undefined) return undefined
  const snapshot = deployment.cached()
  const { address } = snapshot === undefined ? { address: source.peer } : believedAddress(source, snapshot)
  return parseAddress(address) === undefined || isLoopback(address) ? undefined : networkOf(address)
}

/** Refuses: `too_many_requests` while the source has exceeded this limit. */
export function checkLimit(ports: LimitPorts, limit: RateLimitName, source: Source): Outcome<void> {
  const network = limitedNetwork(ports, source)
  return network === undefined ? done(undefined) : admitAfter(ports.rateLimits.wait(limit, network))
}

/** Counts a request about one thing that only Nod hands out, such as a transaction id. Refuses: `too_many_requests` when one network
 *  asks about it too often. */
export function checkRepeats(ports: LimitPorts, source: Source, thing: string): Outcome<void> {
  const network = limitedNetwork(ports, source)
  return network === undefined ? done(undefined) : admitAfter(ports.rateLimits.countRepeat(thing, network))
}

const admitAfter = (wait: Seconds): Outcome<void> =>
  wait > 0 ? refuse({ reason: 'too_many_requests', retryAfter: wait }) : done(undefined)

/** The name of a user or token, for `remember`. */
const nameOf = ({ user, realm, serial }: SubjectFields): string => JSON.stringify([user, realm, serial])

/** Whether the credential is a service key that exists. `isAsked`: reads the deployment anew for an unknown key, once in two seconds at
 *  most. */
async function isService({ deployment }: LimitPorts, credential: Credential, isAsked: boolean): Promise<boolean> {
  if (credential.kind !== 'key') return false
  if (deployment.cached()?.serviceKeys.has(credential.hash) === true) return true
  const fresh = isAsked ? await deployment.reloadForUnknown() : undefined
  return fresh?.ok === true && fresh.value.serviceKeys.has(credential.hash)
}

/** Admits a request by its credential. Services with a key and holders of an API token are not limited.
 *  Refuses: `too_many_requests`. */
export async function limitCaller(
  ports: LimitPorts,
  source: Source,
  caller: Outcome<Credential>,
): Promise<Outcome<void>> {
  const limited = checkLimit(ports, 'miss', source)
  if (limited.ok || !caller.ok) return limited
  const isToken = caller.value.kind === 'administrator' || caller.value.kind === 'user'
  return isToken || (await isService(ports, caller.value, true)) ? done(undefined) : limited
}

/** Admits a request about a login. As `limitCaller`; a request that names a login of Nod's is not limited either, nor one for a user who
 *  has logged in from this network without a key. Refuses: `too_many_requests`. */
export async function limitLogin(
  ports: LimitPorts & Pick<Ports, 'identifiers'>,
  source: Source,
  credential: Credential,
  request: SubjectFields & { readonly transactionId?: string },
): Promise<Outcome<void>> {
  const network = limitedNetwork(ports, source)
  if (network === undefined || (await isService(ports, credential, false))) return done(undefined)
  const { transactionId } = request
  const repeats = transactionId === undefined ? done(undefined) : checkRepeats(ports, source, transactionId)
  if (!repeats.ok) return repeats
  const limited = await limitCaller(ports, source, done(credential))
  if (limited.ok || ports.rateLimits.isRemembered('miss', network, nameOf(request))) return done(undefined)
  const isOurs = transactionId !== undefined && (await ports.identifiers.locate(transactionId)) !== undefined
  return isOurs ? done(undefined) : limited
}

/** Admits a sign-in. While the network is limited, only names that have signed in from it before are admitted, and second legs.
 *  Refuses: `too_many_requests`. */
export async function limitSignIn(
  ports: LimitPorts & Pick<Ports, 'identifiers'>,
  source: Source,
  request: SubjectFields & { readonly transactionId?: string },
): Promise<Outcome<void>> {
  const { transactionId } = request
  const repeats = transactionId === undefined ? done(undefined) : checkRepeats(ports, source, transactionId)
  const limited = repeats.ok ? checkLimit(ports, 'sign_in', source) : repeats
  if (limited.ok || !repeats.ok) return limited
  const network = limitedNetwork(ports, source)
  if (network !== undefined && ports.rateLimits.isRemembered('sign_in', network, nameOf(request)))
    return done(undefined)
  const isOurs = transactionId !== undefined && (await ports.identifiers.locate(transactionId)) !== undefined
  return isOurs ? done(undefined) : limited
}

/** Remembers that this user or token has logged in from here. */
export function rememberLogin(ports: LimitPorts, limit: RateLimitName, source: Source, subject: SubjectFields): void {
  const network = limitedNetwork(ports, source)
  if (network !== undefined) ports.rateLimits.remember(limit, network, nameOf(subject))
}

/** Refusals that are not the caller's fault. */
const NOT_COUNTED: ReadonlySet<Refusal['reason']> = new Set([
  'too_many_requests',
  'storage_unavailable',
  'too_many_waiting',
  'archive_unavailable',
  'audit_incomplete',
  'master_key_mismatch',
  'jurisdiction_mismatch',
  'declined',
  'unanswered',
  'not_accepted',
  'delivery_failed',
  'upstream_unavailable',
  'pin_check_unavailable',
])
/** Refusals of a credential. */
const REFUSED_CREDENTIAL: ReadonlySet<Refusal['reason']> = new Set([
  'authorization_missing',
  'authorization_undecodable',
  'authorization_expired',
  'service_key_required',
])

/** Whether a refusal counts for its network. A refusal of a service with a key does not count, because the service passes on what anybody
 *  types at its login page. Neither does a wrong PIN from a caller without a key: it counts for its token. */
export function isCounted(
  { deployment }: Pick<Ports, 'deployment'>,
  limit: RateLimitName,
  { reason }: Refusal,
  credential: Credential,
): boolean {
  if (NOT_COUNTED.has(reason)) return false
  if (limit === 'sign_in') return true
  if (reason === 'pin_wrong' || reason === 'pin_pending') return false
  const isKnown = credential.kind !== 'key' || deployment.cached()?.serviceKeys.has(credential.hash) === true
  return credential.kind === 'none' || !isKnown || REFUSED_CREDENTIAL.has(reason)
}
