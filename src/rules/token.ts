import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import type { Instant, RolloutState } from '../vocabulary.ts'

interface Holdable {
  readonly state: RolloutState
  readonly active: boolean
  readonly revoked: boolean
  readonly phoneKey?: string
  readonly signingKey?: string
  readonly validFrom?: Instant
  readonly validUntil?: Instant
}

/** Whether a token may take part in a login at all. Refuses: `token_revoked`, `no_suitable_token`. */
export function fitness(token: Holdable, now: Instant): Outcome<void> {
  if (token.revoked) return refuse({ reason: 'token_revoked' })
  const enrolled = token.state === 'enrolled' && token.phoneKey !== undefined && token.signingKey !== undefined
  const inTime = now >= (token.validFrom ?? now) && now <= (token.validUntil ?? now)
  return enrolled && token.active && inTime ? done(undefined) : refuse({ reason: 'no_suitable_token' })
}
