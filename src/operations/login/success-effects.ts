import { present } from '../../present.ts'
import type { SuccessDetailPolicy, AuthorizationPolicy } from '../../rules/login/authorization-policy.ts'
import type { SuccessEffects, SuccessDetail } from '../../rules/login/transaction.ts'
import { RESOLVER } from '../../vocabulary.ts'
import type { ReservedQuotas } from './quotas.ts'
import type { LoginSubject } from './login-subject.ts'

/** What comes of a login's success; undefined where policy wants nothing. Tokens that begin anew with it are those it was
 *  asked for: of a login by serial that one alone. */
export function successEffects(
  { answer, resetsAll }: AuthorizationPolicy,
  { success }: ReservedQuotas,
  meant: LoginSubject,
): SuccessEffects | undefined {
  const resets = resetsAll && meant.tokens.length > 1 ? meant.tokens.map(({ serial }) => serial) : undefined
  const ending = present({ quota: success, resets, answer: successDetail(answer, meant) })
  return Object.keys(ending).length === 0 ? undefined : ending
}

/** What is told of the user of a login that succeeded: nothing that would let anybody in. Source: docs/protocol.md, "General actions", golden
 *  24-check-shapes. */
export function successDetail(
  { user, resolver, bare }: SuccessDetailPolicy,
  { owner, person }: LoginSubject,
): SuccessDetail | undefined {
  if (bare) return 'bare'
  if (owner === undefined || !(user || resolver)) return undefined
  const { login, realm } = owner
  const known = {
    username: login,
    userid: login,
    givenname: person?.givenName ?? '',
    surname: person?.surname ?? '',
    email: person?.email ?? '',
    mobile: '',
    phone: '',
  }
  return {
    ...(user ? { user: known } : {}),
    ...(resolver ? { 'user-resolver': RESOLVER, 'user-realm': realm } : {}),
  }
}
