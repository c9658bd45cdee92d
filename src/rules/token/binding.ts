/** When a phone comes to log a user in. */
import type { Instant, Owner, Revision, RolloutState } from '../../vocabulary.ts'
import type { Binding } from '../../vocabulary/notices.ts'
import { isSameOwner } from './token.ts'

interface BindableToken {
  readonly owner?: Owner
  readonly state: RolloutState
  readonly active: boolean
  readonly revoked: boolean
  readonly phoneKey?: string
  /** The revision at which it last came to log its owner in. */
  readonly boundRevision?: Revision
  readonly validUntil?: Instant
}

const isBound = ({ owner, state, active, revoked, phoneKey }: BindableToken): boolean =>
  owner !== undefined && state === 'enrolled' && active && !revoked && phoneKey !== undefined

/** Returns how the token's phone came to log its owner in by this change; undefined if it did before, or does not now. A token whose
 *  period of validity was over and is longer now counts as enabled, and so does one that was disabled and enabled again in between. */
export function newBinding(before: BindableToken, after: BindableToken, now: Instant): Binding | undefined {
  if (!isBound(after)) return undefined
  if (before.phoneKey !== after.phoneKey) return before.phoneKey === undefined ? 'enrolled' : 're_enrolled'
  if (!isSameOwner(before.owner, after.owner)) return 'assigned'
  if (before.state !== 'enrolled') return 're_enrolled'
  const wasOver = before.validUntil !== undefined && before.validUntil < now
  const isOver = after.validUntil !== undefined && after.validUntil < now
  const isBoundAnew = after.boundRevision !== undefined && after.boundRevision !== before.boundRevision
  return !isBound(before) || (wasOver && !isOver) || isBoundAnew ? 'enabled' : undefined
}
