import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { Quota } from '../../rules/deployment/quota.ts'
import { quotaCounter, quotaName, userDigestText } from '../../rules/deployment/user-counters.ts'
import type { AuthorizationPolicy } from '../../rules/login/authorization-policy.ts'
import type { Owner, TransactionId } from '../../vocabulary.ts'
import { digest } from '../access/digest.ts'

/** A quota of one owner, and where it is counted. */
export interface OwnerQuota extends Quota {
  readonly counter: string
  readonly name: string
}

/** Names the counter of an owner's logins. */
export async function ownerQuota(owner: Owner, outcome: 'failed' | 'successful', quota: Quota): Promise<OwnerQuota> {
  const user = await digest(userDigestText(owner))
  return { ...quota, counter: quotaCounter(user), name: quotaName(outcome, user) }
}

/** The quotas that a login counts against. */
export interface ReservedQuotas {
  /** Counted already: the login is a failure until its PIN has matched. */
  readonly failure?: OwnerQuota
  /** Counted once the login is finalized. */
  readonly success?: OwnerQuota
}

/**
 * Reserves a failed login before the PIN is compared, so that no more are compared at once than may fail, and checks that there is
 * room for a successful one. `pinCheck`: the login whose PIN is compared, if one is. Costs one call for each of the two quotas that a policy sets.
 * Refuses: `logins_limited`, `storage_unavailable`.
 */
export async function reserveQuotas(
  { counters }: Pick<Ports, 'counters'>,
  { failureQuota, successQuota }: AuthorizationPolicy,
  owner: Owner | undefined,
  pinCheck: TransactionId | undefined,
): Promise<Outcome<ReservedQuotas>> {
  if (owner === undefined) return done({})
  const success = successQuota && (await ownerQuota(owner, 'successful', successQuota))
  if (success !== undefined) {
    const hasRoom = await counters.of(success.counter).hasRoom({ name: success.name, quota: success })
    if (!hasRoom.ok) return hasRoom
    if (!hasRoom.value) return refuseLimited('successful', success)
  }
  const failure = failureQuota && pinCheck !== undefined ? await ownerQuota(owner, 'failed', failureQuota) : undefined
  if (failure !== undefined && pinCheck !== undefined) {
    const request = { name: failure.name, id: pinCheck, quota: failure }
    const reserved = await counters.of(failure.counter).reserve(request)
    if (!reserved.ok) return reserved
    if (!reserved.value) return refuseLimited('failed', failure)
  }
  return done({ failure, success })
}

/** Refuses a login over the quota. */
export const refuseLimited = (outcome: 'failed' | 'successful', { most, within }: Quota): Outcome<never> =>
  refuse({ reason: 'logins_limited', outcome, most, window: within })

/** Takes back the reserved failure: the PIN was not wrong. If the counter cannot be reached, the failure stays counted: one login
 *  too few is better than one guess too many. */
export async function releaseQuotas(
  { counters }: Pick<Ports, 'counters'>,
  { failure }: ReservedQuotas,
  id: TransactionId,
): Promise<void> {
  if (failure !== undefined) await counters.of(failure.counter).cancelReservation({ name: failure.name, id })
}
