import type { Ports } from '../../ports/ports.ts'
import type { Outcome } from '../../refusal.ts'
import { done, outcomeOf, refuse } from '../../refusal.ts'
import type { Quota } from '../../rules/deployment/quota.ts'
import type { Terms } from '../../rules/login/terms.ts'
import type { Owner, TransactionId } from '../../vocabulary.ts'
import { digest } from '../access/digest.ts'

/** So many objects count for all owners. */
const COUNTERS = 16

/** A quota of an owner's, and where it is counted. */
export interface OwnersQuota extends Quota {
  readonly counter: string
  readonly name: string
}

/** Where an owner's logins are counted. */
export async function ownersQuota(owner: Owner, which: 'failed' | 'successful', quota: Quota): Promise<OwnersQuota> {
  const name = await digest(JSON.stringify([owner.realm, owner.login]))
  const counter = `owners/${Number.parseInt(name.slice(0, 2), 16) % COUNTERS}`
  return { ...quota, counter, name: `${which}/${name}` }
}

/** What a login may count against. */
export interface HeldQuotas {
  /** The failure it is until its PIN was right. */
  readonly failure?: OwnersQuota
  /** What it takes once it is used. */
  readonly success?: OwnersQuota
}

/**
 * The login counts as a failed one before its PIN is compared, so that no more are compared at once than may fail; and there
 * is room for one more that succeeds. One call for each of the two that policy limits, none without.
 * Refuses: `logins_limited`.
 */
export async function holdLogin(
  { counters }: Pick<Ports, 'counters'>,
  { failures, successes }: Terms,
  owner: Owner | undefined,
  id: TransactionId,
  pinAsked: boolean,
): Promise<Outcome<HeldQuotas>> {
  if (owner === undefined) return done({})
  const success = successes && (await ownersQuota(owner, 'successful', successes))
  if (success !== undefined && !(await counters.of(success.counter).hasRoom(success.name, success)))
    return limited('successful', success)
  const failure = failures && pinAsked ? await ownersQuota(owner, 'failed', failures) : undefined
  if (failure !== undefined && !(await counters.of(failure.counter).take(failure.name, id, failure)))
    return limited('failed', failure)
  return done({ ...(failure === undefined ? {} : { failure }), ...(success === undefined ? {} : { success }) })
}

/** The refusal of a login that is one too many. */
export const limited = (which: 'failed' | 'successful', { most, within }: Quota): Outcome<never> =>
  refuse({ reason: 'logins_limited', which, most, within })

/** The login was no wrong PIN. Where that cannot be told it counts as one: rather one login too few than one guess too many. */
export async function releaseLogin(
  { counters }: Pick<Ports, 'counters'>,
  { failure }: HeldQuotas,
  id: TransactionId,
): Promise<void> {
  if (failure !== undefined) await outcomeOf(counters.of(failure.counter).giveBack(failure.name, id))
}
