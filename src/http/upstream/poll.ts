import type { Upstream } from '../../ports/upstream.ts'
import { limitCaller } from '../../operations/access/rate-limits.ts'
import type { CombinedId } from '../../protocol/upstream/combined-id.ts'
import type { LoginStatus } from '../../vocabulary.ts'
import type { HttpContext } from '../context.ts'
import { sendDecision, sendRefusal } from '../send.ts'
import { passAdmitted } from './pass.ts'
import { pollThere } from './second-leg.ts'

/** Answers the poll of a login that Nod does not have, or of a login of both servers while Nod's part is open. Undefined if Nod answers
 *  alone. */
export async function answerPoll(
  c: HttpContext,
  upstream: Upstream,
  combined: CombinedId | undefined,
  status: LoginStatus | 'unknown',
): Promise<Response | undefined> {
  if (combined === undefined) {
    if (status !== 'unknown') return undefined
    const limited = await limitCaller(c.var.ports, c.var.source, await c.var.credential())
    return limited.ok ? passAdmitted(c, upstream) : sendRefusal(c, limited.refusal)
  }
  if (!combined.isPolled || status === 'accepted' || status === 'declined' || status === 'finalized') return undefined
  const theirs = await pollThere(c, upstream, combined.theirs)
  return theirs?.kind === 'accept' ? sendDecision(c, true, { challenge_status: 'accept' }) : undefined
}
