import { present } from '../present.ts'
import type { Credential } from '../operations/access/identify.ts'
import type { AuditedRequest } from '../operations/login/record-request.ts'
import { recordRequest } from '../operations/login/record-request.ts'
import type { Refusal } from '../refusal.ts'
import type { Owner } from '../vocabulary.ts'
import type { HttpContext } from './context.ts'
import { wireForm } from './respond.ts'

/** Whom a request is about, as far as it says. */
interface RequestSubject {
  readonly user?: string | undefined
  readonly realm?: string | undefined
  readonly owner?: Owner | undefined
  readonly serial?: string | undefined
  readonly transactionId?: string | undefined
  readonly administrator?: string | undefined
  readonly by?: Credential | undefined
}

/** Refusals that share their words with others: the caller must not tell them apart, an administrator may. */
const ALIKE: ReadonlySet<Refusal['reason']> = new Set([
  'transaction_unknown',
  'declined',
  'unanswered',
  'sign_in_paused',
])
/** Errors that are a rejected login all the same. */
const REJECTIONS: ReadonlySet<Refusal['reason']> = new Set([
  'credentials_wrong',
  'sign_in_paused',
  'realm_unknown',
  'username_missing',
])

/** The refusal goes into the audit after the response has gone; of one reason, so many a second. */
export function recordRefusal(c: HttpContext, action: string, refusal: Refusal, mentioned: RequestSubject = {}): void {
  const { kind, message } = wireForm(refusal)
  const { reason } = refusal
  const rejected = kind === 'reject' || REJECTIONS.has(reason)
  const authentication = reason === 'declined' ? 'DECLINED' : rejected ? 'REJECT' : ''
  const info = ALIKE.has(reason) ? `${message} (${reason})` : message
  keep(c, { action, success: false, authentication, info }, mentioned, `${action} ${reason}`)
}

/** So does what was done and has no other record. */
export function recordSuccess(
  c: HttpContext,
  action: string,
  info: string,
  mentioned: RequestSubject,
  authentication = '',
): void {
  keep(c, { action, success: true, authentication, info }, mentioned)
}

/** An answer that was taken to no login. */
export function recordUnmatchedAnswer(c: HttpContext, action: string, serial: string): void {
  const info = 'no open challenge of this phone, or not its signature'
  keep(c, { action, success: false, authentication: '', info }, { serial }, `${action} unheard`)
}

type Done = Pick<AuditedRequest, 'action' | 'success' | 'authentication' | 'info'>

function keep(c: HttpContext, what: Done, mentioned: RequestSubject, kind?: string): void {
  const { user, realm, owner, serial, transactionId, administrator, by } = mentioned
  const transaction = transactionId !== undefined && /^\d{20}$/.test(transactionId) ? transactionId : undefined
  const happened = { ...what, ...present({ user, realm, owner, serial, transaction, administrator, by }) }
  c.executionCtx.waitUntil(recordRequest(c.var.ports, c.var.source, happened, kind))
}

/** So does a login that passed without a token, by the policy that let it. */
export function recordTokenlessLogin(c: HttpContext, action: string, policy: string, mentioned: RequestSubject): void {
  recordSuccess(c, action, `no token, policy ${policy}`, mentioned, 'ACCEPT')
}
