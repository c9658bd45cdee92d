import type { Outcome } from '../../refusal.ts'
import { refuse } from '../../refusal.ts'
import { allowedTokens } from '../../rules/login/allowed-tokens.ts'
import type { Situation } from '../../rules/policy/policy-set.ts'
import type { AuthorizationPolicy } from '../../rules/login/authorization-policy.ts'
import { checkUsable } from '../../rules/token/token.ts'
import type { Instant } from '../../vocabulary.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { mostTelling } from './ring.ts'
import type { LoginSubject } from './login-subject.ts'
import type { TriggerRequest } from './trigger.ts'

/** The tokens that may take part. What keeps all of them out is the refusal. */
export function chooseTokens(
  meant: LoginSubject,
  { subject, pin, type }: TriggerRequest,
  { typeCounts, disabledTypes }: AuthorizationPolicy,
  situationFor: (token: Token) => Situation,
  now: Instant,
): Outcome<readonly Token[]> {
  const check = pin !== undefined
  if (subject.user !== undefined && !meant.userKnown)
    return refuse(check ? { reason: 'user_unknown', user: nameFor(meant) } : { reason: 'user_not_in_realm' })
  if (meant.tokens.length === 0) {
    if (meant.ofAnother) return refuse({ reason: check ? 'serial_of_another_owner' : 'no_suitable_token' })
    if (subject.serial !== undefined) return refuse({ reason: check ? 'token_unknown' : 'no_suitable_token' })
    return refuse({ reason: 'owner_has_no_tokens' })
  }
  const wanted = typeCounts ? type?.toLowerCase() : undefined
  const meantBy = ({ type: own }: Token): boolean => !disabledTypes.has(own) && (wanted === undefined || own === wanted)
  const fits = meant.tokens.filter(meantBy).map((token) => ({ token, fit: checkUsable(token, now) }))
  const fit = fits.filter((one) => one.fit.ok).map(({ token }) => token)
  if (fit.length > 0) return allowedTokens(meant.snapshot.policySet, situationFor, fit, now)
  if (check && meant.tokens.every(({ revoked }) => revoked)) return refuse({ reason: 'token_revoked' })
  return refuse(mostTelling(fits.flatMap((one) => (one.fit.ok ? [] : [one.fit.refusal]))))
}

const nameFor = ({ owner, given }: LoginSubject): string =>
  owner === undefined ? (given?.user ?? '') : `${owner.login}@${owner.realm}`
