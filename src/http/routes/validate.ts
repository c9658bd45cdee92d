import { present } from '../../present.ts'
import { authorizePoll } from '../../operations/access/admission.ts'
import { cancelEnrollment } from '../../operations/login/cancel-enrollment.ts'
import { check, finalizeOrBypass } from '../../operations/login/check.ts'
import { disclosureFor } from '../../operations/login/disclosure.ts'
import { pollTransaction } from '../../operations/login/poll-transaction.ts'
import type { TriggerRequest, Used } from '../../operations/login/trigger.ts'
import { trigger } from '../../operations/login/trigger.ts'
import type { BypassedLogin } from '../../operations/login/use-bypass.ts'
import type { LoginWithoutToken } from '../../operations/login/without-token.ts'
import { challengeDetail, loginShape, statusDetail, statusShape } from '../../protocol/login/challenge-detail.ts'
import { enrollmentDetail } from '../../protocol/login/enrollment-detail.ts'
import type { Check, PollTransaction, SubjectFields, TriggerChallenge } from '../../protocol/login/client-request.ts'
import { parseCheck, parsePollTransaction, parseTriggerChallenge } from '../../protocol/login/client-request.ts'
import { integer, boolean } from '../../protocol/shape.ts'
import type { Outcome, Refusal } from '../../refusal.ts'
import type { NamedToken } from '../../vocabulary.ts'
import type { HttpContext } from '../context.ts'
import { allowOrigin } from '../cors.ts'
import { credentialOrNone } from '../credentials.ts'
import { recordRefusal, recordTokenlessLogin } from '../request-audit.ts'
import type { CheckResponder } from '../respond.ts'
import { envelopeResponder, statusResponder, sendDecision, sendRefusal, wireForm } from '../respond.ts'
import { Router } from '../router.ts'
import type { RouteDescription } from '../route.ts'
import { addRoutes, route as declareRoute } from '../route.ts'
import { withAddressClaims } from '../source.ts'

type Detail = Readonly<Record<string, unknown>>

export const validateRoutes = new Router()

/** Nod's own; see docs/protocol.md. */
const REPEATED = { 'Idempotency-Key': 'The same request under the same key joins the login that it opened' }

const CHECK = {
  description:
    'The first leg sends the PIN as `pass` and rings the phones; poll until the login is accepted; the second leg ' +
    'sends its `transaction_id`, and the code from the phone as `pass` where one is asked for. A login is used once.',
  who: 'check',
  reads: parseCheck,
  headers: REPEATED,
  refuses: [403],
  example: { user: 'ada', pass: '1234' },
} as const

/** A check, whichever way it is answered: the path is all that tells one from the other. */
const checking = (
  path: string,
  as: CheckResponder,
  said: Pick<RouteDescription<Check>, 'summary' | 'value' | 'detail' | 'bare'>,
) =>
  declareRoute({ ...CHECK, ...said }, async (c, read) => {
    const asked = await read()
    if (!asked.ok) return as.sendRefusal(c, asked.refusal)
    const request = asked.value
    const { ports } = c.var
    const source = withAddressClaims(c.var.source, request.client)
    c.set('source', source)
    const credential = credentialOrNone(c.var.credential)
    const route = `${c.req.method} ${path}`
    if (request.kind === 'finalize') {
      const used = await noted(c, route, request, finalizeOrBypass(ports, credential, source, request, route))
      if (!used.ok) return rejected(c, used.refusal, request, as)
      if ('kind' in used.value) return bypassed(c, used.value, as)
      const { serial, answer } = used.value
      return as.sendDecision(c, true, succeeded({ message: 'Found matching challenge', serial }, answer))
    }
    if (request.kind === 'cancel') {
      const cancelled = await noted(c, route, request, cancelEnrollment(ports, credential, source, request, route))
      if (!cancelled.ok) return rejected(c, cancelled.refusal, request, as)
      return as.sendDecision(c, true, { message: 'Cancelled enrollment via multichallenge' })
    }
    const { user, realm, serial, pin, exception, type } = request
    const subject = present({ user, realm, serial })
    const opening = { subject, pin: { given: pin }, exception, route, ...present({ type }), ...sentWith(c) }
    const opened = await noted(c, route, subject, check(ports, credential, source, opening))
    if (!opened.ok) return rejected(c, opened.refusal, subject, as)
    if ('kind' in opened.value && opened.value.kind === 'bypassed') return bypassed(c, opened.value, as)
    if ('kind' in opened.value) return tokenless(c, opened.value, opening, as)
    const { finalizedBy } = opened.value
    if (finalizedBy === undefined) return as.sendDecision(c, false, challengeDetail(opened.value))
    const { answer, ...token } = finalizedBy
    return as.sendDecision(c, true, succeeded({ message: 'matching 1 tokens', ...waited(token) }, answer))
  })

