/** Whether a phone is rung for a login that opens. No clock, no storage. */
import type { Instant } from '../../vocabulary.ts'
import type { PushFirewall, Restriction } from '../../vocabulary/push-firewall.ts'
import type { NewRing } from './phone-rings.ts'
import type { PhoneState, Ring } from './phone-state.ts'
import { isOverBudget } from './ring-budget.ts'

/** Returns why the phone is not to be rung, as a part of the ring; empty if it is to be. A ring that comes again keeps what was
 *  decided. `own`: why it is not to be rung whatever policy says. */
export function restrictionOf(
  state: PhoneState,
  ring: NewRing,
  firewall: PushFirewall | undefined,
  now: Instant,
  own?: 'paused' | 'no_proof',
): Pick<Ring, 'restricted' | 'isShadow'> {
  const again = state.rings.find(({ transaction }) => transaction === ring.transaction)
  if (again === undefined && own !== undefined) return { restricted: own }
  const restricted = again === undefined ? firewall && whyRestricted(state, ring, now) : again.restricted
  if (restricted === undefined) return {}
  const isShadow = again === undefined ? firewall?.mode === 'shadow' : again.isShadow
  return isShadow === true ? { restricted, isShadow } : { restricted }
}

const whyRestricted = (state: PhoneState, ring: NewRing, now: Instant): Restriction | undefined =>
  isOverBudget(state, ring, now) ? 'over_budget' : undefined
