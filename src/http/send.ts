/** Sends responses in the envelope. */
import { authenticationOf, failure, success } from '../protocol/envelope.ts'
import type { Outcome, Refusal } from '../refusal.ts'
import type { HttpContext } from './context.ts'
import { wireForm } from './respond.ts'

/** Sends a refusal as an error. A rejected login becomes error 905: only endpoints about logins send it as a decision. */
export function sendRefusal(
  c: HttpContext,
  refusal: Refusal,
  detail: null | Readonly<Record<string, unknown>> = null,
): Response {
  c.set('refusal', refusal)
  const wire = wireForm(refusal)
  const { now } = c.get('ports')
  if (wire.kind === 'reject') return c.json(failure(905, `ERR905: ${wire.message}`, { detail }, now()), 400)
  return c.json(failure(wire.code, wire.message, { detail }, now()), wire.status, wire.headers ?? {})
}

/** Sends the result of an endpoint that is not about a login. */
export const sendValue = (c: HttpContext, value: unknown, detail?: Readonly<Record<string, unknown>>): Response =>
  c.json(success(1, value, { detail }, c.get('ports').now()))

/** Sends the result of an endpoint about a login, with `result.authentication`. */
export const sendDecision = (
  c: HttpContext,
  value: boolean | number,
  detail?: Readonly<Record<string, unknown>>,
): Response => c.json(decisionBody(c, value, detail))

/** The body that `sendDecision` sends. */
export const decisionBody = (c: HttpContext, value: boolean | number, detail?: Readonly<Record<string, unknown>>) =>
  success(2, value, { authentication: authenticationOf(value, detail), detail }, c.get('ports').now())

/** Sends the outcome of an operation that is not about a login. */
export const sendOutcome = <T>(c: HttpContext, outcome: Outcome<T>, value: (result: T) => unknown): Response =>
  outcome.ok ? sendValue(c, value(outcome.value)) : sendRefusal(c, outcome.refusal)
