/** Audit records of requests that change nothing in the catalogue: refusals, sign-ins, and what a phone posts. */
import { present } from '../present.ts'
import type { Credential } from '../operations/access/identify.ts'
import type { AuditedRequest } from '../operations/login/record-request.ts'
import { recordRequest } from '../operations/login/record-request.ts'
import type { Refusal } from '../refusal.ts'
import type { Owner } from '../vocabulary.ts'
import type { HttpContext } from './context.ts'
import { wireForm } from './respond.ts'

/** The user, token, login and caller that a request names, as far as it does. */
interface RequestSubject {
  readonly user?: string | undefined
  readonly realm?: string | undefined
  readonly owner?: Owner | undefined
  readonly serial?: string | undefined
  readonly transactionId?: string | undefined
  readonly administrator?: string | undefined
  readonly caller?: Credential | undefined
}

/** Refusals that a caller cannot tell from others by their message. The audit adds the reason for administrators. */
const SHARED_MESSAGES: ReadonlySet<Refusal['reason']> = new Set([
  'transaction_unknown',
  'declined',
  'unanswered',
  'sign_in_paused',
])
/** Refusals of a sign-in: errors over HTTP, rejected logins in the audit. */
const REJECTED_SIGN_INS: ReadonlySet<Refusal['reason']> = new Set([
  'credentials_wrong',
  'sign_in_paused',
  'realm_unknown',
  'username_missing',
])

/** Records a refusal after the response is sent. Refusals of one action and reason are limited per second. */
export function recordRefusal(c: HttpContext, action: string, refusal: Refusal, subject: RequestSubject = {}): void {
  const { kind, message } = wireForm(refusal)
  const { reason } = refusal
  const isRejected = kind === 'reject' || REJECTED_SIGN_INS.has(reason)
  const authentication = reason === 'declined' ? 'DECLINED' : isRejected ? 'REJECT' : ''
  const info = SHARED_MESSAGES.has(reason) ? `${message} (${reason})` : message
  recordLater(c, { action, success: false, authentication, info }, subject, `${action} ${reason}`)
}

/** Records a request that succeeded, after the response is sent. */
export function recordSuccess(
  c: HttpContext,
  action: string,
  info: string,
  subject: RequestSubject,
  authentication = '',
): void {
  recordLater(c, { action, success: true, authentication, info }, subject)
}

/** Records a phone's answer that belongs to no open challenge. */
export function recordUnmatchedAnswer(c: HttpContext, action: string, serial: string): void {
  const info = 'no open challenge of this phone, or not its signature'
  recordLater(c, { action, success: false, authentication: '', info }, { serial }, `${action} unheard`)
}

/** Records a login that a policy accepted without a token. */
export function recordTokenlessLogin(c: HttpContext, action: string, policy: string, subject: RequestSubject): void {
  recordSuccess(c, action, `no token, policy ${policy}`, subject, 'ACCEPT')
}

type Result = Pick<AuditedRequest, 'action' | 'success' | 'authentication' | 'info'>

function recordLater(c: HttpContext, result: Result, subject: RequestSubject, kind?: string): void {
  const { user, realm, owner, serial, transactionId, administrator, caller: by } = subject
  const transaction = transactionId !== undefined && /^\d{20}$/.test(transactionId) ? transactionId : undefined
  const request = { ...result, ...present({ user, realm, owner, serial, transaction, administrator, by }) }
  c.executionCtx.waitUntil(recordRequest(c.var.ports, c.var.source, request, kind))
}
