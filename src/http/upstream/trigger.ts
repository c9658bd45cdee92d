/** Triggers challenges that involve the upstream. Source: decision 0073. */
import type { OpenedLogin } from '../../operations/login/login-request.ts'
import type { LoginOutcome } from '../../operations/login/refused-login.ts'
import { isKnownSerial, consultedOwner, whoServes } from '../../operations/upstream/who-serves.ts'
import type { Upstream } from '../../ports/upstream.ts'
import type { TriggerChallenge } from '../../protocol/login/client-request.ts'
import { isForeignToken } from '../../protocol/upstream/passed-request.ts'
import { isOffered } from '../../protocol/upstream/upstream-answer.ts'
import { seconds } from '../../vocabulary.ts'
import type { HttpContext } from '../context.ts'
import { sendDecision } from '../send.ts'
import { isEnrollment, joinedDetail, onlyTheirs } from './first-leg.ts'
import { pass, sendReply } from './pass.ts'
import { isForOtherToken, isUnknownHere } from './passed-on.ts'
import { accountTrigger, triggerOthers } from './trigger-others.ts'

/** How long a trigger waits for the upstream if only the upstream can answer it. */
const TRIGGER_LIMIT = seconds(10)

/** Passes a trigger by a caller whose API token is the upstream's, for a user whom the upstream serves; undefined for all others, whom Nod
 *  refuses. */
export async function passForeignTrigger(
  c: HttpContext,
  upstream: Upstream,
  request: TriggerChallenge,
): Promise<Response | undefined> {
  if (!presentsForeignToken(c) || (await whoServes(c.var.ports, request, c.var.source)) !== 'upstream') return undefined
  return pass(c, upstream)
}

/** Whether the credential that counts in this request is an API token of the upstream's. */
export const presentsForeignToken = (c: HttpContext): boolean => {
  const { headers } = c.req.raw
  return isForeignToken(headers.get('PI-Authorization') || headers.get('Authorization') || '')
}

/** Answers a trigger that Nod has authorized, where the upstream has a part in it: by Nod's account there, never by the caller's credential.
 *  Undefined if Nod answers alone. */
export async function answerTrigger(
  c: HttpContext,
  upstream: Upstream,
  request: TriggerChallenge,
  opened: LoginOutcome<OpenedLogin>,
): Promise<Response | undefined> {
  const { ports, source } = c.var
  if (!upstream.hasAccount) return undefined
  if (!opened.ok) {
    const { reason } = opened.refusal
    const isTheirs =
      reason === 'served_upstream' ||
      isUnknownHere(opened.refusal) ||
      (reason === 'no_suitable_token' && request.serial !== undefined && !(await isKnownSerial(ports, request.serial)))
    if (isTheirs) {
      const asked = await upstream.askAsAccount(accountTrigger(c, request), TRIGGER_LIMIT, false)
      return asked.ok ? sendReply(c, upstream, asked.value) : undefined
    }
    if (!isForOtherToken(opened.refusal)) return undefined
  }
  const owner = await consultedOwner(ports, request, source)
  const answer = owner && (await triggerOthers(c, upstream, owner))
  if (answer === undefined || isEnrollment(answer.detail)) return undefined
  const offered = answer.challenges.filter(isOffered)
  const theirs = answer.detail['transaction_id']
  if (offered.length === 0 || typeof theirs !== 'string') return undefined
  if (!opened.ok) return sendDecision(c, offered.length, onlyTheirs(offered, theirs))
  const detail = joinedDetail(opened.value, offered, theirs)
  return detail && sendDecision(c, opened.value.challenges.length + offered.length, detail)
}
