/** How many tokens there may be, and what a new token must have. */
import { done, refuse, type Outcome } from '../../refusal.ts'
import type { TokenType } from '../../vocabulary.ts'
import { checkRandomPinForProfile } from '../login/profile.ts'
import { LIMIT_ACTIONS, NEW_TOKEN_ACTIONS } from '../policy/actions/enrollment.ts'
import type { PolicySet, Situation } from '../policy/policy-set.ts'
import { only, readActions } from '../policy/read-actions.ts'

/** At most `most` tokens: of one owner, or of all owners of a realm together. */
export interface TokenLimit {
  readonly of: 'owner' | 'realm'
  /** Limits tokens of this type only; absent: tokens of every type. */
  readonly type?: TokenType
  /** Limits active tokens only. A token that waits for its phone counts as active. */
  readonly activeOnly: boolean
  readonly most: number
}

/** Lists the limits for a new token of this owner. A token without an owner is not limited.
 *  Refuses: `condition_unknown`. Source: docs/protocol.md, "General actions". */
export function tokenLimits(set: PolicySet, type: TokenType, situation: Situation): Outcome<readonly TokenLimit[]> {
  if (situation.owner === undefined) return done([])
  const found = readActions(set, LIMIT_ACTIONS, situation, { app: type })
  if (!found.ok) return found
  const limits = [
    { most: found.value.max_token_per_user, of: 'owner', activeOnly: false },
    { most: found.value.push_max_token_per_user, of: 'owner', type, activeOnly: false },
    { most: found.value.max_active_token_per_user, of: 'owner', activeOnly: true },
    { most: found.value.push_max_active_token_per_user, of: 'owner', type, activeOnly: true },
    { most: found.value.max_token_per_realm, of: 'realm', activeOnly: false },
  ] as const
  return done(limits.flatMap(({ most, ...limit }) => (most === undefined ? [] : [{ ...limit, most }])))
}

/** Accepts a new token that has a description, or needs none. Refuses: `description_missing`, `condition_unknown`. */
export function checkDescription(
  set: PolicySet,
  type: TokenType,
  situation: Situation,
  description: string,
): Outcome<void> {
  const found = readActions(set, only(NEW_TOKEN_ACTIONS, 'require_description'), situation)
  if (!found.ok) return found
  return found.value.require_description.includes(type) && description.trim() === ''
    ? refuse({ reason: 'description_missing', type })
    : done(undefined)
}

/** How many digits the random PIN of a new token has; undefined where it gets none.
 *  Refuses: `policy_conflict`, `condition_unknown`, `profile_contradicted`. */
export function randomPinDigits(set: PolicySet, situation: Situation): Outcome<number | undefined> {
  const found = readActions(set, only(NEW_TOKEN_ACTIONS, 'otp_pin_random'), situation)
  if (!found.ok) return found
  const digits = found.value.otp_pin_random
  const met = digits === undefined ? done(undefined) : checkRandomPinForProfile(set, situation, digits)
  return met.ok ? done(digits) : met
}
