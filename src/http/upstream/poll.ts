import type { Upstream } from '../../ports/upstream.ts'
import { limitCaller } from '../../operations/access/rate-limits.ts'
import type { CombinedId } from '../../protocol/upstream/combined-id.ts'
import type { LoginStatus } from '../../vocabulary.ts'
import type { HttpContext } from '../context.ts'
import { sendDecision, sendRefusal } from '../send.ts'
import { passAdmitted } from './pass.ts'
import { pollThere } from './second-leg.ts'

/** Answers a poll where the upstream has a part in it: of a login that Nod does not have, and, while Nod's part is open, of one that both
 *  have. Undefined if Nod's word is the last. */
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
