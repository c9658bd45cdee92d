import { done, type Outcome, refuse } from '../../refusal.ts'
import type { Epoch, Instant, Owner, Revision, RolloutState } from '../../vocabulary.ts'
import { FIRST_EPOCH } from '../../vocabulary/catalogue.ts'

/** What `checkUsable` needs of a token. */
interface UsableToken {
  readonly state: RolloutState
  readonly active: boolean
  readonly revoked: boolean
  readonly phoneKey?: string
  readonly signingKey?: string
  readonly validFrom?: Instant
  readonly validUntil?: Instant
}

/** Checks that a token may take part in a login. Refuses: `token_revoked`, `no_suitable_token`, `outside_validity`. */
export function checkUsable(token: UsableToken, now: Instant): Outcome<void> {
  if (token.revoked) return refuse({ reason: 'token_revoked' })
  const enrolled = token.state === 'enrolled' && token.phoneKey !== undefined && token.signingKey !== undefined
  const inTime = now >= (token.validFrom ?? now) && now <= (token.validUntil ?? now)
  if (!enrolled || !token.active) return refuse({ reason: 'no_suitable_token' })
  return inTime ? done(undefined) : refuse({ reason: 'outside_validity' })
}

/** A token's revision and owner when a login was opened with it, and the epoch they were read in. */
export interface TokenAtOpening {
  readonly epoch?: Epoch
  readonly revision?: Revision
  readonly owner?: Owner
}

/** Whether both are the same user, or both are absent. */
export const isSameOwner = (one: Owner | undefined, other: Owner | undefined): boolean =>
  one?.login === other?.login && one?.realm === other?.realm

/** Whether the token has changed since the login opened so that it must not count: another owner, PIN or phone, or disabled; or put
 *  back to an earlier state together with the catalogue. */
export const isVoid = (
  token: { readonly voidBefore?: Revision; readonly voidBeforeEpoch?: Epoch; readonly owner?: Owner },
  opened: TokenAtOpening,
): boolean =>
  (token.voidBeforeEpoch !== undefined && (opened.epoch ?? FIRST_EPOCH) < token.voidBeforeEpoch) ||
  (token.voidBefore !== undefined && opened.revision !== undefined && opened.revision < token.voidBefore) ||
  (opened.owner !== undefined && !isSameOwner(opened.owner, token.owner))
