/** The first leg of a check that involves the upstream, and legs that only the upstream answers. Source: decision 0073. */
import { admitAnonymous, isAdmittedToCheck } from '../../operations/access/admission.ts'
import { limitCaller } from '../../operations/access/rate-limits.ts'
import type { OpenedLogin } from '../../operations/login/login-request.ts'
import type { LoginOutcome } from '../../operations/login/refused-login.ts'
import type { BypassedLogin } from '../../operations/login/use-bypass.ts'
import type { LoginWithoutToken } from '../../operations/login/without-token.ts'
import { checkAcceptance, consultsUpstream, whoServes } from '../../operations/upstream/who-serves.ts'
import type { Upstream } from '../../ports/upstream.ts'
import { parseBypassCode } from '../../protocol/login/bypass-code.ts'
import { challengeDetail } from '../../protocol/login/challenge-detail.ts'
import { combineIds } from '../../protocol/upstream/combined-id.ts'
import {
  isOffered,
  joinChallenges,
  readUpstreamAnswer,
  type UpstreamChallenge,
} from '../../protocol/upstream/upstream-answer.ts'
import type { CheckResponder } from '../check-responder.ts'
import type { HttpContext } from '../context.ts'
import { credentialOrNone } from '../credentials.ts'
import { askCheck, type CheckCall, passInspected, sendAccepted, withdraw } from './answers.ts'
import { isForOtherToken, isUnknownHere } from './passed-on.ts'
import { textOf } from './pass.ts'

type Opened = LoginOutcome<OpenedLogin | LoginWithoutToken | BypassedLogin>

/** Answers the first leg of a check where the upstream has a part in it; undefined if Nod answers alone. `takeBack`: takes back the attempts
 *  that a wrong PIN was counted for. */
export async function answerFirstLeg(
  c: HttpContext,
  upstream: Upstream,
  call: CheckCall,
  leg: { readonly opened: Opened; readonly entry: string | undefined; readonly takeBack: () => Promise<void> },
): Promise<Response | undefined> {
  const { opened, entry, takeBack } = leg
  const isElsewhere = !opened.ok && opened.refusal.reason === 'served_upstream'
  // A bypass code is a secret of Nod's.
  if (entry !== undefined && parseBypassCode(entry) !== undefined)
    return isElsewhere ? call.responder.sendRefusal(c, { reason: 'owner_has_no_tokens' }) : undefined
  if (isElsewhere) return passInspected(c, upstream, call, { isServedThere: true })
  // Those whom the upstream serves do not need Nod's database.
  const isLost = !opened.ok && opened.refusal.reason === 'storage_unavailable'
  if (isLost && (await whoServes(c.var.ports, call.fields, c.var.source)) === 'upstream')
    return passInspected(c, upstream, call, { isServedThere: true })
  if (!opened.ok && isUnknownHere(opened.refusal)) return passInspected(c, upstream, call)
  if (opened.ok ? 'kind' in opened.value || opened.value.finalized !== undefined : !isForOtherToken(opened.refusal))
    return undefined
  const { ports, source } = c.var
  if (!(await consultsUpstream(ports, call.fields, source))) return undefined
  const asked = await askCheck(c, upstream)
  const answer = asked.ok ? readUpstreamAnswer(asked.value.text) : undefined
  if (!asked.ok || answer === undefined) return undefined
  if (answer.kind === 'accept') {
    // One that names no token is a policy's, for a user who has none there: this one has a token here.
    if (answer.serial === undefined) return undefined
    const counts = await checkAcceptance(ports, call.fields, source, answer.serial)
    if (!counts.ok) return undefined
    await takeBack()
    if (opened.ok && !('kind' in opened.value)) await withdraw(c, opened.value.transaction)
    return sendAccepted(c, upstream, call, asked.value, answer.serial)
  }
  const offered = answer.kind === 'challenge' ? answer.challenges.filter(isOffered) : []
  const theirs = answer.detail['transaction_id']
  if (offered.length === 0 || typeof theirs !== 'string' || isEnrollment(answer.detail)) return undefined
  // The PIN was another token's.
  await takeBack()
  if (!opened.ok || 'kind' in opened.value) return call.responder.sendDecision(c, false, onlyTheirs(offered, theirs))
  const detail = joinedDetail(opened.value, offered, theirs)
  return detail && call.responder.sendDecision(c, false, detail)
}

export const isEnrollment = (detail: Readonly<Record<string, unknown>>): boolean =>
  'enroll_via_multichallenge' in detail

/** The detail of a login that both servers have opened; undefined if the upstream's id does not fit. */
export function joinedDetail(
  login: OpenedLogin,
  offered: readonly UpstreamChallenge[],
  theirs: string,
): Readonly<Record<string, unknown>> | undefined {
  const isPolled = offered.some(({ client_mode: mode }) => mode !== 'interactive')
  const id = combineIds({ own: login.transaction, theirs, isPolled })
  return id === undefined ? undefined : joinChallenges(challengeDetail(login), offered, id, login.preferredModes)
}

/** The detail of a login that only the upstream has opened. */
export const onlyTheirs = (offered: readonly UpstreamChallenge[], theirs: string): Readonly<Record<string, unknown>> =>
  joinChallenges({ ...offered.at(-1) }, offered, theirs, ['interactive', 'webauthn', 'poll'])

/** Answers a leg about a transaction id that Nod did not make; undefined if Nod refuses the caller itself, and for a bypass code, which is
 *  a secret of Nod's and works with any id. */
export async function answerForeignId(
  c: HttpContext,
  upstream: Upstream,
  call: CheckCall,
  entry: string,
): Promise<Response | undefined> {
  const { ports, source } = c.var
  if (parseBypassCode(entry) !== undefined) return undefined
  if ((await whoServes(ports, call.fields, source)) === 'upstream')
    return passInspected(c, upstream, call, { isOpenedThere: true, isServedThere: true })
  return (await isAdmitted(c, call)) ? passInspected(c, upstream, call, { isOpenedThere: true }) : undefined
}

/** Whether Nod admits the caller to check this subject. */
export async function isAdmitted(c: HttpContext, { credential, fields }: CheckCall): Promise<boolean> {
  const { ports, source } = c.var
  return credential.kind === 'none'
    ? (await admitAnonymous(ports, source, fields)).ok
    : isAdmittedToCheck(ports, credential, source, fields)
}

/** Whether the request is a login by passkey, which names no user. */
export const hasPasskey = (c: HttpContext): boolean => textOf(c).includes('credential_id')

/** Answers a login by passkey, which only the upstream has. */
export async function answerPasskey(c: HttpContext, upstream: Upstream, responder: CheckResponder): Promise<Response> {
  const { ports, source } = c.var
  const credential = await c.var.credential()
  const limited = await limitCaller(ports, source, credential)
  if (!limited.ok) return responder.sendRefusal(c, limited.refusal)
  const action = `${c.req.method} ${c.req.path}`
  return passInspected(c, upstream, { fields: {}, credential: credentialOrNone(credential), responder, action })
}
