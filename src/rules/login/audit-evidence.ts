/** Which audit records strangers cause. Theirs have a budget; evidence of real logins and of administration has none. */
import type { Refusal } from '../../refusal.ts'

type Reason = Refusal['reason']

/** The credential was refused, so what it says of its sender is not known to be true. */
const REFUSED_CREDENTIAL: ReadonlySet<Reason> = new Set([
  'authorization_missing',
  'authorization_undecodable',
  'authorization_expired',
  'service_key_expired',
  'service_key_required',
])

/** A refused request, as far as it decides whether a stranger made it. */
export interface RefusedCaller {
  readonly reason: Reason
  /** Whether it is about a login. Services pass on what anybody types at their login pages. */
  readonly isLogin: boolean
  /** Whether it has the credential of a service, an administrator or a user. */
  readonly hasCredential: boolean
  /** Whether it names an administrator who exists. */
  readonly namesAdministrator: boolean
}

/**
 * Whether a stranger caused this refusal. Two refusals of a login are evidence, whoever sends it: a wrong PIN, which exists only for
 * a token that exists and which the token's lock bounds, and the wrong password of an administrator, which the pause after five bounds.
 * After the lock or in the pause it is a stranger's. So are all refusals that nothing bounds: unknown users, finalizing too early or
 * twice, answers to no challenge.
 */
export function isStrangers({ reason, isLogin, hasCredential, namesAdministrator }: RefusedCaller): boolean {
  if (reason === 'pin_wrong' || reason === 'pin_pending' || (reason === 'credentials_wrong' && namesAdministrator))
    return false
  return isLogin || !hasCredential || REFUSED_CREDENTIAL.has(reason)
}
