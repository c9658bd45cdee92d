import type { Ports } from '../../ports/ports.ts'
import type { Outcome } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import type { Credential } from '../access/identify.ts'
import { authorize } from '../access/identify.ts'

/** The Firebase configurations by name: nothing of the accounts behind them. Refuses: who may not. */
export async function listGateways(ports: Ports, credential: Credential): Promise<Outcome<readonly string[]>> {
  const authorized = await authorize(ports, credential, 'smsgateway_read')
  return authorized.ok ? done(ports.limits.firebase) : authorized
}

/** Service accounts are secrets of the deployment, so none is made or deleted here.
 *  Refuses: who may not; everybody else with `kept_as_secret`. */
export async function changeGateway(ports: Ports, credential: Credential, name: string): Promise<Outcome<never>> {
  const authorized = await authorize(ports, credential, 'smsgateway_write')
  if (!authorized.ok) return authorized
  const id = name === '' ? '<ID>' : name.replaceAll(/[^A-Za-z0-9]/g, '_').toUpperCase()
  return refuse({ reason: 'kept_as_secret', secret: `FIREBASE_${id}` })
}
