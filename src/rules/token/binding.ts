/** When a phone comes to log a user in. */
import type { Instant, Owner, RolloutState } from '../../vocabulary.ts'
import type { Binding } from '../../vocabulary/notices.ts'
import { isSameOwner } from './token.ts'

interface BindableToken {
  readonly owner?: Owner
  readonly state: RolloutState
  readonly active: boolean
  readonly revoked: boolean
  readonly phoneKey?: string
  readonly validUntil?: Instant
}

const isBound = ({ owner, state, active, revoked, phoneKey }: BindableToken): boolean =>
  owner !== undefined && state === 'enrolled' && active && !revoked && phoneKey !== undefined

/** Returns how the token's phone came to log its owner in by this change; undefined if it did before, or does not now. A token whose
 *  period of validity was over and is longer now counts as enabled. */
export function newBinding(before: BindableToken, after: BindableToken, now: Instant): Binding | undefined {
  if (!isBound(after)) return undefined
  if (before.phoneKey !== after.phoneKey) return before.phoneKey === undefined ? 'enrolled' : 're_enrolled'
  if (!isSameOwner(before.owner, after.owner)) return 'assigned'
  if (before.state !== 'enrolled') return 're_enrolled'
  const wasOver = before.validUntil !== undefined && before.validUntil < now
  const isOver = after.validUntil !== undefined && after.validUntil < now
  return !isBound(before) || (wasOver && !isOver) ? 'enabled' : undefined
}
