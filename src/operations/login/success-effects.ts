import type { SuccessDetailPolicy, AuthorizationPolicy } from '../../rules/login/authorization-policy.ts'
import type { SuccessEffects, SuccessDetail } from '../../rules/login/transaction.ts'
import { RESOLVER } from '../../vocabulary.ts'
import type { ReservedQuotas } from './quotas.ts'
import type { LoginSubject } from './login-subject.ts'

/** Decides what a success entails besides: undefined if no policy wants anything. Tokens are reset if the login was for all of
 *  them, not for one by its serial. */
export function successEffects(
  { detail, resetsAllTokens }: AuthorizationPolicy,
  { success }: ReservedQuotas,
  subject: LoginSubject,
): SuccessEffects | undefined {
  const registered = subject.tokens.filter(({ phoneKey }) => phoneKey !== undefined)
  const resets = resetsAllTokens && registered.length > 1 ? registered.map(({ serial }) => serial) : undefined
  const effects = { quota: success, resets, detail: successDetail(detail, subject) }
  return Object.values(effects).some((effect) => effect !== undefined) ? effects : undefined
}

/** The fields about its user that policies add to the answer of a success. None of them helps anybody to log in.
 *  Source: docs/protocol.md, "General actions"; golden 24-check-shapes. */
export function successDetail(
  { includesUser, includesResolver, isEmpty }: SuccessDetailPolicy,
  { owner, person }: LoginSubject,
): SuccessDetail | undefined {
  if (isEmpty) return 'bare'
  if (owner === undefined || !(includesUser || includesResolver)) return undefined
  const { login, realm } = owner
  const user = {
    username: login,
    userid: login,
    givenname: person?.givenName ?? '',
    surname: person?.surname ?? '',
    email: person?.email ?? '',
    mobile: '',
    phone: '',
  }
  return {
    ...(includesUser ? { user } : {}),
    ...(includesResolver ? { 'user-resolver': RESOLVER, 'user-realm': realm } : {}),
  }
}
