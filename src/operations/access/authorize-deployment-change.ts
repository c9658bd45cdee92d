import type { AuditEntry } from '../../ports/audit.ts'
import type { Ports, Snapshot } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import type { DeploymentRight } from '../../rules/policy/actions/rights.ts'
import type { Source } from '../../vocabulary.ts'
import { auditNameOf, authorize, type Credential } from './identify.ts'
import { durationOf } from './request-duration.ts'

/** A change of the deployment that the caller may make. */
export interface DeploymentChange {
  readonly snapshot: Snapshot
  /** Goes to the audit together with the change. */
  readonly entry: AuditEntry
}

/** Authorizes a change of what all logins share: policies, settings, realms, keys, administrators. For users and their tokens see
 *  `authorizeOwnerChange`. Refuses: as `authorize`. */
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
  const { address, userAgent, receivedAt } = source
  const at = ports.now()
  return done({
    snapshot,
    entry: { at, ...durationOf(at, receivedAt), action, administrator: auditNameOf(caller), info, address, userAgent },
  })
}
