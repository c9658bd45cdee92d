/** The refusals after which Nod asks the upstream, which may have another token of the user. */
import type { Refusal } from '../../refusal.ts'
import type { HttpContext } from '../context.ts'

/** The reasons that show that a user or token is unknown to Nod. */
const UNKNOWN_HERE: ReadonlySet<Refusal['reason']> = new Set([
  'user_unknown',
  'user_not_in_realm',
  'owner_has_no_tokens',
  'token_unknown',
])

/** The reasons for which no token of Nod's opens the login but another token may. Reasons that forbid the login altogether are not in it. */
const OTHER_TOKEN_MAY: ReadonlySet<Refusal['reason']> = new Set([
  'pin_wrong',
  'pin_pending',
  'no_suitable_token',
  'token_revoked',
  'attempts_exceeded',
  'uses_exceeded',
  'outside_validity',
  'unused_too_long',
  'unanswered',
])

export const isUnknownHere = ({ reason }: Refusal): boolean => UNKNOWN_HERE.has(reason)
export const isForOtherToken = ({ reason }: Refusal): boolean => OTHER_TOKEN_MAY.has(reason)

/** The reason is no refusal of the login: the upstream is asked, and its own audit has what becomes of it. */
export const isPassedOn = (c: HttpContext, { reason }: Refusal): boolean =>
  c.var.ports.upstream !== undefined && (reason === 'served_upstream' || UNKNOWN_HERE.has(reason))
