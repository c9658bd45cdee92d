import { Hono } from 'hono'
import { present } from '../present.ts'
import { finalize } from '../operations/finalize.ts'
import type { Credential } from '../operations/identify.ts'
import { standingOf } from '../operations/standing.ts'
import type { Triggered, TriggerRequest } from '../operations/trigger.ts'
import { trigger } from '../operations/trigger.ts'
import { challengeDetail, statusDetail } from '../protocol/challenge-answer.ts'
import { parseCheck, parsePollTransaction, parseTriggerChallenge } from '../protocol/client-request.ts'
import type { Outcome, Refusal } from '../refusal.ts'
import type { Asked, Known } from './context.ts'
import { allowOrigin } from './cors.ts'
import { note } from './noted.ts'
import { parametersOf } from './parameters.ts'
import { decided, refused, wireOf } from './respond.ts'
import { methods } from './routes.ts'

export const validate = new Hono<Known>()

const check = async (c: Asked): Promise<Response> => {
  const params = await parametersOf(c)
  const asked = params.ok ? parseCheck(params.value) : params
  if (!asked.ok) return refused(c, asked.refusal)
  const request = asked.value
  const credential = forgiving(c.var.credential)
  if (request.kind === 'finalize') {
    const { ports } = c.var
    const used = await settled(c, finalize(ports, credential, request))
    if (used.ok) return decided(c, true, { message: 'Found matching challenge', serial: used.value.serial })
    note(c, `${c.req.method} /validate/check`, used.refusal, request)
    return rejected(c, used.refusal)
  }
  const { user, realm, serial, pin, exception } = request
  const subject = present({ user, realm, serial })
  const opened = await ring(c, credential, {
    subject,
    pin: { given: pin },
    exception,
    route: `${c.req.method} /validate/check`,
  })
  if (!opened.ok) return rejected(c, opened.refusal)
  const { finalizedBy } = opened.value
  if (finalizedBy === undefined) return decided(c, false, challengeDetail(asAnswer(opened.value)))
  return decided(c, true, { message: 'matching 1 tokens', ...waited(finalizedBy) })
}

const triggerChallenge = async (c: Asked): Promise<Response> => {
  const { credential } = c.var
  if (!credential.ok) return refused(c, credential.refusal, {})
  if (credential.value.kind === 'none') return refused(c, { reason: 'authorization_missing' }, {})
  const params = await parametersOf(c)
  const asked = params.ok ? parseTriggerChallenge(params.value) : params
  if (!asked.ok) return refused(c, asked.refusal)
  const { user, realm, serial, exception } = asked.value
  const subject = present({ user, realm, serial })
  const opened = await ring(c, credential.value, {
    subject,
    exception,
    route: `${c.req.method} /validate/triggerchallenge`,
  })
  if (opened.ok) return decided(c, opened.value.challenges.length, challengeDetail(asAnswer(opened.value)))
  return nothingRung(c, opened.refusal)
}

methods(validate, '/validate/check', { GET: check, POST: check })
methods(validate, '/validate/triggerchallenge', { GET: triggerChallenge, POST: triggerChallenge })

const poll = async (c: Asked): Promise<Response> => {
  const params = await parametersOf(c)
  const asked = params.ok ? parsePollTransaction(params.value) : params
  if (!asked.ok) return refused(c, asked.refusal)
  const { value, detail } = statusDetail(await standingOf(c.var.ports, asked.value))
  allowOrigin(c)
  return decided(c, value, detail)
}

methods(validate, '/validate/polltransaction', { GET: poll })
methods(validate, '/validate/polltransaction/:transaction_id', { GET: poll })

/** Rung to the end even when the caller hangs up: what a phone shows must be known to us. */
async function ring(
  c: Asked,
  credential: Credential,
  asked: Omit<TriggerRequest, 'hungUp'>,
): Promise<Outcome<Triggered>> {
  const request = { ...asked, hungUp: c.req.raw.signal }
  const opened = await settled(c, trigger(c.var.ports, credential, c.var.source, request))
  if (!opened.ok) note(c, request.route, opened.refusal, request.subject)
  return opened
}

async function settled<T>(c: Asked, work: Promise<T>): Promise<T> {
  c.executionCtx.waitUntil(work)
  return work
}

/** Where a call is allowed without any credential, one that does not read counts as none: plugins send what they like. */
const forgiving = (credential: Outcome<Credential>): Credential => (credential.ok ? credential.value : { kind: 'none' })

/** A login that goes no further is no error: 200, false, and why. `transaction_id` must not be in it. */
function rejected(c: Asked, refusal: Refusal): Response {
  const wire = wireOf(refusal)
  if (wire.kind === 'error') return refused(c, refusal)
  const { message, serial } = wire
  if (refusal.reason === 'declined')
    return decided(c, false, { message, challenge_status: refusal.status, ...waited(refusal.serial) })
  if (refusal.reason === 'unanswered') return decided(c, false, { message, ...waited(refusal.serial) })
  return decided(c, false, serial === undefined ? { message } : { message, serial, type: 'push' })
}

/** What privacyIDEA says of the token at the end of a call that waited. Source: contract 10. */
const waited = (serial: string) => ({ serial, type: 'push', otplen: 6 })

/** A trigger that rang nobody: 200, nought. Only a lock is told of, as privacyIDEA does. */
function nothingRung(c: Asked, refusal: Refusal): Response {
  const wire = wireOf(refusal)
  if (wire.kind === 'error') return refused(c, refusal, wire.status === 401 ? {} : null)
  const none = { messages: [], multi_challenge: [], transaction_ids: [] }
  return decided(c, 0, refusal.reason === 'attempts_exceeded' ? { ...none, message: wire.message } : none)
}

const asAnswer = ({ transaction, challenges, message, settings }: Triggered) => ({
  transactionId: transaction,
  message,
  challenges,
  interactive: settings.mode === 'code_to_phone',
  preferredModes: settings.preferredModes,
})