const bypassed = (c: HttpContext, { answer }: BypassedLogin, as: CheckResponder): Response =>
  as.sendDecision(c, true, succeeded({ message: 'Bypass code accepted' }, answer))

/** The answer to a user who has no token; the words are privacyIDEA's. */
function tokenless(
  c: HttpContext,
  found: LoginWithoutToken,
  { route, subject }: Omit<TriggerRequest, 'pin'>,
  as: CheckResponder,
): Response {
  if (found.kind === 'enrolling') return as.sendDecision(c, false, enrollmentDetail(found))
  recordTokenlessLogin(c, route, found.policy, subject)
  const who = found.kind === 'passed' ? 'user has no token' : 'user does not exist'
  return as.sendDecision(c, true, succeeded({ message: `${who}, accepted due to '${found.policy}'` }, found.answer))
}

const TRIGGER: RouteDescription<TriggerChallenge> = {
  summary: 'Open a login without a PIN',
  description: "Rings the user's phones; the service has asked for the first factor itself.",
  who: 'trigger',
  reads: parseTriggerChallenge,
  headers: REPEATED,
  value: integer('How many phones are asked'),
  detail: loginShape,
  refuses: [403],
  example: { user: 'ada' },
}

const triggerChallenge = declareRoute(TRIGGER, async (c, read) => {
  const { credential } = c.var
  if (!credential.ok) return sendRefusal(c, credential.refusal, {})
  if (credential.value.kind === 'none') return sendRefusal(c, { reason: 'authorization_missing' }, {})
  const asked = await read()
  if (!asked.ok) return sendRefusal(c, asked.refusal)
  const { user, realm, serial, exception, type, client } = asked.value
  const subject = present({ user, realm, serial })
  const route = `${c.req.method} /validate/triggerchallenge`
  const opening = { subject, exception, route, ...present({ type }), ...sentWith(c) }
  c.set('source', withAddressClaims(c.var.source, client))
  const opened = await noted(c, route, subject, trigger(c.var.ports, credential.value, c.var.source, opening))
  if (opened.ok) return sendDecision(c, opened.value.challenges.length, challengeDetail(opened.value))
  return nothingRung(c, opened.refusal)
})

const checkEnvelope = checking('/validate/check', envelopeResponder, {
  summary: 'Open a login with a PIN, or use what the phone has said',
  value: boolean('Whether the user may come in'),
  detail: loginShape,
})
const checkStatus = checking('/validate/radiuscheck', statusResponder, {
  summary: 'The same, answered by the status alone',
  bare: { 204: 'The user may come in', 400: 'They may not, or not yet' },
})
addRoutes(validateRoutes, '/validate/check', { GET: checkEnvelope, POST: checkEnvelope })
addRoutes(validateRoutes, '/validate/radiuscheck', { GET: checkStatus, POST: checkStatus })
addRoutes(validateRoutes, '/validate/triggerchallenge', { GET: triggerChallenge, POST: triggerChallenge })

