import { present } from '../../present.ts'
import type { Ports } from '../../ports/ports.ts'
import type { CheckCancel } from '../../protocol/login/client-request.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import type { Source } from '../../vocabulary.ts'
import { admitAnonymous, isAdmittedToCheck, serviceKeyRequired } from '../access/admission.ts'
import { bearerOf } from './finalize.ts'
import { auditNameOfCredential, type Credential } from '../access/identify.ts'
import { findTransaction } from './transaction-address.ts'
import { resolveKnownSource } from '../access/believed-address.ts'
import { discloseByPolicy, type LoginOutcome } from './refused-login.ts'

/**
 * Cancels the enrollment during a login, if policy leaves that to the user: deletes the waiting token and finalizes the login, once.
 * This and a phone that registers at the same moment cannot both succeed: both need the waiting token in the catalogue.
 * Refuses: `enrollment_not_cancelled`, whatever the reason; `service_key_required`; `storage_unavailable`.
 */
export async function cancelEnrollment(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: CheckCancel,
  route: string,
): Promise<LoginOutcome<void>> {
  const call = { action: route, source, subject: request, transactionId: request.transactionId }
  return discloseByPolicy(ports, call, cancel(ports, credential, source, request, route))
}

async function cancel(
  ports: Ports,
  credential: Credential,
  from: Source,
  request: CheckCancel,
  route: string,
): Promise<Outcome<void>> {
  const source = await resolveKnownSource(ports, from)
  const open = credential.kind === 'none' ? await admitAnonymous(ports, source, request) : done(undefined)
  if (!open.ok) return open
  const found = await findTransaction(ports, request.transactionId)
  if (found === undefined) return refuse({ reason: 'enrollment_not_cancelled' })
  const { id, shard } = found
  const bearer = await bearerOf(ports, credential, source, request)
  if (bearer.hasEnded) return refuse({ reason: 'service_key_required', expired: true })
  const may = await shard.enrollmentToCancel({ id, ...bearer.caller })
  if (!may.ok) return may
  const { serial, owner } = may.value
  // A caller who named no user was admitted without one: whose login it is, and whether it needs a key, is known only now.
  const isNamed = request.user !== undefined || request.serial !== undefined
  if (!isNamed && !(await isAdmittedToCheck(ports, credential, source, { serial })))
    return refuse(serviceKeyRequired(credential))
  const administrator = auditNameOfCredential(credential, await ports.deployment.cachedOrReload())
  const entry = { at: ports.now(), action: route, administrator, serial, info: id, address: source.address }
  const change = { kind: 'enrollment_cancelled', login: id, ...present({ owner }) } as const
  // A token that still waits has no phone object to be told.
  const deleted = await ports.tokens.change(serial, change, entry, true)
  if (!deleted.ok) return deleted
  return deleted.value ? shard.cancelEnrollment({ id }) : refuse({ reason: 'enrollment_not_cancelled' })
}
