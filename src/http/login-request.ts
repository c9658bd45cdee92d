/** What the two requests that open a login, check and triggerchallenge, have in common. */
import type { Credential } from '../operations/access/identify.ts'
import type { LoginOutcome } from '../operations/login/refused-login.ts'
import type { LoginRequest } from '../operations/login/login-request.ts'
import type { HttpContext } from './context.ts'
import { recordRefusedLogin } from './request-audit.ts'
import { isPassedOn } from './upstream/passed-on.ts'

export const LOGIN_HEADERS = {
  'Idempotency-Key': 'The same request under the same key joins the login that it opened',
  'Accept-Language': 'The language of texts that no policy sets: English or German',
}

/** The login that a response to a service is about: the id that its trace, its log lines and its audit record have. A phone is never
 *  told: its nonce hides the id. */
const TRANSACTION_HEADER = 'Nod-Transaction-Id'

export const nameLogin = (c: HttpContext, transaction: string): void => c.header(TRANSACTION_HEADER, transaction)

/** The parts of the request that no parameter holds: its idempotency key, and the signal that aborts when the caller
 *  disconnects. */
export const connectionOf = (c: HttpContext): Pick<LoginRequest, 'signal' | 'idempotencyKey'> => ({
  signal: c.req.raw.signal,
  idempotencyKey: c.req.header('Idempotency-Key') || undefined,
})

/** Waits for an operation about a login and records its refusal, unless the caller does (`isRecordedLater`). The operation runs to its end even if the caller
 *  disconnects, so that a prompt on a phone always belongs to a stored login. */
export async function completeLogin<T>(
  c: HttpContext,
  caller: Credential,
  operation: Promise<LoginOutcome<T>>,
  isRecordedLater = false,
): Promise<LoginOutcome<T>> {
  c.executionCtx.waitUntil(operation)
  const outcome = await operation
  if (!outcome.ok && !isRecordedLater && !isPassedOn(c, outcome.refusal)) recordRefusedLogin(c, outcome, caller)
  return outcome
}
