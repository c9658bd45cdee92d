import type { AuditEntry } from '../../ports/audit.ts'
import type { Ports, Snapshot } from '../../ports/ports.ts'
import type { Outcome } from '../../refusal.ts'
import { done } from '../../refusal.ts'
import type { DeploymentRight } from '../../rules/policy/actions/rights.ts'
import type { Source } from '../../vocabulary.ts'
import type { Credential } from './identify.ts'
import { authorize, auditNameOf } from './identify.ts'

/** The deployment as it is, and the record of what is about to be done to it. */
export interface DeploymentChange {
  readonly snapshot: Snapshot
  readonly deed: AuditEntry
}

/** An administrator about to change what all logins share, or one of the roles that may do this as well. What is done to users
 *  and their tokens: `act-over.ts`. Refuses: who may not. */
export async function authorizeDeploymentChange(
  ports: Ports,
  credential: Credential,
  source: Source,
  right: DeploymentRight,
  action: string,
  info?: string,
): Promise<Outcome<DeploymentChange>> {
  const authorized = await authorize(ports, credential, right)
  if (!authorized.ok) return authorized
  const { snapshot, caller } = authorized.value
  const { address, userAgent } = source
  const deed = { at: ports.now(), action, administrator: auditNameOf(caller), address, userAgent }
  return done({ snapshot, deed: info === undefined ? deed : { ...deed, info } })
}
