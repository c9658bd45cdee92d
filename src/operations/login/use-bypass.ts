import { encodeHex } from '../../bytes.ts'
import type { ApiTokenSession } from '../../ports/void-sessions.ts'
import type { Ports } from '../../ports/ports.ts'
import { present } from '../../present.ts'
import type { SubjectFields } from '../../protocol/login/client-request.ts'
import { done, type Outcome } from '../../refusal.ts'
import type { SuccessDetail } from '../../rules/login/transaction.ts'
import type { Notice } from '../../vocabulary/notices.ts'
import { tellPhones } from '../token/tell-phones.ts'
import type { AuthorizedLogin } from './authorize-login.ts'
import { successDetail } from './success-effects.ts'

/** The user logged in with a bypass code, which is used up. */
export interface BypassedLogin {
  readonly kind: 'bypassed'
  readonly detail?: SuccessDetail
}

interface BypassAttempt {
  readonly subject: SubjectFields
  readonly code: string
  /** The route, as the audit names it. */
  readonly action: string
  /** The session that the code begins, which ends if the user says on a phone that it was not them. */
  readonly session?: ApiTokenSession
}

/**
 * Uses up the user's open bypass code, whatever tokens they have; of several attempts at once, one succeeds. Costs one D1 round
 * trip; an open code costs another and a call of the journal: where D1 was put back to an earlier state and nobody has noticed, a code
 * is there that was used, and noticing voids it. Undefined for any other text, be the code expired, used, withdrawn, replaced, somebody else's or made up: the caller goes
 * on as with any PIN. The code is the user's and no token's, so a check that names a serial has none.
 * Refuses: `storage_unavailable`, if it is unknown whether the code is open or was used up.
 */
export async function useBypass(
  ports: Pick<Ports, 'bypassCodes' | 'journal' | 'events' | 'now' | 'random' | 'phones' | 'log'>,
  { subject, caller, source, policy }: AuthorizedLogin,
  { subject: fields, code, action, session }: BypassAttempt,
): Promise<Outcome<BypassedLogin | undefined>> {
  const { owner, isUserKnown } = subject
  if (owner === undefined || !isUserKnown || fields.user === undefined || fields.serial !== undefined)
    return done(undefined)
  const at = ports.now()
  const open = await ports.bypassCodes.openHash({ owner, code, at })
  if (!open.ok) return open
  const hash = open.value
  if (hash === undefined) return done(undefined)
  const checked = await ports.journal.check({})
  if (!checked.ok) return checked
  const consumed = await ports.bypassCodes.consume({
    owner,
    hash,
    at,
    action,
    service: caller.kind === 'service' ? caller.name : undefined,
    address: source.address,
    userAgent: source.userAgent,
  })
  if (!consumed.ok) return consumed
  if (!consumed.value) return done(undefined)
  void ports.events.report({
    type: 'bypass_code_used',
    id: encodeHex(ports.random(16)),
    at,
    owner,
    ...present({
      service: caller.kind === 'service' ? caller.name : undefined,
      address: source.isEndUser === true ? source.address : undefined,
    }),
  })
  const notice: Notice = {
    id: `bypass_code_used:${at}`,
    at,
    subject: { kind: 'bypass_code_used', ...present({ session }) },
  }
  await tellPhones(ports, { owner, tokens: subject.tokens, snapshot: subject.snapshot }, notice, at)
  return done({ kind: 'bypassed', detail: successDetail(policy.detail, subject) })
}
