import { present } from '../../present.ts'
import type { Ports } from '../../ports/ports.ts'
import type { SubjectFields } from '../../protocol/login/client-request.ts'
import type { Outcome } from '../../refusal.ts'
import { done } from '../../refusal.ts'
import type { SuccessDetail } from '../../rules/login/transaction.ts'
import type { AuthorizedLogin } from './authorize-login.ts'
import { bypassCodeHash } from '../token/bypass-codes.ts'
import { successDetail } from './success-effects.ts'

/** The user passes by a code, which is used up. */
export interface BypassedLogin {
  readonly kind: 'bypassed'
  readonly answer?: SuccessDetail
}

/**
 * Whether this code lets this user in: once, whatever tokens they have, and however many try at once. One round trip to
 * D1. It is the user's and no token's, so a check that names a serial asks for something else. What is expired, used,
 * withdrawn, replaced, somebody else's or made up is undefined, one like the other: the caller goes on as with any PIN.
 * Refuses: `storage_unavailable`, when nobody knows whether it was used up.
 */
export async function useBypass(
  ports: Pick<Ports, 'bypassCodes' | 'now'>,
  { meant, caller, source, terms }: AuthorizedLogin,
  asked: { readonly subject: SubjectFields; readonly code: string; readonly route: string },
): Promise<Outcome<BypassedLogin | undefined>> {
  const { owner, userKnown } = meant
  const { subject, code, route } = asked
  if (owner === undefined || !userKnown || subject.user === undefined || subject.serial !== undefined)
    return done(undefined)
  const used = await ports.bypassCodes.consume({
    owner,
    hash: await bypassCodeHash(owner, code),
    at: ports.now(),
    action: route,
    ...present({ service: caller.kind === 'service' ? caller.name : undefined }),
    address: source.address,
    userAgent: source.userAgent,
  })
  if (!used.ok) return used
  return done(used.value ? { kind: 'bypassed', ...present({ answer: successDetail(terms.answer, meant) }) } : undefined)
}
