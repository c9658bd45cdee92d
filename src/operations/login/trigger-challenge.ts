import type { Ports } from '../../ports/ports.ts'
import type { Source } from '../../vocabulary.ts'
import type { Credential } from '../access/identify.ts'
import { type LoginOutcome, refusedLogin } from './refused-login.ts'
import type { LoginRequest, OpenedLogin } from './login-request.ts'
import { trigger } from './trigger.ts'

/** Opens a login without a PIN and rings its phones, for a service that may. No policy hides from it why none rang.
 *  Refuses: as `trigger`. */
export async function triggerChallenge(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: LoginRequest,
): Promise<LoginOutcome<OpenedLogin>> {
  const opened = await trigger(ports, credential, source, request)
  const call = { action: request.action, source, subject: request.subject }
  return opened.ok ? opened : refusedLogin(call, opened.refusal, 'full')
}
