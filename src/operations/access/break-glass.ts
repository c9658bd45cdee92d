import { encodeHex } from '../../bytes.ts'
import type { Ports } from '../../ports/ports.ts'
import type { BreakGlassRequest } from '../../protocol/administration/administrator-request.ts'
import { type Outcome, refuse } from '../../refusal.ts'
import { seconds, type Source } from '../../vocabulary.ts'
import { type LoginOutcome, refusedLogin } from '../login/refused-login.ts'
import { beginSession } from './begin-session.ts'
import type { Session } from './session.ts'
import { UNKNOWN_NAME } from './sign-in.ts'
import { verifyAdministrator } from './verify-administrator.ts'

export const BREAK_GLASS = 'POST /auth/break-glass'
/** Long enough to give an administrator another phone. */
const LIFETIME = seconds(900)

/**
 * Signs an administrator in by password and by the deployment's secret for emergencies, without the phone, for a quarter of an hour. The
 * sign-in is a security event. A wrong secret is counted and answered as a wrong password. Where the deployment has no secret, every secret
 * is wrong. The account of a plugin cannot sign in this way.
 * Refuses: as `verifyAdministrator`.
 */
export async function breakGlass(
  ports: Ports,
  source: Source,
  request: BreakGlassRequest,
): Promise<LoginOutcome<Session>> {
  const { username } = request
  const snapshot = await ports.deployment.reload()
  const outcome = snapshot.ok ? await authenticate(ports, source, request) : snapshot
  if (outcome.ok) return outcome
  const isKnown = snapshot.ok && snapshot.value.administrators.has(username)
  const subject = { user: isKnown ? username : UNKNOWN_NAME }
  return refusedLogin({ action: BREAK_GLASS, source, subject }, outcome.refusal, 'without_reason')
}

async function authenticate(
  ports: Ports,
  source: Source,
  { username, password, secret }: BreakGlassRequest,
): Promise<Outcome<Session>> {
  // Both are compared in any case: the time does not tell which of them was wrong.
  const [proven, isSecret] = await Promise.all([
    verifyAdministrator(ports, username, password, source.address),
    ports.credentials.isBreakGlassSecret(secret),
  ])
  if (!proven.ok) return proven
  const { administrator } = proven.value
  if (!isSecret || administrator.role === 'validate') return refuse({ reason: 'credentials_wrong' })
  const session = await beginSession(ports, source, administrator, LIFETIME)
  if (session.ok)
    void ports.events.report({
      type: 'break_glass_used',
      id: encodeHex(ports.random(16)),
      at: ports.now(),
      administrator: username,
      address: source.address,
    })
  return session
}
