import { limitLogin } from '../../operations/access/rate-limits.ts'
import { triggerChallenge } from '../../operations/login/trigger-challenge.ts'
import { challengeDetail, loginShape } from '../../protocol/login/challenge-detail.ts'
import { parseTriggerChallenge } from '../../protocol/login/client-request.ts'
import { integer } from '../../protocol/shape.ts'
import type { Refusal } from '../../refusal.ts'
import type { HttpContext } from '../context.ts'
import { completeLogin, connectionOf, LOGIN_HEADERS, nameLogin } from '../login-request.ts'
import { wireForm } from '../respond.ts'
import { sendDecision, sendRefusal } from '../send.ts'
import { Router } from '../router.ts'
import { addRoutes, route } from '../route.ts'
import { withAddressClaims } from '../source.ts'
import { answerTrigger, passForeignTrigger } from '../upstream/trigger.ts'

export const validateTriggerRoutes = new Router()

const triggerRoute = route(
  {
    summary: 'Open a login without a PIN',
    description: "Rings the user's phones. The service has checked the first factor itself.",
    access: 'trigger',
    parser: parseTriggerChallenge,
    headers: LOGIN_HEADERS,
    value: integer('Number of challenges'),
    detail: loginShape,
    refuses: [403],
    example: { user: 'ada' },
  },
  async (c, parse) => {
    const credential = await c.get('credential')()
    const { upstream } = c.var.ports
    if (!credential.ok && upstream !== undefined) {
      const request = await parse()
      const passed = request.ok ? await passForeignTrigger(c, upstream, request.value) : undefined
      if (passed !== undefined) return passed
    }
    if (!credential.ok) return sendRefusal(c, credential.refusal, {})
    if (credential.value.kind === 'none') return sendRefusal(c, { reason: 'authorization_missing' }, {})
    const parsed = await parse()
    if (!parsed.ok) return sendRefusal(c, parsed.refusal)
    const { user, realm, serial, exception, type, client } = parsed.value
    const subject = { user, realm, serial }
    const action = `${c.req.method} /validate/triggerchallenge`
    const request = { subject, exception, action, type, ...connectionOf(c) }
    c.set('source', withAddressClaims(c.get('source'), client, '/validate/triggerchallenge'))
    const limited = await limitLogin(c.get('ports'), c.get('source'), credential.value, subject)
    if (!limited.ok) return sendRefusal(c, limited.refusal)
    const triggering = triggerChallenge(c.get('ports'), credential.value, c.get('source'), request)
    const opened = await completeLogin(c, credential.value, triggering)
    if (opened.ok) nameLogin(c, opened.value.transaction)
    if (upstream !== undefined) {
      const answered = await answerTrigger(c, upstream, parsed.value, opened)
      if (answered !== undefined) return answered
    }
    if (opened.ok) return sendDecision(c, opened.value.challenges.length, challengeDetail(opened.value))
    // Without an account at the upstream nobody can be rung there.
    const { refusal } = opened
    return sendNoChallenges(c, refusal.reason === 'served_upstream' ? { reason: 'owner_has_no_tokens' } : refusal)
  },
)
addRoutes(validateTriggerRoutes, '/validate/triggerchallenge', { GET: triggerRoute, POST: triggerRoute })

/** The reasons that privacyIDEA names when no phone was rung, and one of Nod's. Source: golden 04-trigger. */
const NAMED_REASONS: ReadonlySet<Refusal['reason']> = new Set([
  'attempts_exceeded',
  'source_blocked',
  'uses_exceeded',
  'outside_validity',
])

/** Answers a trigger that rang no phone: status 200 with `value: 0`. */
function sendNoChallenges(c: HttpContext, refusal: Refusal): Response {
  const wire = wireForm(refusal)
  if (wire.kind === 'error') return sendRefusal(c, refusal, wire.status === 401 ? {} : null)
  const none = { messages: [], multi_challenge: [], transaction_ids: [] }
  const { message } = wire
  return sendDecision(c, 0, NAMED_REASONS.has(refusal.reason) ? { ...none, message, messages: [message] } : none)
}
