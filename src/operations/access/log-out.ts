import type { Ports } from '../../ports/ports.ts'
import { type Outcome, refuse } from '../../refusal.ts'
import { ADMINISTRATOR_ROLES, type Source } from '../../vocabulary.ts'
import { auditNameOf, type Credential, identified } from './identify.ts'
import { durationOf } from './request-duration.ts'

/** Voids the API token that the request carries, and no other of its holder.
 *  Refuses: as `identified`; `role_insufficient` for a service key, which is revoked instead; as the request's parser did. */
export async function logOut(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: Outcome<unknown>,
): Promise<Outcome<void>> {
  const found = await identified(ports, credential)
  if (!found.ok) return found
  if (credential.kind === 'none' || credential.kind === 'key')
    return refuse({ reason: 'role_insufficient', needed: ADMINISTRATOR_ROLES })
  if (!request.ok) return request
  const { address, userAgent, receivedAt } = source
  const at = ports.now()
  return ports.voidSessions.add(credential.session, {
    at,
    ...durationOf(at, receivedAt),
    action: 'POST /auth/logout',
    administrator: auditNameOf(found.value.caller),
    owner: credential.kind === 'user' ? credential.owner : undefined,
    address,
    userAgent,
  })
}
