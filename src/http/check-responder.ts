import { authenticationOf } from '../protocol/envelope.ts'
import type { HttpContext } from './context.ts'
import { wireForm } from './respond.ts'
import { sendDecision, sendRefusal } from './send.ts'
import type { Status } from './wire-form.ts'

/** How a check is answered: with the envelope, or by the status alone. */
export interface CheckResponder {
  /** Whether a caller gets the status alone. */
  readonly isByStatus: boolean
  readonly sendDecision: typeof sendDecision
  readonly sendRefusal: typeof sendRefusal
}

/** Answers with the envelope. */
export const envelopeResponder: CheckResponder = { isByStatus: false, sendDecision, sendRefusal }

/** Answers by status and without a body, for RADIUS servers: 204 accepts, 400 rejects or asks for the second leg. A
 *  refusal keeps its status but has no body either, which FreeRADIUS would parse as attributes.
 *  Source: golden 24-check-shapes. */
export const statusResponder: CheckResponder = {
  isByStatus: true,
  sendDecision: (c, value, detail) => sendStatus(c, authenticationOf(value, detail) === 'ACCEPT' ? 204 : 400),
  sendRefusal: (c, refusal) => {
    const wire = wireForm(refusal)
    return wire.kind === 'reject' ? sendStatus(c, 400) : sendStatus(c, wire.status, wire.headers)
  },
}

const sendStatus = (c: HttpContext, status: Status | 204, headers: Readonly<Record<string, string>> = {}): Response =>
  c.body(null, status, { 'Content-Type': 'text/plain; charset=utf-8', ...headers })
