import type { Ports } from '../../ports/ports.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { Quota } from '../../rules/deployment/quota.ts'
import type { AuthorizationPolicy } from '../../rules/login/authorization-policy.ts'
import type { Owner, TransactionId } from '../../vocabulary.ts'
import { digest } from '../access/digest.ts'

/** So many objects count for all owners. */
const COUNTERS = 16

/** A quota of an owner's, and where it is counted. */
export interface OwnerQuota extends Quota {
  readonly counter: string
  readonly name: string
}

/** Where an owner's logins are counted. */
export async function ownerQuota(owner: Owner, which: 'failed' | 'successful', quota: Quota): Promise<OwnerQuota> {
  const name = await digest(JSON.stringify([owner.realm, owner.login]))
  const counter = `owners/${Number.parseInt(name.slice(0, 2), 16) % COUNTERS}`
  return { ...quota, counter, name: `${which}/${name}` }
}

/** What a login may count against. */
export interface ReservedQuotas {
  /** The failure it is until its PIN was right. */
  readonly failure?: OwnerQuota
  /** What it takes once it is used. */
  readonly success?: OwnerQuota
}

/**
 * The login counts as a failed one before its PIN is compared, so that no more are compared at once than may fail; and there
 * is room for one more that succeeds. One call for each of the two that policy limits, none without.
 * Refuses: `logins_limited`.
 */
export async function reserveQuotas(
  { counters }: Pick<Ports, 'counters'>,
  { failures, successes }: AuthorizationPolicy,
  owner: Owner | undefined,
  id: TransactionId,
  pinAsked: boolean,
): Promise<Outcome<ReservedQuotas>> {
  if (owner === undefined) return done({})
  const success = successes && (await ownerQuota(owner, 'successful', successes))
  if (success !== undefined) {
    const hasRoom = await counters.of(success.counter).hasRoom({ name: success.name, quota: success })
    if (!hasRoom.ok) return hasRoom
    if (!hasRoom.value) return refuseLimited('successful', success)
  }
  const failure = failures && pinAsked ? await ownerQuota(owner, 'failed', failures) : undefined
  if (failure !== undefined) {
    const reserved = await counters.of(failure.counter).reserve({ name: failure.name, id, quota: failure })
    if (!reserved.ok) return reserved
    if (!reserved.value) return refuseLimited('failed', failure)
  }
  return done({ ...(failure === undefined ? {} : { failure }), ...(success === undefined ? {} : { success }) })
}

/** The refusal of a login that is one too many. */
export const refuseLimited = (which: 'failed' | 'successful', { most, within }: Quota): Outcome<never> =>
  refuse({ reason: 'logins_limited', which, most, within })

/** The login was no wrong PIN. Where that cannot be told it counts as one: rather one login too few than one guess too many. */
export async function releaseQuotas(
  { counters }: Pick<Ports, 'counters'>,
  { failure }: ReservedQuotas,
  id: TransactionId,
): Promise<void> {
  if (failure !== undefined) await counters.of(failure.counter).cancelReservation({ name: failure.name, id })
}