const POLL: RouteDescription<PollTransaction> = {
  summary: 'Ask how a login stands',
  description: 'Whoever knows its id may; with `wait` the answer comes when it changes.',
  who: 'anyone',
  reads: parsePollTransaction,
  value: boolean('Whether it is accepted, and waits to be finalized'),
  detail: statusShape,
  refuses: [403],
  example: { transaction_id: '01234567890123456789', wait: '30' },
}

const poll = declareRoute(POLL, async (c, read) => {
  const asked = await read()
  if (!asked.ok) return sendRefusal(c, asked.refusal)
  const may = await authorizePoll(c.var.ports, credentialOrNone(c.var.credential), c.var.source)
  if (!may.ok) return sendRefusal(c, may.refusal)
  const asking = pollTransaction(c.var.ports, asked.value, c.req.raw.signal)
  // Else nothing runs any more once the caller has gone, and its place would be kept for it.
  c.executionCtx.waitUntil(asking)
  const stands = await asking
  allowOrigin(c)
  if (!stands.ok) return sendRefusal(c, stands.refusal)
  const { value, detail } = statusDetail(stands.value)
  return sendDecision(c, value, detail)
})

addRoutes(validateRoutes, '/validate/polltransaction', { GET: poll })
addRoutes(validateRoutes, '/validate/polltransaction/:transaction_id', { GET: poll })

/** What else the request says: until when its caller listens, and whether it is one that came before. */
const sentWith = (c: HttpContext): Pick<TriggerRequest, 'hungUp' | 'idempotencyKey'> => ({
  hungUp: c.req.raw.signal,
  ...present({ idempotencyKey: c.req.header('Idempotency-Key') || undefined }),
})

/** Done to the end even when the caller hangs up: what a phone shows must be known to us. A refusal goes into the audit. */
async function noted<T>(
  c: HttpContext,
  route: string,
  about: SubjectFields,
  work: Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  c.executionCtx.waitUntil(work)
  const outcome = await work
  if (!outcome.ok) recordRefusal(c, route, outcome.refusal, about)
  return outcome
}

/** What is told of a login that succeeded: what policy adds, or nothing at all. */
const succeeded = (detail: Detail, answer: Used['answer']): Detail | undefined =>
  answer === 'bare' ? undefined : { ...detail, ...answer }

/** A login that goes no further is no error: 200, false, and why, unless policy hides it. `transaction_id` must not be in it. */
async function rejected(
  c: HttpContext,
  refusal: Refusal,
  subject: SubjectFields,
  as: CheckResponder,
): Promise<Response> {
  const wire = wireForm(refusal)
  if (wire.kind === 'error') return as.sendRefusal(c, refusal)
  const { why, everything } = await disclosureFor(c.var.ports, c.var.source, subject)
  if (everything) return as.sendDecision(c, false)
  const status = refusal.reason === 'declined' ? { challenge_status: refusal.status } : {}
  if (why) return as.sendDecision(c, false, { message: 'Authentication failed.', ...status })
  const { message, token } = wire
  if (refusal.reason === 'declined' || refusal.reason === 'unanswered')
    return as.sendDecision(c, false, { message, ...status, ...waited(refusal.token) })
  return as.sendDecision(c, false, { message, ...token })
}

/** What privacyIDEA says of the token at the end of a call that waited. Source: docs/protocol.md, "Requests that wait". */
const waited = ({ serial, type }: NamedToken) => ({ serial, type, otplen: 6 })

/** Of what keeps a phone from being rung, only this is told of, as privacyIDEA does. Source: golden 04-trigger. */
const TOLD: ReadonlySet<Refusal['reason']> = new Set(['attempts_exceeded', 'uses_exceeded', 'outside_validity'])

/** A trigger that rang nobody: 200, nought. */
function nothingRung(c: HttpContext, refusal: Refusal): Response {
  const wire = wireForm(refusal)
  if (wire.kind === 'error') return sendRefusal(c, refusal, wire.status === 401 ? {} : null)
  const none = { messages: [], multi_challenge: [], transaction_ids: [] }
  const { message } = wire
  return sendDecision(c, 0, TOLD.has(refusal.reason) ? { ...none, message, messages: [message] } : none)
}
