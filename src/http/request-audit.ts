/** Audit records of requests that change nothing in the catalogue: refusals, sign-ins, and what a phone posts. */
import type { Credential } from '../operations/access/identify.ts'
import { isCounted } from '../operations/access/rate-limits.ts'
import { countRequest } from '../operations/login/count-request.ts'
import { type AuditedRequest, recordRequest } from '../operations/login/record-request.ts'
import type { RefusedLogin } from '../operations/login/refused-login.ts'
import type { Refusal } from '../refusal.ts'
import { type Owner, type Serial, SIGN_IN } from '../vocabulary.ts'
import type { HttpContext } from './context.ts'
import { credentialOrNone } from './credentials.ts'
import { wireForm } from './respond.ts'

/** The user, token, login and caller that a request names, as far as it does. */
interface RequestSubject {
  readonly user?: string
  readonly realm?: string
  readonly owner?: Owner
  readonly serial?: string
  readonly transactionId?: string
  readonly administrator?: string
  readonly caller?: Credential
}

/** Refusals that a caller cannot tell from others by their message. The audit adds the reason for administrators. */
const SHARED_MESSAGES: ReadonlySet<Refusal['reason']> = new Set([
  'transaction_unknown',
  'declined',
  'unanswered',
  'sign_in_paused',
  'service_key_expired',
  'pin_pending',
])
/** Refusals of a sign-in: errors over HTTP, rejected logins in the audit. */
const REJECTED_SIGN_INS: ReadonlySet<Refusal['reason']> = new Set([
  'credentials_wrong',
  'sign_in_paused',
  'sign_in_realm_unknown',
  'username_missing',
])

/** Records a refusal after the response is sent, and counts it for its source. */
export function recordRefusal(c: HttpContext, action: string, refusal: Refusal, subject: RequestSubject = {}): void {
  countLater(c, action, refusal, subject.caller)
  recordLater(
    c,
    { action, source: c.get('source'), ...auditedFields(subject), ...refusalResult(refusal, false) },
    `${action} ${refusal.reason}`,
  )
}

/** Records a refused login after the response is sent, with the fields that its operation chose, and counts it for its source. */
export function recordRefusedLogin(c: HttpContext, { refusal, record }: RefusedLogin, caller?: Credential): void {
  countLater(c, record.action, refusal, caller)
  const service = caller === undefined ? {} : { service: caller }
  recordLater(c, { ...record, ...service, ...refusalResult(refusal, true) }, `${record.action} ${refusal.reason}`)
}

function countLater(c: HttpContext, action: string, refusal: Refusal, caller: Credential = { kind: 'none' }): void {
  const { ports, source } = c.var
  const limit = action === SIGN_IN ? 'sign_in' : 'miss'
  if (isCounted(ports, limit, refusal, caller)) c.executionCtx.waitUntil(countRequest(ports, limit, source, action))
}

/** Counts a request of a phone that no object knew, while D1 could not tell whether there is such a token. */
export function countUnknownPhone(c: HttpContext, action: string, refusal: Refusal, serial: string | undefined): void {
  const { ports, source } = c.var
  const isKnown = serial === undefined || ports.phones.isKnown(serial as Serial)
  if (refusal.reason === 'storage_unavailable' && !isKnown)
    c.executionCtx.waitUntil(countRequest(ports, 'miss', source, action))
}

function refusalResult(
  refusal: Refusal,
  isLogin: boolean,
): Pick<AuditedRequest, 'success' | 'authentication' | 'info' | 'refused'> {
  const { kind, message: told } = wireForm(refusal)
  const { reason } = refusal
  // What was typed as a realm may be a password.
  const message = reason === 'sign_in_realm_unknown' ? 'Unknown realm.' : told
  const isRejected = kind === 'reject' || REJECTED_SIGN_INS.has(reason)
  const authentication = reason === 'declined' ? 'DECLINED' : isRejected ? 'REJECT' : ''
  const isExpired = reason === 'service_key_required' && refusal.expired === true
  const info =
    SHARED_MESSAGES.has(reason) || isExpired ? `${message} (${isExpired ? 'service_key_expired' : reason})` : message
  return { success: false, authentication, info, refused: { reason, isLogin } }
}

/** Records a request that succeeded, after the response is sent. */
export function recordSuccess(
  c: HttpContext,
  action: string,
  info: string,
  subject: RequestSubject,
  authentication = '',
): void {
  const { source } = c.var
  recordLater(c, { action, source, ...auditedFields(subject), success: true, authentication, info })
}

/** Records a phone's answer that belongs to no open challenge. */
export function recordUnmatchedAnswer(c: HttpContext, action: string, serial: string): void {
  const info = 'no open challenge of this phone, or not its signature'
  const { source } = c.var
  const result = { success: false, authentication: '', info, isStrangers: true }
  c.executionCtx.waitUntil(countRequest(c.get('ports'), 'miss', source, action))
  recordLater(c, { action, source, serial, ...result }, `${action} unheard`)
}

/** Records a login that a policy accepted without a token. Without a credential, anybody can make any number of them. */
export async function recordTokenlessLogin(
  c: HttpContext,
  action: string,
  policy: string,
  subject: RequestSubject,
): Promise<void> {
  const service = credentialOrNone(await c.get('credential')())
  const isStrangers = service.kind === 'none'
  const info = `no token, policy ${policy}`
  const result = { success: true, authentication: 'ACCEPT', info, isStrangers, isTokenless: true, service }
  const { source } = c.var
  const kind = isStrangers ? `${action} tokenless` : undefined
  recordLater(c, { action, source, ...auditedFields(subject), ...result }, kind)
}

/** Picks the audited fields of a subject, which may be a whole request with other fields, secrets included. */
const auditedFields = ({ user, realm, owner, serial, transactionId, administrator, caller }: RequestSubject) => ({
  user,
  realm,
  owner,
  serial,
  transactionId,
  administrator,
  credential: caller,
})

const recordLater = (c: HttpContext, request: AuditedRequest, kind?: string): void => {
  // That a source is limited has been recorded once: `countRequest`.
  if (request.refused?.reason !== 'too_many_requests')
    c.executionCtx.waitUntil(recordRequest(c.get('ports'), request, kind))
}
