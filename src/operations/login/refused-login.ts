/** What becomes of a refused login: what its caller is told, and what the audit keeps. Decided here, rendered in `http/`. */
import type { Ports } from '../../ports/ports.ts'
import type { SubjectFields } from '../../protocol/login/client-request.ts'
import { isRejection, type Outcome, type Refusal } from '../../refusal.ts'
import { type Disclosure, disclosurePolicy } from '../../rules/login/disclosure.ts'
import { isActionUsed } from '../../rules/policy/policy-set.ts'
import type { Source } from '../../vocabulary.ts'
import { resolveSource } from '../access/believed-address.ts'
import { findOwner, situationOf, userInputOf } from './login-subject.ts'
import type { AuditedRequest } from './record-request.ts'

/** A call about a login. */
export interface LoginCall {
  /** The route, as the audit names it. */
  readonly action: string
  readonly source: Source
  readonly subject: SubjectFields
  /** As the caller wrote it. */
  readonly transactionId?: string
}

export interface RefusedLogin {
  readonly ok: false
  readonly refusal: Refusal
  readonly disclosure: Disclosure
  readonly record: RefusedRequest
}

/** What the audit keeps of a refused request, beside the words for its refusal. */
export type RefusedRequest = Pick<AuditedRequest, 'action' | 'source' | 'user' | 'realm' | 'serial' | 'transactionId'>

export type LoginOutcome<T> = { readonly ok: true; readonly value: T } | RefusedLogin

/** Adds to a refusal what is disclosed and what is recorded of it. An error always tells its reason: policies hide the reasons
 *  of rejected logins alone. */
export async function discloseByPolicy<T>(
  ports: Pick<Ports, 'subjects' | 'tokens' | 'deployment' | 'now'>,
  call: LoginCall,
  work: Promise<Outcome<T>>,
): Promise<LoginOutcome<T>> {
  const outcome = await work
  if (outcome.ok) return outcome
  const { refusal } = outcome
  return refusedLogin(call, refusal, isRejection(refusal) ? await disclosureFor(ports, call) : 'full')
}

export const refusedLogin = (call: LoginCall, refusal: Refusal, disclosure: Disclosure): RefusedLogin => {
  const { action, source, transactionId } = call
  const { user, realm, serial } = call.subject
  return { ok: false, refusal, disclosure, record: { action, source, user, realm, serial, transactionId } }
}

/** What policies, as this isolate knows them, let a rejected login tell. The catalogue is asked whose token it is about only
 *  where one of them hides anything. */
async function disclosureFor(
  ports: Pick<Ports, 'subjects' | 'tokens' | 'deployment' | 'now'>,
  { source: from, subject }: LoginCall,
): Promise<Disclosure> {
  const snapshot = await ports.deployment.cachedOrReload()
  if (!snapshot.ok) return 'full'
  const { policySet } = snapshot.value
  const isHidden =
    isActionUsed(policySet, 'authentication', 'hide_specific_error_message') ||
    isActionUsed(policySet, 'authorization', 'no_detail_on_fail')
  if (!isHidden) return 'full'
  const source = resolveSource(from, snapshot.value)
  const owner = await findOwner(ports, subject, snapshot.value, source)
  // Without the owner, no policy can be ruled out.
  if (!owner.ok) return 'nothing'
  return disclosurePolicy(
    policySet,
    situationOf({ owner: owner.value, userInput: userInputOf(subject) }, source, ports.now()),
  )
}
