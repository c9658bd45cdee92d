/** How many tokens there may be, and what policy wants of a new one. */
import { done, refuse, type Outcome } from '../../refusal.ts'
import type { TokenType } from '../../vocabulary.ts'
import { type PolicySet, singleValue, type Situation, unionOfWords } from '../policy/policy-set.ts'
import { allValues } from '../policy/values.ts'

/** So many tokens at most: of one owner, or of all owners of a realm together. */
export interface TokenLimit {
  readonly of: 'owner' | 'realm'
  /** Of this type; of every type. */
  readonly type?: TokenType
  /** Only those that are active, or wait for their phone: that one will be. */
  readonly activeOnly: boolean
  readonly most: number
}

/** Every limit that a new token of this owner has to keep to; of several policies the largest number counts.
 *  A token of nobody is not limited. Source: docs/protocol.md, "General actions". */
export function tokenLimits(set: PolicySet, type: TokenType, situation: Situation): Outcome<readonly TokenLimit[]> {
  if (situation.owner === undefined) return done([])
  const limits = [
    { action: 'max_token_per_user', of: 'owner', activeOnly: false },
    { action: `${type}_max_token_per_user`, of: 'owner', type, activeOnly: false },
    { action: 'max_active_token_per_user', of: 'owner', activeOnly: true },
    { action: `${type}_max_active_token_per_user`, of: 'owner', type, activeOnly: true },
    { action: 'max_token_per_realm', of: 'realm', activeOnly: false },
  ] as const
  const found: TokenLimit[] = []
  for (const { action, ...limit } of limits) {
    const values = allValues(set, 'enrollment', action, situation)
    if (!values.ok) return values
    if (values.value.length > 0) found.push({ ...limit, most: Math.max(...values.value.map(Number)) })
  }
  return done(found)
}

/** Refuses: `description_missing`. */
export function checkDescription(
  set: PolicySet,
  type: TokenType,
  situation: Situation,
  description: string,
): Outcome<void> {
  const types = unionOfWords(set, 'enrollment', 'require_description', situation)
  if (!types.ok) return types
  return types.value.includes(type) && description.trim() === ''
    ? refuse({ reason: 'description_missing', type })
    : done(undefined)
}

/** How many digits the random PIN of a new token has, if it has one. Refuses: `policy_conflict`. */
export function randomPinDigits(set: PolicySet, situation: Situation): Outcome<number | undefined> {
  const digits = singleValue(set, 'enrollment', 'otp_pin_random', situation)
  if (!digits.ok) return digits
  return done(digits.value === undefined ? undefined : Number(digits.value))
}
