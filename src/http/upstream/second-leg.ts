/** The second leg of a login that is open both here and at the upstream. Source: decision 0073. */
import { findTransaction } from '../../operations/login/transaction-address.ts'
import { checkAcceptance } from '../../operations/upstream/who-serves.ts'
import type { Upstream } from '../../ports/upstream.ts'
import { parseBypassCode } from '../../protocol/login/bypass-code.ts'
import type { CheckFinalize } from '../../protocol/login/client-request.ts'
import type { CombinedId } from '../../protocol/upstream/combined-id.ts'
import { readUpstreamAnswer, type UpstreamAnswer } from '../../protocol/upstream/upstream-answer.ts'
import type { Refusal } from '../../refusal.ts'
import { seconds } from '../../vocabulary.ts'
import type { HttpContext } from '../context.ts'
import {
  askCheck,
  OWN_REQUEST_LIMIT,
  type CheckCall,
  passInspected,
  sendAccepted,
  sendAnswer,
  withdraw,
} from './answers.ts'
import { isAdmitted } from './first-leg.ts'
import { textOf, upstreamHeaders } from './pass.ts'

/** An entry of this length or longer is a one-time password, and is not compared with a phone's code, because that would count. */
const SHORTEST_OTP = 6

/** The entry for Nod in the second leg of a login that both servers have opened. It is empty if the entry cannot be a code of the phone. */
export const ownEntry = (entry: string): string =>
  entry.length >= SHORTEST_OTP && parseBypassCode(entry) === undefined ? '' : entry

/** A second leg that Nod has refused. */
interface RefusedLeg {
  readonly request: CheckFinalize
  /** The transaction id as it was sent, if it has two parts. */
  readonly combined: (CombinedId & { readonly sent: string }) | undefined
  readonly refusal: Refusal
}

/**
 * Answers the second leg of a login that both have opened, or whose id is Nod's by its MAC only, after Nod has refused it; undefined if that
 * refusal is the answer. It is, if the user has declined: then nothing lets anybody in by this login. A cancelled login is left to the other
 * token.
 */
export async function answerSecondLeg(
  c: HttpContext,
  upstream: Upstream,
  call: CheckCall,
  { request, combined, refusal }: RefusedLeg,
): Promise<Response | undefined> {
  const isOpen = refusal.reason === 'not_accepted'
  const isUnknown = refusal.reason === 'transaction_unknown' && refusal.isCallers !== true
  if (!(combined !== undefined && isOpen) && !isUnknown) return undefined
  // A refused bypass code is still a secret of Nod's: the user may have mistyped one letter of it.
  if (parseBypassCode(request.entry) !== undefined) return undefined
  if (isUnknown && !(await isAdmitted(c, call))) return undefined
  if (await isDeclined(c, request.transactionId)) return undefined
  const { theirs, isPolled } = combined ?? { theirs: request.transactionId, isPolled: true }
  // To privacyIDEA an empty entry is a wrong one, unless what it asks for is done elsewhere.
  const isEmpty = request.entry === '' && !hasSignature(c)
  if (isEmpty && !(isPolled && (await pollThere(c, upstream, theirs))?.kind === 'accept')) return undefined
  if (combined === undefined) return passInspected(c, upstream, call)
  const asked = await askCheck(c, upstream, { text: combined.sent, by: theirs })
  const answer = asked.ok ? readUpstreamAnswer(asked.value.text) : undefined
  if (!asked.ok || answer === undefined) return undefined
  if (answer.kind === 'challenge') return sendAnswer(c, upstream, call.responder, asked.value)
  if (answer.kind !== 'accept' || answer.serial === undefined) return undefined
  const counts = await checkAcceptance(c.var.ports, call.fields, c.var.source, answer.serial)
  if (!counts.ok) return undefined
  // The phone may have declined meanwhile.
  if (await isDeclined(c, request.transactionId)) return undefined
  if (isOpen) await withdraw(c, request.transactionId)
  return sendAccepted(c, upstream, call, asked.value, answer.serial)
}

/** Whether the second leg brings more than `pass`: the signature of a security key. */
const hasSignature = (c: HttpContext): boolean => /signature_?data/i.test(textOf(c))

async function isDeclined(c: HttpContext, id: string): Promise<boolean> {
  const found = await findTransaction(c.var.ports, id)
  if (found === undefined) return false
  const status = await found.shard.status({ id: found.id, wait: seconds(0) })
  return status.ok && status.value === 'declined'
}

/** The upstream's status of its part of a login; undefined if it does not answer. */
export async function pollThere(
  c: HttpContext,
  upstream: Upstream,
  theirs: string,
): Promise<UpstreamAnswer | undefined> {
  const target = `/validate/polltransaction?transaction_id=${encodeURIComponent(theirs)}`
  const asked = await upstream.ask({ method: 'GET', target, headers: upstreamHeaders(c) }, OWN_REQUEST_LIMIT)
  return asked.ok ? readUpstreamAnswer(asked.value.text) : undefined
}
