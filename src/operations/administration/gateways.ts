import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { FIREBASE_PREFIX, firebaseSecret } from '../../vocabulary/firebase.ts'
import { authorize, type Credential } from '../access/identify.ts'

/** Lists the names of the Firebase configurations, and nothing of their accounts. Refuses: as `authorize`. */
export async function listGateways(ports: Ports, credential: Credential): Promise<Outcome<readonly string[]>> {
  const authorized = await authorize(ports, credential, 'smsgateway_read')
  return authorized.ok ? done(ports.limits.firebase) : authorized
}

/** Always refuses: service accounts are secrets of the deployment, and Nod cannot change them.
 *  Refuses: as `authorize`; `kept_as_secret`. */
export async function changeGateway(ports: Ports, credential: Credential, name: string): Promise<Outcome<never>> {
  const authorized = await authorize(ports, credential, 'smsgateway_write')
  if (!authorized.ok) return authorized
  return refuse({ reason: 'kept_as_secret', secret: name === '' ? `${FIREBASE_PREFIX}<ID>` : firebaseSecret(name) })
}
