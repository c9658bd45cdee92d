import { checkLimit } from '../../operations/access/rate-limits.ts'
import { servesSignIn } from '../../operations/upstream/who-serves.ts'
import type { Upstream } from '../../ports/upstream.ts'
import type { SignInRequest } from '../../protocol/login/client-request.ts'
import type { HttpContext } from '../context.ts'
import { sendRefusal } from '../send.ts'
import { passAdmitted } from './pass.ts'

/** Whether a sign-in is the upstream's to decide. The password of an administrator of Nod's is never sent there. */
export const isUpstreamSignIn = async (c: HttpContext, request: SignInRequest): Promise<boolean> => {
  const { ports, source } = c.var
  const { transactionId } = request
  if (transactionId !== undefined && (await ports.identifiers.locate(transactionId)) !== undefined) return false
  return (await servesSignIn(ports, request, source)) === 'upstream'
}

/** Passes a sign-in. A refusal by the upstream counts for its network as one of Nod's does. */
export async function passSignIn(c: HttpContext, upstream: Upstream): Promise<Response> {
  const limited = checkLimit(c.var.ports, 'sign_in', c.var.source)
  return limited.ok ? passAdmitted(c, upstream) : sendRefusal(c, limited.refusal, {})
}
